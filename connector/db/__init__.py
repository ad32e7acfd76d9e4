"""Tables, transactions and queries. Every query is scoped to one store; nothing here calls a network."""

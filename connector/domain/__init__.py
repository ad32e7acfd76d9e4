"""Rules and maths without I/O: what is counted, what it is worth, and what follows from it."""

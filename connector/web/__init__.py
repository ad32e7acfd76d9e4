"""HTTP in: pairing, deliveries, status and health. A 2xx here means that the database has it."""

"""Background jobs, one use case a file. Each is idempotent and carries ids only."""

"""How fast the value engine and the nightly run are, measured beside what people use instead. Start at README.md."""

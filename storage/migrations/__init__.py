"""Hold the history of the schema."""

"""Hold the procedures: one folder each, one module per use case."""

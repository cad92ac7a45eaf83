"""Keep rows, objects and jobs: SQLite and a folder by default."""

"""Administer processes: versions, migration, what is due, what went wrong."""

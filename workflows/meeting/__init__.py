"""Cuộc họp: planned, invited, held, concluded, with the answers of everybody invited."""

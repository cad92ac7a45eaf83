"""Văn bản đến: one recipient's copy, from its arrival to the end of its handling."""

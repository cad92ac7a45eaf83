"""Xin ý kiến: one question to one person or one unit, until it is answered or its time is up."""

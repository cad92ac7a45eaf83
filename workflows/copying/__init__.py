"""Certify copies of paper: asked for, approved by the head, numbered and signed by the clerk."""

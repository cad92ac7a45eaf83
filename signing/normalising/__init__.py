"""Take in files nobody trusts: refuse what acts, rewrite the rest before it is signed."""

"""Contestants of the signing benchmark: ours, pyHanko as it comes, openssl, Node, raw keys."""

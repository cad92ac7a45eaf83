"""Sign at the official's own computer: a small server on the loopback address.

It asks its person, not the page: who wants a signature, on what, and the PIN.
"""

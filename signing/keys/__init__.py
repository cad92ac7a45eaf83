"""Open the keys that sign: software keys, tokens, remote services, keys at the client."""

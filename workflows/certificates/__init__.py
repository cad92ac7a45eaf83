"""Give certificates, renew, stop and revoke them; release PINs; let posts end."""

"""Show documents and deliveries to those who may see them."""

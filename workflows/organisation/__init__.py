"""Set up and keep an installation: agencies, people, certificates."""

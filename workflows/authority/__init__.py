"""Say who signs what for an agency, and who does whose work while they are away."""

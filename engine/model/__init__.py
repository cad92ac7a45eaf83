"""Describe agencies, people, documents, registers and deliveries, with their own rules."""

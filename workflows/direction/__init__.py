"""Give assignments, follow them up, extend them, and confirm that they are done."""

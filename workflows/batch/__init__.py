"""Sign many documents in one ceremony: one list, one PIN, one outcome for each document."""

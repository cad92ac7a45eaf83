"""Prepare what browsers load: copied packages, own files, icons, licences, translations."""

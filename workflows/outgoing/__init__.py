"""Văn bản đi: from a draft to the dispatch of the sealed original."""

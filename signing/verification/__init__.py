"""Judge the signatures of a PDF: pyHanko's processes of EN 319 102-1, then our own rules."""

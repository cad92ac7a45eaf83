"""Judge files: uploads of anybody, originals of the house."""

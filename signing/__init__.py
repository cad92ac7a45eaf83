"""Make and judge PDF signatures; the only room that knows pyHanko and cryptography."""

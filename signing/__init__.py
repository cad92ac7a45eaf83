"""Make and judge PDF signatures; the only room that knows pyHanko and cryptography."""

from signing.asn1 import mend_dump

mend_dump()

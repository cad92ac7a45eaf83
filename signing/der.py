"""Write the few forms of DER that a signature is made of, from parts that are kept.

A library that models every type builds the whole tree anew for each signature; here a signature
is a handful of joined bytes, and what does not change from one to the next is encoded once.

Source: ITU-T X.690, clauses 8 and 10 (lengths), 11.6 (order of a SET OF), 11.7 (times).
"""

from datetime import UTC, datetime

INTEGER = 0x02
OCTET_STRING = 0x04
SEQUENCE = 0x30
SET = 0x31
GENERALIZED_TIME = 0x18
_CONTEXT = 0xA0
_SHORT = 0x80  # lengths below this are a single byte


def encoded(tag: int, *contents: bytes) -> bytes:
    """Return one value: `tag`, the length of the joined `contents`, and these."""
    content = b"".join(contents)
    length = len(content)
    if length < _SHORT:
        return bytes((tag, length)) + content
    digits = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes((tag, _SHORT | len(digits))) + digits + content


def sequence(*parts: bytes) -> bytes:
    """Return a SEQUENCE of encoded `parts`."""
    return encoded(SEQUENCE, *parts)


def set_of(*members: bytes) -> bytes:
    """Return a SET OF encoded `members`, in the order that DER demands."""
    return encoded(SET, *sorted(members))


def tagged(number: int, *parts: bytes) -> bytes:
    """Return `parts` in an explicit context tag, or the members of an implicit SET OF."""
    return encoded(_CONTEXT | number, *parts)


def retagged(number: int, value: bytes) -> bytes:
    """Return a constructed `value` under an implicit context tag instead of its own."""
    return bytes((_CONTEXT | number,)) + value[1:]


def integer(number: int) -> bytes:
    """Return an INTEGER that is not negative."""
    # One bit more than the number needs, so that the highest one never reads as a minus.
    return encoded(INTEGER, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def octets(content: bytes) -> bytes:
    """Return an OCTET STRING."""
    return encoded(OCTET_STRING, content)


def time(at: datetime) -> bytes:
    """Return a GeneralizedTime of whole seconds in UTC; `at` is aware."""
    return encoded(GENERALIZED_TIME, at.astimezone(UTC).strftime("%Y%m%d%H%M%SZ").encode("ascii"))

import base64
import zlib

import pytest

from engine.errors import ErrorCode, InvalidInputError
from webui.carrying import pack, unpack


@pytest.mark.parametrize("content", [b"", b"<a>\n</a>\r\n", "Đường đi".encode() * 1000])
def test_file_is_the_same_byte_for_byte_after_the_way(content):
    assert unpack(pack(content), max_bytes=100_000) == content


def test_unpack_stops_one_byte_after_the_limit_when_a_field_unfolds_without_end():
    bomb = base64.b64encode(zlib.compress(b"\0" * 50_000_000)).decode()

    assert len(unpack(bomb, max_bytes=1000)) == 1001


@pytest.mark.parametrize("text", ["%%%", "đ", base64.b64encode(b"not packed").decode()])
def test_unpack_refuses_when_the_field_was_changed(text):
    with pytest.raises(InvalidInputError) as caught:
        unpack(text, max_bytes=1000)

    assert caught.value.code is ErrorCode.REQUEST_INVALID

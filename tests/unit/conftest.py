"""Unit tests reach no network and no server."""

import pytest
from pytest_socket import disable_socket


@pytest.fixture(autouse=True)
def _no_network() -> None:
    # Event loops talk to themselves over a pair of Unix sockets.
    disable_socket(allow_unix_socket=True)

"""Which sites may ask the agent for signatures."""

from pathlib import Path

import pytest

from webui.agent.codes import AgentCode, AgentError
from webui.agent.origins import AllowedOrigins, origin_of


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        ("https://trinhky.cantho.gov.vn", "https://trinhky.cantho.gov.vn"),
        ("https://TRINHKY.cantho.gov.vn/", "https://trinhky.cantho.gov.vn"),
        ("https://trinhky.cantho.gov.vn:443", "https://trinhky.cantho.gov.vn"),
        ("https://trinhky.cantho.gov.vn:8443/", "https://trinhky.cantho.gov.vn:8443"),
        ("http://127.0.0.1:8021", "http://127.0.0.1:8021"),
        ("http://localhost:80", "http://localhost"),
        ("https://[2001:DB8:0:0::1]:8021", "https://[2001:db8::1]:8021"),
        ("http://[::1]:8021", "http://[::1]:8021"),
        ("https://tỉnh.vn", "https://xn--tnh-dlz.vn"),
        ("https://TỈNH.vn", "https://xn--tnh-dlz.vn"),
    ],
)
def test_origin_of_writes_origins_as_browsers_do(address: str, origin: str) -> None:
    assert origin_of(address) == origin


@pytest.mark.parametrize(
    "address",
    [
        "",
        "null",
        "*",
        "trinhky.cantho.gov.vn",
        "http://trinhky.cantho.gov.vn",
        "https://",
        "https://trinhky.cantho.gov.vn/van-ban",
        "https://trinhky.cantho.gov.vn?x=1",
        "https://ai@trinhky.cantho.gov.vn",
        "file:///etc/passwd",
        "https://[fe80::1%25eth0]",
        "https://[::1",
        "https://a..vn",
        "https://a.vn:99999",
        "http://[2001:db8::1]",
    ],
)
def test_origin_of_refuses_what_is_no_safe_site(address: str) -> None:
    with pytest.raises(ValueError, match="not the address of a site"):
        origin_of(address)


def test_allowed_origins_are_remembered_until_forgotten(tmp_path: Path) -> None:
    AllowedOrigins(tmp_path / "a").allow("https://trinhky.cantho.gov.vn/")

    kept = AllowedOrigins(tmp_path / "a")
    assert kept.check("https://trinhky.cantho.gov.vn") == "https://trinhky.cantho.gov.vn"

    kept.forget("https://trinhky.cantho.gov.vn")
    assert AllowedOrigins(tmp_path / "a").list_all() == []


@pytest.mark.parametrize(
    "origin",
    [
        "",
        "null",
        "https://trinhky.cantho.gov.vn:8443",
        "http://trinhky.cantho.gov.vn",
        "https://trinhky.cantho.gov.vn.evil.example",
        "https://x.trinhky.cantho.gov.vn",
        "https://trinhky.cantho.gov.vn/",
    ],
)
def test_check_refuses_any_other_origin(tmp_path: Path, origin: str) -> None:
    origins = AllowedOrigins(tmp_path)
    origins.allow("https://trinhky.cantho.gov.vn")

    with pytest.raises(AgentError) as refused:
        origins.check(origin)

    assert refused.value.code is AgentCode.ORIGIN_REFUSED

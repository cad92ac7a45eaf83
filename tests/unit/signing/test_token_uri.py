import pytest
from asn1crypto.algos import DSASignature
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import SignerUnavailableError
from signing.keys.token_process import encoded
from signing.keys.token_uri import TokenKeyName

TEXT = st.text(min_size=1, max_size=32).filter(lambda text: text.isprintable())


@given(token=TEXT, serial=TEXT, label=TEXT, key_id=st.binary(max_size=20))
def test_name_reads_what_it_wrote(token: str, serial: str, label: str, key_id: bytes) -> None:
    name = TokenKeyName(token=token, serial=serial, label=label, key_id=key_id)

    assert TokenKeyName.from_uri(name.to_uri()) == name


def test_name_reads_what_others_write() -> None:
    uri = "pkcs11:model=SoftHSM%20v2;token=S%e1%bb%9f;id=%01%ff;type=private?module-path=/x.so"

    assert TokenKeyName.from_uri(uri) == TokenKeyName(token="Sở", key_id=b"\x01\xff")  # noqa: S106


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "file:/x",
        "pkcs11:",
        "pkcs11:token=x",
        "pkcs11:object=y",
        "pkcs11:token=%ff;object=y",
        "pkcs11:?pin-value=1234",
        "PKCS11:token=x;object=y",
        "pkcs11:" + ";" * 10_000,
    ],
)
def test_name_refuses_a_uri_that_names_no_key(uri: str) -> None:
    with pytest.raises(SignerUnavailableError):
        TokenKeyName.from_uri(uri)


@given(
    r=st.integers(min_value=1, max_value=(1 << 256) - 1),
    s=st.integers(min_value=1, max_value=(1 << 256) - 1),
)
def test_value_of_two_numbers_becomes_der(r: int, s: int) -> None:
    der = encoded(r.to_bytes(32) + s.to_bytes(32))

    assert DSASignature.load(der, strict=True).native == {"r": r, "s": s}
    assert der == DSASignature({"r": r, "s": s}).dump()

import asyncio
import hashlib
import os
from datetime import timedelta
from pathlib import Path

import pytest
from asn1crypto import cms, tsp
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.sign.timestamps import TimestampRequestError

from engine.errors import SignerUnavailableError, SigningError
from signing import loop
from signing.authority import AuthorityFiles
from signing.keys.store import KeyStore
from signing.timestamps import LocalTimeStamper
from signing.writer import translated
from tests.factories.held_key import HeldKeySigner
from tests.factories.pki_world import PIN, PkiWorld, a_world


@pytest.fixture
def world(tmp_path: Path) -> PkiWorld:
    return a_world(tmp_path)


def a_stamper(world: PkiWorld) -> LocalTimeStamper:
    files = AuthorityFiles(directory=world.directory)
    return LocalTimeStamper(
        certificate=files.certificate("tsa").public_bytes(Encoding.DER),
        key=KeyStore(world.directory).load_unattended("tsa"),
        chain=(files.certificate("issuing").public_bytes(Encoding.DER),),
        clock=world.clock,
    )


def test_token_says_digest_and_time_of_the_clock(world: PkiWorld) -> None:
    digest = hashlib.sha256(b"x").digest()
    world.clock.move(timedelta(hours=3))

    token = loop.run(a_stamper(world).async_timestamp(digest, "sha256"))
    info = token["content"]["encap_content_info"]["content"].parsed

    assert isinstance(info, tsp.TSTInfo)
    assert info["message_imprint"]["hashed_message"].native == digest
    assert info["gen_time"].native == world.clock.now()
    assert info["accuracy"]["seconds"].native == 1


def test_token_is_over_the_value_when_signer_asks_in_either_way(world: PkiWorld) -> None:
    stamper = a_stamper(world)

    for token in (loop.run(stamper.async_token(b"value")), stamper.prompt_token(b"value")):
        assert token is not None
        content = cms.ContentInfo.load(token, strict=True)["content"]
        info = content["encap_content_info"]["content"].parsed
        imprint = info["message_imprint"]["hashed_message"].native
        assert imprint == hashlib.sha256(b"value").digest()
        assert info["nonce"].native is None


def test_token_repeats_the_nonce_when_request_had_one(world: PkiWorld) -> None:
    token = a_stamper(world).token(bytes(64), "sha512", nonce=2**63)

    content = cms.ContentInfo.load(token, strict=True)["content"]
    info = content["encap_content_info"]["content"].parsed
    assert info["nonce"].native == 2**63
    assert info["message_imprint"]["hash_algorithm"]["algorithm"].native == "sha512"


def test_tokens_never_share_a_serial(world: PkiWorld) -> None:
    stamper = a_stamper(world)
    serials = {
        loop.run(stamper.async_timestamp(bytes(32), "sha256"))["content"]["encap_content_info"][
            "content"
        ]
        .parsed["serial_number"]
        .native
        for _ in range(20)
    }

    assert len(serials) == 20
    assert all(serial >= 0 for serial in serials)


def test_held_key_signer_refuses_when_digest_is_another(world: PkiWorld) -> None:
    signer = HeldKeySigner(
        certificate=world.leader.der,
        chain=(),
        key=KeyStore(world.directory).load(world.leader.id, PIN),
    )

    with pytest.raises(SigningError):
        loop.run(signer.async_sign_raw(b"x", "sha1"))


def test_translated_names_the_time_stamp_when_it_fails() -> None:
    with pytest.raises(SignerUnavailableError), translated("sign"):
        raise TimestampRequestError("away")


def test_loop_is_made_anew_when_process_was_forked(monkeypatch: pytest.MonkeyPatch) -> None:
    async def here() -> asyncio.AbstractEventLoop:
        return asyncio.get_running_loop()

    first = loop.run(here())
    assert loop.run(here()) is first

    shared = loop._Shared()
    kept = shared.get()
    monkeypatch.setattr(os, "getpid", lambda: kept.process_id + 1)
    fresh = shared.get()

    assert fresh is not kept
    for thread in (kept, fresh):
        thread.loop.call_soon_threadsafe(thread.loop.stop)
        thread.thread.join()
        thread.loop.close()

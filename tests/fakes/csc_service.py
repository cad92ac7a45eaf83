"""Play a remote signing service: CSC API v1, on a local port, with keys in memory."""

import base64
import contextlib
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, padding, utils
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from engine.model.keys import KeyHome, KeyType
from engine.ports_signing import IssuedCertificate
from signing.certificates import SigningKey
from signing.keys.store import new_key
from tests.factories.certified import a_certificate

BEARER = "of-the-house"
ALGORITHMS = {
    KeyType.P256: ["1.2.840.10045.2.1", "1.2.840.10045.4.3.2"],
    KeyType.RSA2048: ["1.2.840.113549.1.1.1", "1.2.840.113549.1.1.11"],
}

Answer = tuple[int, Any]


@dataclass
class Credential:
    """Hold a key of the service and what opens it."""

    id: str
    key: SigningKey
    certificate: IssuedCertificate
    algorithms: list[str]
    pin: str
    otp: str = ""
    scal: str = "1"
    status: str = "enabled"


@dataclass
class CscService:
    """Hold the service; `faults` replace the answers of a method."""

    port: int = 0
    credentials: dict[str, Credential] = field(default_factory=dict)
    faults: dict[str, Callable[[], Answer]] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    expires_in: int = 3600
    _sads: dict[str, tuple[str, list[str], float]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def add(
        self,
        key_type: KeyType,
        *,
        pin: str,
        otp: str = "",
        scal: str = "1",
        key: SigningKey | None = None,
    ) -> Credential:
        key = key or new_key(key_type)
        credential_id = f"cred-{secrets.token_hex(4)}"
        public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        credential = Credential(
            id=credential_id,
            key=key,
            certificate=a_certificate(public, home=KeyHome.REMOTE, key_ref=credential_id),
            algorithms=ALGORITHMS[key_type],
            pin=pin,
            otp=otp,
            scal=scal,
        )
        self.credentials[credential_id] = credential
        return credential

    def methods(self) -> list[str]:
        return [method for method, _ in self.asked]

    def answer(self, method: str, question: dict[str, Any], bearer: str) -> Answer:
        self.asked.append((method, question))
        if method in self.faults:
            return self.faults[method]()
        if bearer != f"Bearer {BEARER}":
            return 401, {"error": "invalid_token"}
        credential = self.credentials.get(str(question.get("credentialID")))
        if credential is None:
            return _refused("Invalid parameter credentialID")
        acts = {
            "credentials/info": self._info,
            "credentials/authorize": self._authorize,
            "signatures/signHash": self._sign,
        }
        return acts[method](credential, question)

    def _info(self, credential: Credential, question: dict[str, Any]) -> Answer:
        return 200, {
            "key": {"status": credential.status, "algo": credential.algorithms, "len": 256},
            "cert": {
                "status": "valid",
                "certificates": [base64.b64encode(credential.certificate.der).decode()],
            },
            "authMode": "explicit",
            "SCAL": credential.scal,
            "PIN": {"presence": "true" if credential.pin else "false"},
            "OTP": {"presence": "true" if credential.otp else "false"},
            "multisign": 1,
        }

    def _authorize(self, credential: Credential, question: dict[str, Any]) -> Answer:
        if credential.scal == "2" and not question.get("hash"):
            return _refused("Missing parameter hash")
        if question.get("PIN", "") != credential.pin:
            return 400, {"error": "invalid_pin", "error_description": "The PIN is invalid"}
        if question.get("OTP", "") != credential.otp:
            return 400, {"error": "invalid_otp", "error_description": "The OTP is invalid"}
        sad = secrets.token_urlsafe(16)
        ends_at = time.monotonic() + self.expires_in
        self._sads[sad] = (credential.id, question.get("hash", []), ends_at)
        return 200, {"SAD": sad, "expiresIn": self.expires_in}

    def _sign(self, credential: Credential, question: dict[str, Any]) -> Answer:
        owner, hashes, ends_at = self._sads.pop(str(question.get("SAD")), ("", [], 0.0))
        if owner != credential.id or ends_at < time.monotonic():
            return _refused("Invalid parameter SAD")
        if credential.scal == "2" and hashes != question["hash"]:
            return _refused("Hash is not authorized by the SAD")
        digest = base64.b64decode(question["hash"][0])
        value = (
            credential.key.sign(digest, ec.ECDSA(utils.Prehashed(SHA256())))
            if isinstance(credential.key, ec.EllipticCurvePrivateKey)
            else credential.key.sign(digest, padding.PKCS1v15(), utils.Prehashed(SHA256()))
        )
        return 200, {"signatures": [base64.b64encode(value).decode()]}

    def drop_approvals(self) -> None:
        """Forget every authorisation, as a service does that was restarted."""
        self._sads.clear()


def _refused(description: str) -> Answer:
    return 400, {"error": "invalid_request", "error_description": description}


@contextlib.contextmanager
def csc_service() -> Iterator[CscService]:
    service = CscService()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            method = self.path.removeprefix("/csc/v1/")
            bearer = self.headers.get("Authorization", "")
            status, answer = service.answer(method, json.loads(content), bearer)
            body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            with contextlib.suppress(OSError):
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        def log_message(self, format: str, *words: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    service.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)

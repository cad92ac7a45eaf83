"""Join the agent: the only module of it that knows the adapters, as few as start fast."""

import base64
import textwrap
from pathlib import Path

from signing.attributes import read_signed_digest
from signing.keys.client_request import request_certificate
from signing.keys.client_token import ClientToken
from webui.agent.desk import Desk
from webui.agent.orders import Prompt
from webui.agent.origins import AllowedOrigins
from webui.agent.server import AgentServer

#: The key of the token that the agent makes, or asks a certificate for.
KEY_LABEL = "trinhky"
_PEM_COLUMNS = 64


def request_pem(module: Path, pin: str) -> str:
    """Return a request for a certificate of the token's key, PKCS#10 in PEM.

    Raises:
        PinRejectedError: wrong PIN.
        SignerUnavailableError: there is not one token.
    """
    der = request_certificate(module, pin, label=KEY_LABEL)
    lines = textwrap.wrap(base64.b64encode(der).decode(), _PEM_COLUMNS)
    name = "CERTIFICATE REQUEST"
    return "\n".join([f"-----BEGIN {name}-----", *lines, f"-----END {name}-----", ""])


def open_agent(
    *, port: int, module: Path, folder: Path, prompt: Prompt, allowed: tuple[str, ...] = ()
) -> tuple[AgentServer, Desk]:
    """Return the server and the desk of an agent; neither runs yet.

    Args:
        module: PKCS#11 library of the token's maker.
        folder: of the person's settings.
        allowed: addresses of sites that may ask from now on.

    Raises:
        OSError: the port is taken.
        ValueError: an address is none.
        SettingsFileError: the file of allowed sites holds something else.
    """
    origins = AllowedOrigins(folder)
    for address in allowed:
        origins.allow(address)
    desk = Desk(ClientToken(module), prompt)
    server = AgentServer(port, desk=desk, origins=origins, read_digest=read_signed_digest)
    return server, desk

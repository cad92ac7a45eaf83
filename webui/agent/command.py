"""Answer `trinhky agent`: run at the official's own computer, beside the token."""

import os
import sys
import threading
from pathlib import Path

import click

from engine.errors import PinRejectedError, SignerUnavailableError
from webui.agent.joining import open_agent, request_pem
from webui.agent.orders import Prompt
from webui.agent.origins import SettingsFileError
from webui.agent.prompts import TerminalPrompt, open_window

DEFAULT_PORT = 8987
MODULE_VARIABLE = "TRINHKY_PKCS11_MODULE"
#: Where makers and distributions put their modules; the first that is there is used.
KNOWN_MODULES = (
    "/usr/lib/x86_64-linux-gnu/opensc-pkcs11.so",
    "/usr/lib/opensc-pkcs11.so",
    "/Library/OpenSC/lib/opensc-pkcs11.so",
    r"C:\Program Files\OpenSC Project\OpenSC\pkcs11\opensc-pkcs11.dll",
)


@click.command(name="agent")
@click.option("--port", type=click.IntRange(0, 65535), default=DEFAULT_PORT, show_default=True)
@click.option(
    "--module",
    type=click.Path(path_type=Path),
    envvar=MODULE_VARIABLE,
    help="Thư viện PKCS#11 của token / the token's PKCS#11 library.",
)
@click.option(
    "--allow", "allowed", multiple=True, help="Trang được xin ký / a site that may ask: https://…"
)
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=lambda: Path(click.get_app_dir("trinhky")),
    help="Nơi nhớ các trang được phép / where allowed sites are kept.",
)
@click.option(
    "--request",
    "request_path",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Viết yêu cầu cấp chứng thư (PKCS#10) rồi thôi / write a certificate request and end.",
)
@click.option("--terminal", is_flag=True, help="Hỏi PIN ở đây, không mở cửa sổ / ask here.")
def agent(
    *,
    port: int,
    module: Path | None,
    allowed: tuple[str, ...],
    folder: Path,
    request_path: Path | None,
    terminal: bool,
) -> None:
    """Ký bằng token ở máy này / sign with the token in this computer."""
    # Files of the agent are the person's alone.
    os.umask(0o077)
    if request_path is not None:
        _write_request(_module(module), request_path)
        return
    prompt = _prompt(in_terminal=terminal)
    try:
        server, desk = open_agent(
            port=port, module=_module(module), folder=folder, prompt=prompt, allowed=allowed
        )
    except SettingsFileError as error:
        raise click.ClickException(str(error)) from error
    except ValueError as error:
        raise click.UsageError(f"--allow: {error}") from error
    except OSError as error:
        raise click.UsageError(f"cổng / port {port}: {error}") from error
    thread = threading.Thread(target=server.serve_forever, name="agent-web", daemon=True)
    thread.start()
    sites = ", ".join(server.origins.list_all()) or "chưa có trang nào / none: --allow https://…"
    click.echo(f"Trình Ký agent: http://127.0.0.1:{server.server_port}/  (Ctrl+C)")
    click.echo(f"Được xin ký / allowed: {sites}")
    try:
        # The token and the person's attention belong to this thread.
        desk.run()
    except KeyboardInterrupt:
        click.echo("")
    finally:
        server.shutdown()
        server.server_close()


def _write_request(module: Path, path: Path) -> None:
    """Have a key on the token ask for a certificate, and write what it says for the authority."""
    pin = click.prompt("Mã PIN của token / PIN of the token", hide_input=True)
    try:
        content = request_pem(module, pin)
    except PinRejectedError as error:
        raise click.ClickException("mã PIN không đúng / wrong PIN") from error
    except SignerUnavailableError as error:
        raise click.ClickException(f"không dùng được token / token: {error.detail}") from error
    path.write_text(content, encoding="ascii")
    click.echo(f"{path}: nộp ở trang Chứng thư số / hand it in on the page of certificates")


def _prompt(*, in_terminal: bool) -> Prompt:
    window = None if in_terminal else open_window()
    if window is not None:
        return window
    if not sys.stdin.isatty():
        raise click.UsageError("không có cửa sổ hay bàn phím để hỏi PIN / nowhere to ask the PIN")
    return TerminalPrompt()


def _module(given: Path | None) -> Path:
    found = given or next((Path(p) for p in KNOWN_MODULES if Path(p).is_file()), None)
    if found is None or not found.is_file():
        raise click.UsageError(
            f"--module (hoặc/or {MODULE_VARIABLE}): không thấy thư viện PKCS#11 của token / "
            "no PKCS#11 library of the token"
        )
    return found

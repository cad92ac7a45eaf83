"""Share what the commands need: options, an open house, output that cannot drive a terminal."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from engine.errors import ErrorCode, NotFoundError
from engine.model.organisation import Actor
from webui.bootstrap import House, open_house
from webui.reports import Json
from webui.settings import Settings, default_data_dir

#: Exit statuses: all well; a verdict or an act was not; the call itself was wrong.
EXIT_NOT_PASSED = 1
EXIT_USAGE = 2

data_option = click.option(
    "--data",
    "data_dir",
    type=click.Path(path_type=Path, file_okay=False),
    default=default_data_dir,
    help="Thư mục dữ liệu / data directory.",
)
json_option = click.option(
    "--json", "as_json", is_flag=True, help="In một đối tượng JSON / print one object."
)
as_option = click.option(
    "--as", "login", required=True, help="Quản trị viên / an administrator's login."
)


@contextmanager
def opened_house(data_dir: Path) -> Iterator[House]:
    """Open the installation for one command."""
    house = open_house(Settings(data_dir=data_dir))
    try:
        yield house
    finally:
        house.close()


def actor_of(house: House, login: str) -> Actor:
    """Return the person who runs a command.

    Raises:
        NotFoundError: nobody signs in by this name.
    """
    actor = house.use_cases.identify.by_login(login)
    if actor is None:
        raise NotFoundError(login, code=ErrorCode.LOGIN_FAILED)
    return actor


def visible(text: str) -> str:
    """Return `text` with nothing in it that moves a cursor, changes a colour or turns a line."""
    return "".join(char if char.isprintable() else "?" for char in text)


def show(line: str = "") -> None:
    """Print one line of a result; what came from a hostile file cannot drive the terminal."""
    click.echo(visible(line))


def show_json(value: Json) -> None:
    """Print one object on one line; it reads back exactly as it was."""
    text = json.dumps(value, ensure_ascii=False)
    click.echo("".join(char if char.isprintable() else _escaped(char) for char in text))


def show_file(content: bytes) -> None:
    """Print a file: byte for byte into a pipe, without what drives a terminal onto one."""
    if sys.stdout.isatty():
        for line in content.decode("utf-8", "replace").splitlines():
            show(line)
    else:
        click.echo(content, nl=False)


def read_limited(path: Path, max_bytes: int) -> bytes:
    """Return a file, or as much of it as shows that it is too large.

    Raises:
        click.UsageError: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return file.read(max_bytes + 1)
    except OSError as error:
        raise click.UsageError(
            visible(f"không đọc được / cannot be read: {path}: {error.strerror}")
        ) from error


def _escaped(char: str) -> str:
    # JSON names characters by UTF-16, as its own escapes do.
    return json.dumps(char)[1:-1] if ord(char) > 126 else f"\\u{ord(char):04x}"

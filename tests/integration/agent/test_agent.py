"""The agent in its own process and terminal, with a real token: what it signs, what it refuses."""

import base64
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.model.keys import KeyType
from tests.factories.agents import PROJECT, SITE, RunningAgent, an_agent, run_agent
from tests.factories.client_hsm import make_key, store_certificate
from tests.factories.orders import PreparedOrder, an_order
from tests.factories.pki_world import PkiWorld, a_world
from tests.factories.softhsm import TOKEN_PIN, SoftHsm, a_softhsm
from webui.agent.codes import AgentCode

PROMPT = "Mã PIN (để trống"


@pytest.fixture
def softhsm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SoftHsm:
    return a_softhsm(tmp_path / "hsm", monkeypatch)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> PkiWorld:
    return a_world(tmp_path_factory.mktemp("pki"))


@pytest.fixture
def order(world: PkiWorld, softhsm: SoftHsm) -> PreparedOrder:
    return an_order(world, make_key(softhsm.module_path))


@pytest.fixture
def agent(softhsm: SoftHsm, tmp_path: Path) -> Iterator[RunningAgent]:
    with an_agent(softhsm.module_path, tmp_path / "folder") as running:
        yield running


class Asking(threading.Thread):
    """Ask for a signature as a page does, while the test sits at the agent."""

    def __init__(self, agent: RunningAgent, body: object) -> None:
        super().__init__(daemon=True)
        self.agent = agent
        self.body = body
        self.status = 0
        self.said: dict[str, Any] = {}
        self.start()

    def run(self) -> None:
        self.status, self.said, _ = self.agent.ask("/ky", self.body)

    def answered(self) -> tuple[int, dict[str, Any]]:
        self.join(120)
        assert not self.is_alive(), self.agent.screen
        return self.status, self.said


@pytest.mark.parametrize("key_type", [KeyType.P256, KeyType.RSA2048])
def test_agent_signs_what_its_person_approves(
    softhsm: SoftHsm, world: PkiWorld, tmp_path: Path, key_type: KeyType
) -> None:
    order = an_order(world, make_key(softhsm.module_path, key_type=key_type))
    with an_agent(softhsm.module_path, tmp_path / "folder") as agent:
        asking = Asking(agent, order.body())
        screen = agent.wait_for(PROMPT)
        assert SITE in screen
        assert "báo cáo kết quả" in screen
        assert f"SHA-256 {order.digest}" in screen

        agent.type(TOKEN_PIN)

        status, said = asking.answered()
        agent.wait_for("chữ ký / signatures")
    assert status == 200
    value = base64.b64decode(said["values"][0])
    # The signer itself checks the value with the public key.
    finished = world.signer.finish(order.prepared, order.act, value)
    assert finished.is_stamped
    assert TOKEN_PIN not in agent.screen


def test_agent_finds_the_key_by_certificate_when_the_token_shows_no_public_key(
    softhsm: SoftHsm, world: PkiWorld, tmp_path: Path
) -> None:
    order = an_order(world, make_key(softhsm.module_path))
    store_certificate(softhsm.module_path, order.certificate.der, drop_public=True)
    with an_agent(softhsm.module_path, tmp_path / "folder") as agent:
        asking = Asking(agent, order.body())
        agent.wait_for(PROMPT)
        agent.type(TOKEN_PIN)

        assert asking.answered()[0] == 200


def test_agent_lists_certificates_without_a_pin(
    softhsm: SoftHsm, order: PreparedOrder, agent: RunningAgent
) -> None:
    store_certificate(softhsm.module_path, order.certificate.der)

    status, said, _ = agent.ask("/chung-thu", {})

    assert status == 200
    assert [each["sha256"] for each in said["certificates"]] == [order.certificate.sha256]
    assert said["certificates"][0]["name"] == order.certificate.common_name


def test_agent_says_that_it_and_the_token_are_there(agent: RunningAgent) -> None:
    status, said, headers = agent.ask("/trang-thai")

    assert (status, said["token"], said["busy"]) == (200, True, False)
    assert headers["Access-Control-Allow-Origin"] == SITE
    assert headers["Vary"] == "Origin"
    assert headers["Cache-Control"] == "no-store"


def test_agent_asks_again_and_stops_after_three_wrong_pins(
    order: PreparedOrder, agent: RunningAgent
) -> None:
    asking = Asking(agent, order.body())
    for tries in range(3):
        agent.wait_for(PROMPT)
        agent.screen = ""
        agent.type("000000")
        if tries < 2:
            agent.wait_for(f"wrong PIN ({tries + 1}/3)")

    assert asking.answered() == (423, {"code": AgentCode.PIN_LOCKED})
    # The right PIN does not help any more, because it is not asked for.
    assert agent.ask("/ky", order.body())[:2] == (423, {"code": AgentCode.PIN_LOCKED})
    assert "000000" not in agent.screen


def test_agent_counts_from_the_start_when_a_pin_was_right(
    order: PreparedOrder, agent: RunningAgent
) -> None:
    for _ in range(2):
        asking = Asking(agent, order.body())
        for pin in ("000000", "111111", TOKEN_PIN):
            agent.wait_for(PROMPT)
            agent.screen = ""
            agent.type(pin)
        assert asking.answered()[0] == 200


def test_agent_signs_nothing_when_its_person_declines(
    order: PreparedOrder, agent: RunningAgent
) -> None:
    asking = Asking(agent, order.body())
    agent.wait_for(PROMPT)

    agent.type("")

    assert asking.answered() == (403, {"code": AgentCode.DECLINED})


def test_agent_signs_nothing_when_ctrl_c_answers_the_question(
    order: PreparedOrder, agent: RunningAgent
) -> None:
    asking = Asking(agent, order.body())
    agent.wait_for(PROMPT)

    agent.type("\x03")

    assert asking.answered() == (403, {"code": AgentCode.DECLINED})
    assert agent.ask("/trang-thai")[0] == 200


def test_agent_serves_one_order_at_a_time(order: PreparedOrder, agent: RunningAgent) -> None:
    asking = Asking(agent, order.body())
    agent.wait_for(PROMPT)

    assert agent.ask("/ky", order.body())[:2] == (409, {"code": AgentCode.BUSY})
    assert agent.ask("/trang-thai")[1]["busy"] is True

    agent.type(TOKEN_PIN)
    assert asking.answered()[0] == 200


def test_agent_says_so_when_the_token_holds_another_key(
    world: PkiWorld, order: PreparedOrder, agent: RunningAgent
) -> None:
    stranger = an_order(world)

    assert agent.ask("/ky", stranger.body())[:2] == (404, {"code": AgentCode.KEY_ABSENT})


def test_agent_says_so_when_the_token_was_pulled_out(
    softhsm: SoftHsm, order: PreparedOrder, agent: RunningAgent
) -> None:
    assert agent.ask("/trang-thai")[1]["token"] is True
    softhsm.remove()

    assert agent.ask("/ky", order.body())[:2] == (503, {"code": AgentCode.TOKEN_ABSENT})
    assert agent.ask("/trang-thai")[1]["token"] is False

    softhsm.put_back()
    assert agent.ask("/trang-thai")[1]["token"] is True


def test_agent_says_so_when_the_token_is_pulled_out_at_the_question(
    softhsm: SoftHsm, order: PreparedOrder, agent: RunningAgent
) -> None:
    asking = Asking(agent, order.body())
    agent.wait_for(PROMPT)
    softhsm.remove()

    agent.type(TOKEN_PIN)

    assert asking.answered() == (503, {"code": AgentCode.TOKEN_ABSENT})


@pytest.mark.parametrize(
    "origin", [None, "", "null", "https://evil.example", f"{SITE}.evil.example", f"{SITE}:8443"]
)
def test_agent_refuses_sites_it_does_not_know(agent: RunningAgent, origin: str | None) -> None:
    for path, body in (("/trang-thai", None), ("/chung-thu", {}), ("/ky", {})):
        status, said, headers = agent.ask(path, body, origin=origin)
        assert (status, said) == (403, {"code": AgentCode.ORIGIN_REFUSED}), path
        assert "Access-Control-Allow-Origin" not in headers


@pytest.mark.parametrize("host", ["trinhky.example.vn", "evil.example:8987", "", "127.0.0.1"])
def test_agent_refuses_names_that_were_made_to_lead_here(agent: RunningAgent, host: str) -> None:
    status, said, headers = agent.ask("/trang-thai", headers={"Host": host})

    assert (status, said) == (403, {"code": AgentCode.HOST_REFUSED})
    assert "Access-Control-Allow-Origin" not in headers


def test_agent_lets_browsers_ask_first_only_for_sites_it_knows(agent: RunningAgent) -> None:
    wish = {
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Private-Network": "true",
    }
    status, _, headers = agent.ask("/ky", method="OPTIONS", headers=wish)
    assert status == 204
    assert headers["Access-Control-Allow-Origin"] == SITE
    assert headers["Access-Control-Allow-Headers"] == "Content-Type"
    assert headers["Access-Control-Allow-Private-Network"] == "true"

    status, _, headers = agent.ask(
        "/ky", method="OPTIONS", headers=wish, origin="https://evil.example"
    )
    assert status == 403
    assert not [name for name in headers if name.startswith("Access-Control")]


@pytest.mark.parametrize(
    ("body", "headers", "code"),
    [
        (b"{", {}, AgentCode.REQUEST_INVALID),
        (b"[]", {}, AgentCode.REQUEST_INVALID),
        (b"{}", {"Content-Type": "text/plain"}, AgentCode.REQUEST_INVALID),
        (b"{}", {"Content-Length": "-1"}, AgentCode.REQUEST_INVALID),
        (b"", {"Content-Length": "99999999"}, AgentCode.REQUEST_TOO_LARGE),
        (b"", {"Content-Length": "9" * 5000}, AgentCode.REQUEST_TOO_LARGE),
    ],
)
def test_agent_refuses_bodies_it_cannot_read(
    agent: RunningAgent, body: bytes, headers: dict[str, str], code: AgentCode
) -> None:
    assert agent.ask("/ky", body, headers=headers)[1] == {"code": code}


def test_agent_refuses_to_sign_what_it_cannot_show(
    order: PreparedOrder, agent: RunningAgent
) -> None:
    challenge = base64.b64encode(b"\x00" * 32).decode()

    for body in (order.body(attributes=challenge), order.body(digest="0" * 64)):
        status, said, _ = agent.ask("/ky", body)
        assert (status, said) == (422, {"code": AgentCode.ATTRIBUTES_REFUSED})
    assert PROMPT not in agent.screen


def test_agent_knows_no_other_addresses(agent: RunningAgent) -> None:
    assert agent.ask("/")[:2] == (404, {"code": AgentCode.ADDRESS_UNKNOWN})
    assert agent.ask("/trang-thai", {})[:2] == (404, {"code": AgentCode.ADDRESS_UNKNOWN})


def test_agent_listens_on_the_loopback_address_only(agent: RunningAgent) -> None:
    own = {each[4][0] for each in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}
    for address in own - {"127.0.0.1"}:
        with socket.socket() as probe:
            probe.settimeout(2)
            assert probe.connect_ex((address, agent.port)) != 0


def test_agent_loads_nothing_that_only_the_house_needs() -> None:
    """What takes long to load would keep the person waiting at each start."""
    script = (
        "import sys, webui.agent.__main__\n"
        "print(*sorted({name.split('.')[0] for name in sys.modules}))"
    )
    finished = subprocess.run(  # noqa: S603 our own words
        [sys.executable, "-c", script],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )

    loaded = set(finished.stdout.split())
    assert {"webui", "pkcs11"} <= loaded
    assert not loaded & {
        "SpiffWorkflow", "alembic", "dbos", "flask", "fontTools", "lxml", "pikepdf", "pyhanko",
        "sqlalchemy", "typst", "urllib3", "waitress",
    }  # fmt: skip


def test_agent_remembers_the_sites_it_was_told(softhsm: SoftHsm, tmp_path: Path) -> None:
    with an_agent(softhsm.module_path, tmp_path / "folder"):
        pass

    kept = json.loads((tmp_path / "folder" / "agent.json").read_text(encoding="utf-8"))

    assert kept == {"origins": [SITE]}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--module", "/no/such/module.so"), "PKCS#11"),
        (("--allow", "http://trinhky.example.vn"), "--allow"),
        (("--allow", "https://trinhky.example.vn/van-ban"), "--allow"),
        (("--port", "70000"), "--port"),
    ],
)
def test_agent_does_not_start_on_words_it_cannot_use(
    softhsm: SoftHsm, tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    usual = ("--module", str(softhsm.module_path), "--folder", str(tmp_path / "folder"))
    code, screen = run_agent("--terminal", "--port", "0", *usual, *words)

    assert code == 2
    assert said in screen


@pytest.mark.parametrize("content", ["[]", "{", "{}", '{"origins": [5]}'])
def test_agent_says_which_file_is_wrong_when_its_list_of_sites_is_none(
    softhsm: SoftHsm, tmp_path: Path, content: str
) -> None:
    path = tmp_path / "agent.json"
    path.write_text(content, encoding="utf-8")

    code, screen = run_agent(
        "--terminal",
        "--port",
        "0",
        "--module",
        str(softhsm.module_path),
        "--folder",
        str(tmp_path),
    )

    assert code == 1
    assert "not a list of allowed sites" in screen
    assert "Traceback" not in screen


def test_agent_does_not_start_where_nobody_could_type(softhsm: SoftHsm, tmp_path: Path) -> None:
    done = subprocess.run(  # noqa: S603 our own words
        [sys.executable, "-m", "webui.agent", "--terminal", "--folder", str(tmp_path)],
        env={**os.environ, "TRINHKY_PKCS11_MODULE": str(softhsm.module_path)},
        cwd=PROJECT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert done.returncode == 2
    assert "nowhere to ask the PIN" in done.stderr


def test_agent_does_not_start_on_a_port_that_is_taken(
    softhsm: SoftHsm, tmp_path: Path, agent: RunningAgent
) -> None:
    code, screen = run_agent(
        "--terminal", "--port", str(agent.port), "--module", str(softhsm.module_path),
        "--folder", str(tmp_path / "other"),
    )  # fmt: skip

    assert code == 2
    assert f"port {agent.port}" in screen

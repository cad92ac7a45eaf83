"""Give pages a real small installation and people who visit them."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.houses import PASSWORD, Stage, copy_house
from webui.app import create_app
from webui.bootstrap import House
from webui.limits import limiter

_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@dataclass
class Visitor:
    """Use the pages as a browser would: cookies kept, the form token sent along."""

    client: FlaskClient
    token: str = ""

    def get(self, url: str, **options: object) -> TestResponse:
        return self.client.get(url, **options)  # type: ignore[arg-type]

    def post(self, url: str, data: dict[str, object] | None = None, **options: object):
        if not self.token:
            self.token = find_token(self.client.get("/cai-dat").text)
        fields = {"csrf_token": self.token} | (data or {})
        return self.client.post(url, data=fields, **options)  # type: ignore[arg-type]


@dataclass
class Town:
    """Hold one installation, its pages and the people signed in to them."""

    house: House
    app: Flask
    stage: Stage
    visitors: dict[str, Visitor] = field(default_factory=dict)

    def anyone(self) -> FlaskClient:
        return self.app.test_client()

    def visitor(self, login: str) -> Visitor:
        if login not in self.visitors:
            client = self.app.test_client()
            answer = sign_in(client, login)
            assert answer.status_code == 303, login
            self.visitors[login] = Visitor(client)
        return self.visitors[login]


def find_token(page: str) -> str:
    found = _TOKEN.search(page)
    assert found is not None
    return html.unescape(found.group(1))


def sign_in(client: FlaskClient, login: str, password: str = PASSWORD, **fields: str):
    token = find_token(client.get("/dang-nhap").text)
    data = {"csrf_token": token, "login": login, "password": password, "next": "/"} | fields
    return client.post("/dang-nhap", data=data)


@pytest.fixture(scope="module")
def town(installation: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    house = copy_house(installation, tmp_path_factory.mktemp("web") / "data")
    app = create_app(house)
    # Its counts live as long as the process, longer than one module's town.
    limiter.reset()
    yield Town(house=house, app=app, stage=Stage(house))
    house.close()

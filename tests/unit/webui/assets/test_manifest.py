import json

import pytest

from engine.errors import ErrorCode, TrinhKyError
from webui.assets.manifest import AssetManifest


@pytest.fixture
def static(tmp_path):
    (tmp_path / "vendor").mkdir()
    (tmp_path / "vendor" / "look.0123456789.css").write_text("a{}")
    (tmp_path / "vendor" / "manifest.json").write_text(
        json.dumps({"look.css": "vendor/look.0123456789.css"})
    )
    return tmp_path


def test_url_names_the_hashed_file_when_it_is_listed(static):
    manifest = AssetManifest.load(static)

    assert manifest.url("look.css") == "/static/vendor/look.0123456789.css"
    assert manifest.file("look.css").read_text() == "a{}"


def test_load_says_what_to_do_when_setup_has_not_run(tmp_path):
    with pytest.raises(TrinhKyError, match=r"\./run setup") as caught:
        AssetManifest.load(tmp_path)

    assert caught.value.code is ErrorCode.ASSETS_MISSING


def test_load_refuses_when_a_listed_file_is_absent(static):
    (static / "vendor" / "look.0123456789.css").unlink()

    with pytest.raises(TrinhKyError, match=r"look\.css") as caught:
        AssetManifest.load(static)

    assert caught.value.code is ErrorCode.ASSETS_MISSING


def test_url_refuses_when_the_name_is_unknown(static):
    manifest = AssetManifest.load(static)

    with pytest.raises(TrinhKyError, match=r"nothing\.js"):
        manifest.url("nothing.js")


def test_version_changes_when_a_file_changes(static):
    before = AssetManifest.load(static).version
    after = AssetManifest(files={"look.css": "vendor/look.9876543210.css"}).version

    assert before != after

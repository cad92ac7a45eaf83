import hashlib
import json
import os
import re
import time

import pytest

from engine.errors import ErrorCode, TrinhKyError
from webui.assets import build, plan
from webui.assets.manifest import AssetManifest


def test_add_names_the_copy_by_its_content_when_content_differs(tmp_path):
    builder = build.Builder(tmp_path / "vendor")

    first = builder.add("js/keys.mjs", b"one")
    second = builder.add("js/keys.mjs", b"two")

    assert first == f"js/keys.{hashlib.sha256(b'one').hexdigest()[:10]}.mjs"
    assert first != second
    assert (tmp_path / "vendor" / second).read_bytes() == b"two"


def test_finish_drops_only_old_files_when_names_have_changed(tmp_path):
    vendor = tmp_path / "vendor"
    builder = build.Builder(vendor)
    stale = vendor / builder.add("a.css", b"stale")
    recent = vendor / builder.add("a.css", b"recent")
    kept = vendor / builder.add("a.css", b"kept")
    a_day_ago = time.time() - 86400
    os.utime(stale, (a_day_ago, a_day_ago))
    os.utime(kept, (a_day_ago, a_day_ago))

    builder.finish()

    assert not stale.exists()
    assert recent.exists()
    assert kept.exists()
    assert json.loads((vendor / "manifest.json").read_text()) == {"a.css": f"vendor/{kept.name}"}


def test_add_folder_keeps_fixed_names_when_the_content_changes(tmp_path):
    source = tmp_path / "jbig2.wasm"
    source.write_bytes(b"wasm")
    builder = build.Builder(tmp_path / "vendor")

    builder.add_folder("pdfjs-wasm", [source])
    builder.finish()

    folder = tmp_path / builder.files["pdfjs-wasm"]
    assert (folder / "jbig2.wasm").read_bytes() == b"wasm"
    assert re.fullmatch(r"pdfjs-wasm-[0-9a-f]{10}", folder.name)


def test_build_refuses_when_a_package_is_not_installed(tmp_path):
    with pytest.raises(TrinhKyError, match=r"htmx\.org") as caught:
        build.build(packages=tmp_path, vendor=tmp_path / "vendor")

    assert caught.value.code is ErrorCode.ASSETS_MISSING


def test_built_files_carry_their_own_digest_when_setup_has_run():
    manifest = AssetManifest.load()

    for name in manifest.files:
        path = manifest.file(name)
        if path.is_file():
            digest = hashlib.sha256(path.read_bytes()).hexdigest()[:10]
            assert f".{digest}." in path.name, name


def test_built_style_sheets_name_only_files_of_ours_when_setup_has_run():
    manifest = AssetManifest.load()

    for name in manifest.files:
        if not name.endswith(".css"):
            continue
        sheet = manifest.file(name).read_text(encoding="utf-8")
        for target in re.findall(r"url\(['\"]?([^)'\"]+)", sheet):
            assert target.startswith("data:") or (plan.VENDOR / target).is_file(), (name, target)
        assert "sourceMappingURL" not in sheet, name


def test_built_sheets_stay_small_when_tabler_is_purged():
    manifest = AssetManifest.load()

    assert manifest.file("tabler.css").stat().st_size < 90_000
    assert manifest.file("css/trinhky.css").stat().st_size < 40_000

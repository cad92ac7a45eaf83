import json

import pytest

from engine.errors import NotFoundError
from webui.assets import licences


def a_package(root, name, text="", **description):
    folder = root / name
    folder.mkdir(parents=True)
    content = {"name": name, "version": "1.0.0", "license": "MIT", **description}
    (folder / "package.json").write_text(json.dumps(content))
    if text:
        (folder / "LICENSE").write_text(text)
    return folder


def test_collect_licences_follows_dependencies_when_they_are_bundled(tmp_path):
    a_package(tmp_path, "bpmn-js", "MIT and the logo", dependencies={"diagram-js": "1"})
    a_package(tmp_path, "diagram-js", "MIT of diagram-js")
    a_package(tmp_path, "purgecss", "a tool, not shipped")

    names = [licence.name for licence in licences.collect_licences(tmp_path)]

    assert names == ["bpmn-js", "diagram-js"]


def test_collect_licences_names_the_holder_when_a_package_has_no_text(tmp_path):
    tabler = a_package(tmp_path, "@tabler/core")
    (tabler / "dist" / "css").mkdir(parents=True)
    (tabler / "dist" / "css" / "tabler.css").write_text("/*!\n * Copyright The Authors\n */")
    a_package(tmp_path, "bootstrap-icons", "The MIT License (MIT)")

    found = {licence.name: licence.text for licence in licences.collect_licences(tmp_path)}

    assert found["@tabler/core"].startswith("Copyright The Authors")
    assert "The MIT License" in found["@tabler/core"]


def test_read_licences_returns_what_was_written(tmp_path):
    written = [licences.Licence("a", "1", "MIT", "text")]
    licences.write_licences(written, tmp_path)

    assert licences.read_licences(tmp_path) == written


def test_read_licences_refuses_when_setup_has_not_run(tmp_path):
    with pytest.raises(NotFoundError):
        licences.read_licences(tmp_path)


def test_read_licences_has_the_logo_clause_when_setup_has_run():
    found = {licence.name: licence for licence in licences.read_licences()}

    assert "watermark" in found["bpmn-js"].text
    assert all(licence.text for licence in found.values())
    assert "axe-core" not in found

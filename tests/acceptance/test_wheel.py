"""The wheel carries everything the pages and the letters need."""

import json
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).parents[2]

SCRIPT = """
import json, sys
from pathlib import Path
from webui.assets.manifest import AssetManifest
from webui.app import create_app
from webui.city import shipped_tables
from webui.install import install
from webui.settings import Settings
import webui
house = install(Settings(data_dir=Path(sys.argv[1])), shipped_tables(people=False),
                password="x", pin="1")
client = create_app(house).test_client()
page = client.get("/dang-nhap")
manifest = AssetManifest.load()
names = [name for name in manifest.files if manifest.file(name).is_file()]
bad = [name for name in names if client.get(manifest.url(name)).status_code != 200]
print(json.dumps({"where": webui.__file__, "page": page.status_code, "assets": len(names),
                  "bad": bad}))
house.close()
"""


def test_the_wheel_works_outside_its_source(tmp_path: Path) -> None:
    wheels = tmp_path / "wheels"
    _run(
        sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation",
        "--wheel-dir", str(wheels), str(ROOT),
    )  # fmt: skip
    (wheel,) = wheels.glob("trinhky-*.whl")
    home = tmp_path / "venv"
    # Our own pip installs into it, which is as good and saves making one.
    venv.create(home, with_pip=False)
    python = home / "bin" / "python"
    _run(
        sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-deps",
        "--no-index", str(wheel),
    )  # fmt: skip
    # The dependencies come from here: this test is about what our own wheel carries.
    site = next(home.glob("lib/python*/site-packages"))
    ours = next(Path(p) for p in sys.path if p.endswith("site-packages"))
    (site / "dependencies.pth").write_text(f"{ours}\n", encoding="utf-8")

    out = _run(str(python), "-P", "-c", SCRIPT, str(tmp_path / "data"), cwd=tmp_path)

    found = json.loads(out.splitlines()[-1])
    assert found["where"].startswith(str(site))
    assert (found["page"], found["bad"]) == (200, [])
    assert found["assets"] > 20


def _run(*command: str, cwd: Path | None = None) -> str:
    run = subprocess.run(  # noqa: S603 our own interpreter
        command, check=False, capture_output=True, text=True, cwd=cwd, timeout=300
    )
    assert run.returncode == 0, run.stderr[-3000:]
    return run.stdout

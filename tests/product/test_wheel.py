"""The wheel built from the tree, installed and run in an empty folder."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.product.running import GRACE_SECONDS, ROOT

pytestmark = pytest.mark.slow
PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-cache-dir", "--quiet")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    built = subprocess.run(
        [*PIP, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", folder, ROOT],
        capture_output=True,
        text=True,
    )
    assert built.returncode == 0, built.stderr
    return next(folder.glob("staffroom-*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel unpacked, its dependencies where they are."""
    folder = tmp_path_factory.mktemp("installed")
    subprocess.run(
        [*PIP, "install", "--no-deps", "--no-index", "--target", folder, wheel], check=True, capture_output=True,
    )  # fmt: skip
    return folder


def test_the_wheel_carries_every_template_static_file_and_migration(wheel):
    packed = set(zipfile.ZipFile(wheel).namelist())
    for folder in ("templates", "static", "migrations"):
        files = [path.relative_to(ROOT).as_posix() for path in (ROOT / folder).rglob("*") if path.is_file()]
        assert files
        assert {f"forum/_site/{name}" for name in files} <= packed


def test_the_wheel_holds_the_package_and_nothing_else(wheel):
    packed = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0].partition("-")[0] for name in packed} == {"forum", "staffroom"}
    assert not [name for name in packed if name.endswith(".pyc") or "/var/" in name]


def test_the_installed_command_serves_the_demo_in_an_empty_folder(start, installed, tmp_path):
    empty = tmp_path / "empty"
    empty.mkdir()
    told = subprocess.run(
        [sys.executable, "-c", "import forum; print(forum.__file__)"], cwd=empty, capture_output=True, text=True,
        env={"PYTHONPATH": str(installed)}, check=True,
    )  # fmt: skip
    assert Path(told.stdout.strip()) == installed / "forum" / "__init__.py"

    site = start(
        "--demo", command=[installed / "bin" / "forum"], folder=empty, var=empty / "var", PYTHONPATH=str(installed)
    )

    page = site.page("/demo")
    style = page.partition('rel="stylesheet" href="')[2].partition('"')[0]
    assert site.status(style) == 200
    assert site.stop() < GRACE_SECONDS
    assert [path.name for path in empty.iterdir()] == ["var"]

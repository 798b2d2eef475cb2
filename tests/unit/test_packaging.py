"""What is shipped is whole, and what is installed is what was locked."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
PACKAGES = ("arqueue", "screens", "data")
SHIPPED = {".py", ".typed", ".tcss", ".toml", ".html", ".js", ".css", ".json", ".csv", ".sql"}


def pins(lock: Path) -> set[str]:
    return {line.partition(" ")[0] for line in lock.read_text().splitlines() if re.match(r"[a-z0-9]", line)}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> ZipFile:
    """The wheel as it would be published, built without a network."""
    folder = tmp_path_factory.mktemp("wheel")
    build = "from hatchling.build import build_wheel; import sys; print(build_wheel(sys.argv[1]))"
    ran = subprocess.run(
        [sys.executable, "-c", build, str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return ZipFile(next(folder.glob("*.whl")))


def test_wheel_holds_every_file_of_the_packages(wheel: ZipFile) -> None:
    """Style sheets, strategies and pages ship with the modules that read them."""
    there = {
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.suffix in SHIPPED
    }
    assert there <= set(wheel.namelist())


def test_wheel_holds_nothing_else(wheel: ZipFile) -> None:
    """Tests, benchmarks and lock files stay at home."""
    tops = {name.partition("/")[0] for name in wheel.namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == set(PACKAGES)


def test_wheel_has_the_command(wheel: ZipFile) -> None:
    """Installing it gives the command `arqueue`."""
    points = next(name for name in wheel.namelist() if name.endswith("entry_points.txt"))
    assert "arqueue = arqueue.__main__:main" in wheel.read(points).decode()


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_lock_is_all_pins_and_hashes(lock: Path) -> None:
    """A lock file has exact versions with hashes and names no index, no place and no option of pip."""
    for line in lock.read_text().splitlines():
        assert re.fullmatch(
            r"[a-z0-9][a-z0-9.-]*==[^\s;]+( ; [^\\/@]+)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?", line
        ), line


def test_locks_agree() -> None:
    """The product is tested with the very versions that it is installed with."""
    product, tryton, dev = (
        pins(ROOT / "requirements" / f"{name}.txt") for name in ("product", "tryton", "dev")
    )
    assert pins(ROOT / "requirements" / "build.txt") <= dev
    assert product <= tryton <= dev
    assert product <= pins(ROOT / "requirements" / "web.txt") <= dev


def test_lock_has_what_the_project_asks_for() -> None:
    """No dependency was added to pyproject.toml without renewing the lock."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = {re.split(r"[^a-z0-9-]", need)[0] for need in project["dependencies"]}
    locked = {pin.partition("==")[0] for pin in pins(ROOT / "requirements" / "product.txt")}
    assert wanted <= locked

"""What is installed: every package with its data, every command, nothing else."""

import subprocess
import sys
import zipfile
from importlib.metadata import entry_points
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = {"nexoaudit", "nexoaudit_checks", "nexoaudit_reports", "nexoaudit_demo"}


@pytest.fixture(scope="module")
def names(tmp_path_factory):
    """Return the names in a wheel that was built from the source distribution."""
    out = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(out), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    (wheel,) = out.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_the_wheel_holds_our_packages_and_no_others(names):
    tops = {name.partition("/")[0] for name in names if ".dist-info" not in name}
    assert tops == PACKAGES


def test_every_file_of_a_package_is_in_the_wheel(names):
    for root in ("nexoaudit", "checks/nexoaudit_checks", "reports/nexoaudit_reports"):
        for path in (ROOT / root).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                relative = path.relative_to((ROOT / root).parent)
                assert str(relative) in names


@pytest.mark.parametrize(
    "name", sorted(e.name for e in entry_points(group="console_scripts") if "nexoaudit" in e.value)
)
def test_every_command_starts(name):
    program = Path(sys.executable).with_name(name)
    done = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    assert done.returncode == (0 if name == "nexoaudit" else 3)  # a plugin's help is UNKNOWN
    assert "0.1.0" in done.stdout
    assert done.stderr == ""

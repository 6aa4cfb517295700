from pathlib import Path

import pytest

from nexoaudit.sandbox import memory
from nexoaudit.sandbox.memory import ScarceError


@pytest.mark.parametrize(
    ("available", "most", "taken", "enough"),
    [
        ("1000000", "max", "5", True),
        ("1000000", "1073741824", "104857600", True),
        ("1000000", "1073741824", "1048576000", False),
        ("300000", "max", "5", False),
        ("", "", "", True),
    ],
)
def test_what_is_available_must_be_enough(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    available: str,
    most: str,
    taken: str,
    enough: bool,
) -> None:
    for name, text in (("most", most), ("taken", taken)):
        (tmp_path / name).write_text(text)
    (tmp_path / "info").write_text(f"MemTotal: 5 kB\nMemAvailable: {available} kB\n")
    monkeypatch.setattr(memory, "MEMINFO", tmp_path / "info")
    monkeypatch.setattr(memory, "LIMITS", ((tmp_path / "most", tmp_path / "taken"),))
    if enough:
        memory.require()
        return
    with pytest.raises(ScarceError, match="a test restore needs 384 MiB: run it at a quieter"):
        memory.require()


def test_this_machine_tells() -> None:
    memory.require(1)
    with pytest.raises(ScarceError):
        memory.require(1 << 60)

import gzip
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from nexoaudit.model.copy import Assurance
from nexoaudit.model.verification import Verification

Check = Callable[..., Verification]
Seal = Callable[..., Path]

DATA = Path(__file__).parents[1] / "formats" / "data"
SHOP = (DATA / "shop.sql").read_bytes()


@pytest.mark.parametrize(
    "line",
    [
        "{digest}  {path.name}\n",
        "{digest} *{path.name}\r\n",
        "{digest}  /somewhere/else/{path.name}\n",
        "SHA256 ({path}) = {digest}\n",
    ],
)
def test_a_right_digest_beside_the_file_however_it_is_written(
    tmp_path: Path, line: str, check: Check, sealed: Seal
) -> None:
    found = check(sealed(tmp_path / "db.sql.gz", gzip.compress(SHOP), line))
    assert (found.problems, found.recorded) == ((), "sidecar")


def test_a_sidecar_that_names_the_original_does_not_vouch_for_a_damaged_copy(
    tmp_path: Path, dump: Path, check: Check, sealed: Seal
) -> None:
    (tmp_path / "offsite").mkdir()
    copy = tmp_path / "offsite" / dump.name
    sealed(dump, dump.read_bytes(), "{digest}  {path}\n")
    Path(f"{copy}.sha256").write_bytes(Path(f"{dump}.sha256").read_bytes())
    copy.write_bytes(gzip.compress(SHOP, 1))
    subprocess.run(["sha256sum", "-c", f"{copy}.sha256"], check=True, capture_output=True)
    found = check(copy)
    assert found.problems == ("sidecar.mismatch",)
    assert (found.recorded, found.assurance) == ("", Assurance.PRESENT)
    copy.write_bytes(dump.read_bytes())
    assert check(copy).problems == ()


@pytest.mark.parametrize("text", ["", "rubbish\n", "0" * 63, "0" * 64 + "\n" + "1" * 64 + "\n"])
def test_a_sidecar_of_rubbish(dump: Path, text: str, check: Check) -> None:
    Path(f"{dump}.sha256").write_text(text, encoding="ascii")
    found = check(dump)
    assert found.problems == ("sidecar.rubbish",)
    assert (found.recorded, found.assurance) == ("self", Assurance.READABLE)


def test_a_sidecar_that_is_no_file(dump: Path, check: Check) -> None:
    sidecar = Path(f"{dump}.sha256")
    sidecar.unlink()
    os.mkfifo(sidecar)
    assert check(dump).problems == ("sidecar.rubbish",)


def test_a_sidecar_too_long_to_be_one(dump: Path, check: Check) -> None:
    with Path(f"{dump}.sha256").open("ab") as file:
        file.truncate(1 << 40)
    assert check(dump).problems == ("sidecar.rubbish",)


def test_a_sidecar_of_another_file(dump: Path, check: Check, sealed: Seal) -> None:
    sealed(dump, dump.read_bytes(), "{digest}  other.sql.gz\n")
    found = check(dump)
    assert (found.problems, found.recorded) == (("sidecar.other_name",), "sidecar")
    Path(f"{dump}.sha256").write_text("0" * 64 + "  other.sql.gz\n", encoding="ascii")
    assert check(dump).problems == ("sidecar.mismatch", "sidecar.other_name")


def test_a_missing_sidecar_is_a_problem_only_where_one_is_made(dump: Path, check: Check) -> None:
    Path(f"{dump}.sha256").unlink()
    for sidecar in (None, Path(f"{dump}.sha256")):
        found = check(dump, sidecar=sidecar)
        assert found.problems == ("sidecar.missing",)
        assert (found.recorded, found.assurance) == ("self", Assurance.READABLE)
        assert check(dump, sidecar=sidecar, expects_sidecar=False).problems == ()


def test_without_sidecar_only_a_whole_structure_records_itself(dump: Path, check: Check) -> None:
    dump.write_bytes(gzip.compress(SHOP[:-200]))
    found = check(dump, sidecar=None, expects_sidecar=False)
    assert found.problems == ("dump.no_trailer",)
    assert (found.recorded, found.assurance) == ("", Assurance.PRESENT)

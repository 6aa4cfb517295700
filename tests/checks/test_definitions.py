"""The definitions and the page of docs name what there is."""

import re
import shlex
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from nexoaudit.cli.tour import CHECKS
from nexoaudit_checks._options import Shown, parse

ROOT = Path(__file__).parents[2]


def test_every_installed_check_is_known():
    installed = {script.name for script in entry_points(group="console_scripts")}
    checks = {name for name in installed if name.startswith("check_backup_")}
    assert checks == {f"check_backup_{name}" for name in CHECKS}


def options(name):
    with pytest.raises(Shown) as shown:
        parse(import_module(f"nexoaudit_checks.{name}").CHECK, ["--help"])
    return set(re.findall(r"--[a-z]+", str(shown.value)))


@pytest.mark.parametrize("name", CHECKS)
def test_icinga_knows_each_option_that_decides(name):
    text = (ROOT / "checks/icinga2/nexoaudit.conf").read_text()
    blocks = dict(
        re.findall(r'^(?:object|template) CheckCommand "(.+?)" \{(.*?)^\}', text, re.M | re.S)
    )
    block = blocks[f"backup_{name}"]
    seen = {block}
    while found := re.findall(r'import "(.+?)"', block):
        block = blocks[found[0]]
        seen.add(block)
    named = set(re.findall(r'"(--[a-z]+)" = \{', "".join(seen)))
    assert named == options(name) - {"--help", "--version"}
    assert f'PluginContribDir + "/check_backup_{name}"' in "".join(seen)


@pytest.mark.parametrize("name", CHECKS)
def test_nagios_and_nrpe_know_each_check(name):
    program = f"check_backup_{name}"
    nagios = (ROOT / "checks/nagios/nexoaudit.cfg").read_text()
    assert f"command_name    {program}\n    command_line    $USER1$/{program} $ARG1$\n" in nagios
    nrpe = (ROOT / "checks/nrpe/nexoaudit.cfg").read_text()
    (line,) = re.findall(rf"^command\[{program}\]=(.*)$", nrpe, re.M)
    path, *argv = shlex.split(line)
    assert path == f"/usr/lib/nagios/plugins/{program}"
    assert parse(import_module(f"nexoaudit_checks.{name}").CHECK, argv).verbose == 1


@pytest.mark.parametrize("name", CHECKS)
def test_the_page_names_every_label_and_option(name):
    page = (ROOT / "docs/checks.md").read_text()
    check = import_module(f"nexoaudit_checks.{name}").CHECK
    figures = [*check.figures, *(check.path_mode.figures if check.path_mode else ())]
    for figure in figures:
        assert f"`{figure.label}`" in page
        assert not figure.suffix or f"`ID_{figure.suffix}`" in page
    assert f"`{check.program}`" in page
    for option in options(name) - {"--warning", "--critical", "--verbose"}:
        assert option in page, option

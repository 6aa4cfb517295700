"""The installed commands as whole processes: every way in which a plugin can go wrong."""

import os
import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pytest

from nexoaudit.cli.tour import CHECKS
from nexoaudit.state.file import write_state


@pytest.mark.parametrize("name", CHECKS)
def test_each_command_works_in_the_environment_of_nrpe(
    command, live_state, name, clean_environment
):
    said = command(name, "-s", str(live_state), env=clean_environment, cwd="/")
    # The configuration that the state names does not exist, and it has no binary logs.
    code = 3 if name in {"auditor", "binlog"} else 0
    assert (said.code, said.errors) == (code, "")
    assert said.line.startswith(f"BACKUP {name.upper()} {'UNKNOWN' if code else 'OK'} - ")
    assert " | " in said.line or name == "binlog"


def test_the_environment_names_the_state_but_the_option_wins(command, live_state):
    environment = {**os.environ, "NEXOAUDIT_STATE": str(live_state)}
    assert command("age", env=environment).code == 0
    said = command("age", "-s", "/nonexistent", env=environment)
    assert (said.code, said.line) == (
        3,
        "BACKUP AGE UNKNOWN - /nonexistent does not exist: run `nexoaudit audit`",
    )


def test_without_option_and_environment_the_default_is_read(command):
    environment = {key: value for key, value in os.environ.items() if key != "NEXOAUDIT_STATE"}
    said = command("age", env=environment)
    if Path("/var/lib/nexoaudit/state.json").exists():
        pytest.skip("this machine is audited")
    assert said.line == (
        "BACKUP AGE UNKNOWN - /var/lib/nexoaudit/state.json does not exist: run `nexoaudit audit`"
    )


@pytest.mark.parametrize("name", CHECKS)
@pytest.mark.parametrize("option", ["-h", "--help", "-V", "--version"])
def test_help_and_version_exit_with_3_on_standard_output(command, name, option):
    said = command(name, option)
    assert (said.code, said.errors) == (3, "")
    head = "usage: " if "h" in option else ""
    assert said.text.startswith(f"{head}check_backup_{name} ")


def test_the_version_is_that_of_the_package(command):
    import nexoaudit

    assert command("age", "-V").text == f"check_backup_age {nexoaudit.__version__}\n"


@pytest.mark.parametrize("name", CHECKS)
def test_usage_errors_exit_with_3_on_standard_output(command, name):
    said = command(name, "--nope")
    assert (said.code, said.errors) == (3, "")
    assert said.line == (
        f"BACKUP {name.upper()} UNKNOWN - unrecognized arguments: --nope;"
        f" see check_backup_{name} --help"
    )


STATES = {
    "": "is not a state file: run `nexoaudit audit`",
    "{": "is not a state file: run `nexoaudit audit`",
    "\udcff\udcfe": "is not a state file: run `nexoaudit audit`",
    '{"heartbeat_ms": NaN}': "is not a state file: run `nexoaudit audit`",
    '{"heartbeat_ms": 1e999}': "is not a state file: run `nexoaudit audit`",
    "[" * 100_000: "is not a state file: run `nexoaudit audit`",
    "[]": "was not written by this version of nexoaudit: run `nexoaudit audit`",
    "null": "was not written by this version of nexoaudit: run `nexoaudit audit`",
    '{"format": 99}': "was not written by this version of nexoaudit: run `nexoaudit audit`",
}


@pytest.mark.parametrize("body", STATES, ids=range(len(STATES)))
def test_a_foreign_state_is_one_sentence(check, state_file, body):
    state_file.write_bytes(body.encode("utf-8", "surrogateescape"))
    said = check("age", None, "-s", str(state_file))
    assert (said.code, said.line) == (3, f"BACKUP AGE UNKNOWN - {state_file} {STATES[body]}")


def test_a_directory_is_no_state(check, tmp_path):
    said = check("age", None, "-s", str(tmp_path))
    assert said.line == f"BACKUP AGE UNKNOWN - {tmp_path} cannot be read: Is a directory"


def test_a_state_that_another_user_may_not_read(live_state, run_age):
    public = Path(tempfile.mkdtemp(prefix="nx"))
    try:
        public.chmod(0o755)
        state = public / "state.json"
        shutil.copy(live_state, state)
        state.chmod(0o600)
        command_line = [sys.executable, "-c", run_age, "-s", str(state)]
        if os.geteuid() == 0:
            nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
            probe = [*nobody, sys.executable, "-c", "import nexoaudit_checks"]
            if subprocess.run(probe, capture_output=True, check=False).returncode:
                pytest.skip("the interpreter or the package is not readable by other users")
            command_line = [*nobody, *command_line]
        else:
            state.chmod(0)
        done = subprocess.run(command_line, capture_output=True, check=False, cwd="/")
    finally:
        shutil.rmtree(public)
    assert (done.returncode, done.stderr) == (3, b"")
    assert done.stdout.decode() == (
        f"BACKUP AGE UNKNOWN - {state} may not be read by this user:"
        " set monitoring_group in the configuration\n"
    )


@pytest.mark.parametrize("module", ["nagiosplugin", "nexoaudit.assess", "argparse"])
def test_a_missing_library_is_unknown(live_state, python, run_age, module):
    code = f"import sys; sys.modules[{module!r}] = None; {run_age}"
    done = python(code, "-s", str(live_state))
    assert (done.returncode, done.stderr) == (3, b"")
    said = done.stdout.decode()
    assert said.startswith("BACKUP AGE UNKNOWN - this installation is not complete: ")
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    "error", ["ValueError('a|b\\nc')", "MemoryError()", "KeyboardInterrupt()", "SystemExit(0)"]
)
def test_an_unexpected_error_is_one_line_without_a_traceback(live_state, python, run_age, error):
    code = (
        "import nexoaudit_checks._run as run\n"
        f"def fail(*_): raise {error}\n"
        "run.read_state = fail\n" + run_age
    )
    done = python(code, "-s", str(live_state))
    assert (done.returncode, done.stderr) == (3, b"")
    said = done.stdout.decode()
    assert said.startswith(f"BACKUP AGE UNKNOWN - internal error: {error.split('(')[0]}: ")
    assert said.count("\n") == 1
    assert "|" not in said


@pytest.mark.parametrize("closed", ["1", "1 2", "0 1 2"])
def test_closed_descriptors_keep_the_exit_code(script, live_state, closed):
    closing = " ".join(f"{descriptor}>&-" for descriptor in closed.split())
    line = f"exec '{script('age')}' -s '{live_state}' {closing}"
    done = subprocess.run(["/bin/sh", "-c", line], capture_output=True, timeout=30, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_a_reader_that_has_gone_keeps_the_exit_code(script, live_state):
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as pipe:
        done = subprocess.run(
            [script("age"), "-s", str(live_state)],
            stdout=pipe,
            stderr=subprocess.PIPE,
            timeout=30,
            check=False,
        )
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_slow_reader_gets_every_line(script, site, without, state_file):
    names = [f"a-component-with-a-rather-long-name-{number}-{'x' * 150}" for number in range(300)]
    write_state(state_file, without(site(*names), lambda copy: True))
    reading, writing = os.pipe()
    chunks: list[bytes] = []

    def read() -> None:
        with os.fdopen(reading, "rb", buffering=0) as source:
            while chunk := source.read(100):
                chunks.append(chunk)

    reader = threading.Thread(target=read)
    reader.start()
    with os.fdopen(writing, "wb") as pipe:
        done = subprocess.run(
            [script("age"), "-s", str(state_file), "-v"], stdout=pipe, timeout=60, check=False
        )
    reader.join()
    assert done.returncode == 2
    assert 55_000 < len(b"".join(chunks)) < 65_504
    assert b"".join(chunks).endswith(b" more\n")


def test_there_is_one_write(live_state, script, tmp_path):
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed")
    log = tmp_path / "trace"
    subprocess.run(
        ["strace", "-f", "-e", "trace=write", "-o", str(log), script("age"), "-s", str(live_state)],
        capture_output=True,
        check=False,
    )
    if "write(" not in log.read_text():
        pytest.skip("strace may not trace here")
    assert log.read_text().count("write(") == 1


HEAVY = {
    "asyncio", "boto3", "concurrent.futures", "croniter", "dataclasses", "hashlib", "inspect",
    "isal", "jinja2", "pathlib", "pymysql", "rich", "sqlite3", "subprocess", "tomllib",
    "weasyprint", "zoneinfo",
}  # fmt: skip
DIGEST = {"hashlib"}


@pytest.mark.parametrize("name", CHECKS)
def test_a_poll_loads_nothing_heavy(live_state, python, name):
    code = (
        "import sys\n"
        f"from nexoaudit_checks.{name} import main\n"
        "before = sorted(sys.modules)\n"
        f"code = main(['-s', {str(live_state)!r}])\n"
        "print(*before)\n"
        "print(*sorted(sys.modules))\n"
    )
    said, before, after = python(code).stdout.decode().splitlines()
    assert said.startswith(f"BACKUP {name.upper()} ")
    assert not (HEAVY | {"nagiosplugin", "argparse", "nexoaudit.assess"}) & set(before.split())
    allowed = DIGEST if name == "auditor" else set()
    assert not (HEAVY - allowed) & set(after.split())


@pytest.mark.parametrize("name", ["age", "checksum", "copies", "content", "storage"])
def test_a_poll_loads_the_rules_of_its_own_control(live_state, python, name):
    code = (
        f"from nexoaudit_checks.{name} import main\n"
        "import sys\n"
        f"code = main(['-s', {str(live_state)!r}])\n"
        "print(*(module for module in sys.modules if module.startswith('nexoaudit.rules.')))\n"
    )
    loaded = python(code).stdout.decode().splitlines()[-1].split()
    assert f"nexoaudit.rules.{name}" in loaded
    others = {"age", "checksum", "content", "copies", "jobs", "logs", "retention", "storage"} - {
        name
    }
    assert not {f"nexoaudit.rules.{other}" for other in others} & set(loaded)

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nexoaudit.formats.programs import programs
from nexoaudit.formats.secrets import redacted
from nexoaudit.formats.shell import read_command, read_script


def words(text):
    return [command.words for command in read_script(text).commands]


def run(text):
    return [program.name for part in read_command(text) for program in programs(part)]


def test_commands_of_a_script():
    script = read_script(
        "#!/bin/bash -e\n"
        "OUT=/var/x   # where\n"
        'if mysqldump --all \\\n    shop | gzip > "$OUT/a b.gz"; then\n'
        "  echo 'done; really' && sync\n"
        "fi\n"
        'say() { printf "%s" "$*"; }\n'
        "last=$(ls -t $OUT | head -1)\n"
    )
    assert script.interpreter == "/bin/bash -e"
    assert script.complete
    found = {command.words[0]: command for command in script.commands if command.words}
    dump, pack = found["mysqldump"], found["gzip"]
    assert (dump.line, dump.words, dump.after, dump.tested) == (
        3,
        ("mysqldump", "--all", "shop"),
        "|",
        True,
    )
    assert (pack.line, pack.before, pack.redirects, pack.tested) == (
        4,
        "|",
        (">$OUT/a b.gz",),
        True,
    )
    assert found["echo"].words == ("echo", "done; really")
    assert (found["echo"].after, found["echo"].tested) == ("&&", False)
    assert found["printf"].function == "say"
    assert (found["ls"].inner, found["ls"].after, found["ls"].line) == (True, "|", 8)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a;b&&c||d|e", [("a",), ("b",), ("c",), ("d",), ("e",)]),
        ("cat <<EOF\nrm -rf /\nEOF\necho x", [("cat",), ("echo", "x")]),
        ("cat <<-'E F'\n\trm\n\tE F\necho x", [("cat",), ("echo", "x")]),
        ("echo a#b # c", [("echo", "a#b")]),
        ("x=(a b c)", [("x=(a b c)",)]),
        ("(( a < b )) && c", [("(( a < b ))",), ("c",)]),
        ("[[ -f x && -d y ]] || z", [("[[", "-f", "x", "&&", "-d", "y", "]]"), ("z",)]),
        ("echo ${a:-$(b c)} 'it''s'", [("echo", "${a:-$(b c)}", "its")]),
        ("echo `b c`", [("b", "c"), ("echo", "`b c`")]),
        ("a 2>/dev/null &>x", [("a",)]),
    ],
)
def test_words(text, found):
    assert words(text) == found


def test_an_open_quote_is_told_of():
    assert not read_script("echo 'x").complete
    assert not read_script("x=$(y").complete


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("/usr/local/bin/x.sh >> /var/log/x 2>&1", ["/usr/local/bin/x.sh"]),
        ("cd /opt && ./x.sh", ["cd", "./x.sh"]),
        ("sudo -u backup nice -n 19 ionice -c 3 /x.sh", ["/x.sh"]),
        ("flock -n /run/x.lock /x.sh", ["/x.sh"]),
        ("flock /run/x.lock -c 'a; b'", ["a", "b"]),
        ("bash -lc '/x.sh | y'", ["/x.sh", "y"]),
        ("su - backup -c /x.sh", ["/x.sh"]),
        ("bash /x.sh", ["/x.sh"]),
        ("A=1 timeout 2h env B=2 /x.sh", ["/x.sh"]),
        ("test -x /y || /x.sh", ["test", "/x.sh"]),
    ],
)
def test_programs_behind_their_wrappers(text, found):
    assert run(text) == found


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("mysqldump --password=hunter2 shop", "mysqldump --password=*** shop"),
        ("mysqldump -phunter2 shop", "mysqldump -p*** shop"),
        ("mysqldump -u root -p shop", "mysqldump -u root -p shop"),
        ('mysqldump --password="$PASS" shop', 'mysqldump --password="$PASS" shop'),
        ("DB_PASSWORD='a b' x.sh", "DB_PASSWORD=*** x.sh"),
        ("curl https://me:hunter2@example.org/", "curl https://me:***@example.org/"),
        ("gpg --passphrase-file /root/key", "gpg --passphrase-file /root/key"),
        ("gpg --passphrase hunter2", "gpg --passphrase ***"),
        ("mkdir -p /var/backups", "mkdir -p /var/backups"),
    ],
)
def test_passwords_are_left_out(command, said):
    assert redacted(command) == said


SHELL = st.text(
    alphabet=st.sampled_from("ab $(){}[]'\"`\\\n;|&<>#=!-0 if then fi do done"), max_size=60
)


@given(SHELL)
def test_any_script_is_read_to_its_end(text):
    script = read_script(text)
    lines = text.count("\n") + 1
    assert all(1 <= command.line <= lines for command in script.commands)
    for command in script.commands:
        list(programs(command))
    redacted(text)


@given(st.text())
def test_any_text_is_read(text):
    read_script(text)
    redacted(text)


@pytest.mark.parametrize("piece", ["$(", "`", "((", "{", "'", "<<E\n", "bash -c '", "a\\\n", "[["])
def test_a_long_hostile_script_ends(piece):
    read_script(piece * (200_000 // len(piece)))

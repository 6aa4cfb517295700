"""Each known fault on a script that has it, and its mended twin beside it."""

from importlib import resources
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nexoaudit.formats.shell import read_script
from nexoaudit.live.recognise import recognise
from nexoaudit.wording.en_jobs import REASONS

BASH = "#!/bin/bash\n"
STRICT = BASH + "set -euo pipefail\numask 027\n"
ABSENT = ("/etc/php/8.0/php.ini", "/srv/admin/*/config.php")


def faults(text, mode=0o755):
    return recognise(read_script(text), mode, lambda path: path in ABSENT)


def codes(text, mode=0o755):
    return {fault.code.removeprefix("script.") for fault in faults(text, mode)}


def line_of(code, text):
    return [fault.line for fault in faults(text) if fault.code == f"script.{code}"]


FAULTY = {
    "pipe_status": ("mysqldump shop | gzip > x.gz\nif [ $? -eq 0 ]; then true; fi\n", 2),
    "unchecked": ("tar -czf x.tar.gz /srv\ntrue\n", 2),
    "exits_zero": ("rsync -a /srv /backup\necho 'Backup completed'\n", 3),
    "says_success": ("gzip -t x.gz\necho 'verification passed'\nsync\n", 3),
    "digest_anyway": ("tar -czf x.tar.gz /srv\nsha256sum x.tar.gz > x.sha256\ntrue\n", 3),
    "prunes_anyway": ("tar -czf x /srv\nfind /backup -mtime +30 -delete\ntrue\n", 3),
    "removes_anyway": ("tar -czf x.tar.gz tree\nrm -rf tree\ntrue\n", 3),
    "drops_anyway": ("mysqldump shop | gzip > x\nmysql -e 'DROP DATABASE shop'\ntrue\n", 3),
    "completes_anyway": (
        "set -e\nif sync.sh; then\n echo 'sync completed'\nelse\n echo 'sync FAILED'\nfi\n"
        "echo 'Master backup completed'\n",
        6,
    ),
    "hides_errors": ("tar -czf x /srv \\\n  2>/dev/null || exit 1\n", 2),
    "dump_incomplete": ("mysqldump --single-transaction shop > x || exit 1\n", 2),
    "no_position": ("mysqldump --routines --events shop > x || exit 1\n", 2),
    "inconsistent": ("mysqldump -R -E --skip-lock-tables shop > x || exit 1\n", 2),
    "password_argument": ('mysqldump --password="$PASS" shop > x\n', 2),
    "password_readable": ("DB_PASSWORD='hunter2'\n", 2),
    "asks_password": ("mysql -u root -p -e 'FLUSH BINARY LOGS'\n", 2),
    "path_missing": ("tar -czf x /etc/php/8.0/php.ini /srv/x\n", 2),
    "excludes_anywhere": ("rsync -a --exclude 'cache/*' --exclude=logs /srv/ /backup/\n", 2),
    "moves_into": (
        "D=/b\nif [ -d $D/current ]; then\n mv $D/current $D/previous\nfi\n"
        "rsync -a --link-dest=$D/previous /srv/ $D/current/\n",
        4,
    ),
    "renews_times": ("cp /var/log/mysql/mysql-bin.* /backup/\n", 2),
    "absolute_sidecar": ('D=/b\nsha256sum "$D/x" > "$D/x.sha256"\n', 3),
    "no_umask": ("tar -czf x /srv\n", 2),
    "opens_modes": ("chmod -R 755 /srv\n", 2),
    "leaves_in_tmp": ("mysqldump shop | gzip > /tmp/safety.sql.gz\n", 2),
    "restores_too_deep": ('tar -xzf "$1" -C "$2"\nchown -R www-data "$2"\n', 2),
    "newest_by_time": ("F=$(ls -t /backup/*.gz | head -1)\n", 2),
    "mirrors_deletion": ("rsync -a --delete /backup/ me@far:/backup/\n", 2),
    "passphrase_here": ("gpg --batch --symmetric --passphrase-file /root/k x || exit 1\n", 2),
    "tests_here": ("zcat x.gz | mysql shop_test\n", 2),
    "compares_nothing": ("zcat x | mysql t\nN=$(mysql -e 'SELECT COUNT(*)')\necho $N\n", 3),
}
MENDED = {
    "pipe_status": [
        "set -o errexit -o nounset -o pipefail\nmysqldump shop | gzip > x.gz\n",
        "set -Eeuo pipefail\nmysqldump shop | gzip > x.gz\n",
        "set -o pipefail\nif mysqldump shop | gzip > x.gz; then true; fi\n",
        "mysqldump shop | gzip > x.gz\n[ ${PIPESTATUS[0]} -eq 0 ] || exit 1\n",
        "set -eo pipefail\nmysqldump shop | gzip > x.gz\n",
    ],
    "unchecked": [
        "tar -czf x.tar.gz /srv || exit 1\ntrue\n",
        "tar -czf x.tar.gz /srv\n",
        "tar -czf x.tar.gz /srv\nrc=$?\n",
        "if ! tar -czf x.tar.gz /srv; then exit 1; fi\ntrue\n",
        "set -e\ntar -czf x.tar.gz /srv\ntrue\n",
        "trap 'exit 1' ERR\ntar -czf x.tar.gz /srv\ntrue\n",
        "tar -tzf x.tar.gz > list\ntrue\n",
    ],
    "exits_zero": ["rsync -a /srv /backup || exit 1\necho 'Backup completed'\n"],
    "says_success": ["gzip -t x.gz && echo 'verification passed'\n"],
    "digest_anyway": ["tar -czf x /srv && sha256sum x > x.sha256\n", "sha256sum x > y\n"],
    "prunes_anyway": ["set -e\ntar -czf x /srv\nfind /backup -mtime +30 -delete\n"],
    "removes_anyway": ["tar -czf x.tar.gz tree || exit 1\nrm -rf tree\n"],
    "drops_anyway": ["mysql -e 'DROP DATABASE shop_test'\n"],
    "completes_anyway": [
        "if sync.sh; then\n true\nelse\n echo 'sync FAILED'\n exit 1\nfi\necho completed\n",
        "if sync.sh; then\n true\nelse\n echo 'sync FAILED'\n failed=1\nfi\necho completed\n",
    ],
    "hides_errors": ["tar -czf x /srv 2>> /var/log/x.err\n", "ls /x 2>/dev/null\n"],
    "dump_incomplete": [
        "O='--single-transaction --routines --events'\nmysqldump $O shop\n",
        'O=(--routines --events)\nmysqldump "${O[@]}" shop\n',
        "mysqldump $MYSQL_OPTS shop\n",
        "mysqldump -R -E shop\n",
        "mysqldump shop users\n",
        "mysqldump -d shop\n",
    ],
    "no_position": ["mysqldump --source-data=2 shop\n"],
    "inconsistent": ["mysqldump --single-transaction --skip-lock-tables shop\n"],
    "password_argument": ["mysqldump --defaults-file=/x shop\n", "mkdir -p /x\n"],
    "password_readable": [
        "DB_PASSWORD=$(cat /root/k)\n",
        "PASSWORD_FILE=/root/k\n",
        "PASS=\n",
        "TOKEN_URL=x\n",
    ],
    "asks_password": ["mysql -e x\n", "gpg --batch -c x\n", "gpg --encrypt -r a x\n"],
    "path_missing": ["tar -czf x /etc/php/8.2/php.ini\n", "tar -xzf /etc/php/8.0/php.ini\n"],
    "excludes_anywhere": [
        "rsync -a --exclude=/cache --exclude '*.tmp' --exclude .git /srv/ /backup/\n",
        "tar --exclude=./cache -czf x .\n",
    ],
    "moves_into": [
        "D=/b\nrm -rf $D/previous\nmv $D/current $D/previous\nrsync -a /s/ $D/current/\n",
        "mv -T /b/current /b/previous\nrsync -a /s/ /b/current/\n",
        "mv x.part x\n",
    ],
    "renews_times": ["cp -p /var/log/mysql/mysql-bin.* /backup/\n", "cp a b\n"],
    "absolute_sidecar": ["cd /b && sha256sum x > x.sha256\n", "sha256sum -c /b/x.sha256\n"],
    "no_umask": ["umask 077\ntar -czf x /srv\n", "tar -czf x /srv\nchmod 600 x\n", "echo x\n"],
    "opens_modes": ["chmod -R 750 /srv\n", "chmod 755 x.sh\n", "chmod -R u=rwX,g=rX,o= /srv\n"],
    "leaves_in_tmp": ["mysqldump shop > /backup/x\n", "trap x EXIT\ntar -xf x -C /tmp/y\n"],
    "restores_too_deep": ['tar -xzf "$1" -C "$2" --strip-components=1\nchown -R w "$2"\n'],
    "newest_by_time": ["F=$(ls -1 /backup/*.gz | tail -n 1)\n", "ls -t | tail -n +31\n"],
    "mirrors_deletion": [
        "rsync -a /backup/ me@far:/backup/\n",
        "rsync -a --delete --max-delete=100 /backup/ me@far:/backup/\n",
        "rsync -a --delete /srv/ /backup/tree/\n",
        "mountpoint -q /backup || exit 1\nrsync -a --delete /backup/ me@far:/backup/\n",
    ],
    "passphrase_here": ["gpg --batch --encrypt --recipient me x\n"],
    "tests_here": ["zcat x.gz | mysql shop\n"],
    "compares_nothing": [
        "zcat x | mysql t\nN=$(mysql -e 'SELECT COUNT(*)')\n[ $N -gt 9 ] || exit 1\n",
        "N=$(ls | wc -l)\necho $N\n",
    ],
}


@pytest.mark.parametrize("code", FAULTY)
def test_a_fault_is_recognised_on_its_line(code):
    text, line = FAULTY[code]
    assert line_of(code, BASH + text) == [line]


@pytest.mark.parametrize(("code", "text"), [(c, t) for c, texts in MENDED.items() for t in texts])
def test_its_mended_twin_is_not(code, text):
    assert code not in codes(BASH + text)


def test_every_fault_has_a_twin_a_sentence_and_a_mending_line():
    said = {code.removeprefix("script.") for code in REASONS if code.startswith("script.")}
    assert set(FAULTY) == set(MENDED) == said - {"password_inside", "not_followed"}
    assert all("mend: `" in REASONS[f"script.{code}"] for code in FAULTY)


def test_every_fault_is_in_the_documentation():
    text = (Path(__file__).parents[2] / "docs" / "jobs.md").read_text()
    for code in REASONS:
        if code.startswith("script."):
            assert f"`{code.removeprefix('script.')}`" in text


def test_a_password_in_a_private_script_is_told_of_in_other_words():
    text = BASH + "DB_PASSWORD=hunter2\n"
    assert codes(text, 0o700) == {"password_inside"}
    assert codes(text, 0o744) == {"password_readable"}


def test_no_secret_gets_into_a_finding():
    text = BASH + "DB_PASSWORD=hunter2\nmysqldump -phunter2 shop > /tmp/x-$DB_PASSWORD\n"
    assert "hunter2" not in repr(faults(text))


def scripts(kind):
    folder = resources.files("nexoaudit_demo").joinpath("scripts", kind)
    return {path.name: path.read_text() for path in folder.iterdir() if path.name.endswith(".sh")}


@pytest.mark.parametrize("name", sorted(scripts("mended")))
def test_the_mended_scripts_have_no_fault(name):
    assert faults(scripts("mended")[name]) == ()


@pytest.mark.parametrize(
    ("name", "found"),
    [
        (
            "nexosupport-db-backup.sh",
            {
                *("pipe_status", "password_argument", "password_readable", "no_position"),
                *("says_success", "digest_anyway", "prunes_anyway", "no_umask", "absolute_sidecar"),
            },
        ),
        (
            "nexosupport-binlog-backup.sh",
            {"asks_password", "renews_times", "unchecked", "exits_zero", "no_umask"},
        ),
        (
            "nexosupport-config-backup.sh",
            {
                *("hides_errors", "unchecked", "digest_anyway", "prunes_anyway", "exits_zero"),
                *("no_umask", "absolute_sidecar"),
            },
        ),
        (
            "nexosupport-file-backup.sh",
            {
                *("excludes_anywhere", "unchecked", "digest_anyway", "removes_anyway"),
                *("says_success", "prunes_anyway", "no_umask"),
            },
        ),
        (
            "nexosupport-incremental-backup.sh",
            {"moves_into", "excludes_anywhere", "unchecked", "exits_zero", "no_umask"},
        ),
        ("nexosupport-offsite-sync.sh", {"mirrors_deletion", "unchecked", "exits_zero"}),
        ("nexosupport-verify-backup.sh", {"newest_by_time", "unchecked", "exits_zero"}),
    ],
)
def test_the_scripts_as_the_guide_writes_them(name, found):
    assert codes(scripts("guide")[name]) == found


PIECES = st.sampled_from(
    [
        *(
            "mysqldump",
            "tar",
            "-czf",
            "rsync",
            "--delete",
            "|",
            "gzip",
            ">",
            "\n",
            "if",
            "then",
            "fi",
        ),
        *("else", "$(", ")", '"', "'", "rm", "mv", "a", "/b", "&&", "||", "{", "}", "echo", "done"),
        *(
            "set -e",
            "f()",
            "$X",
            "X=",
            "${X}",
            "find",
            "-delete",
            "gpg",
            "chmod -R 755",
            "cp",
            "\\",
        ),
    ]
)


@given(st.lists(PIECES, max_size=40))
def test_any_script_is_looked_at(pieces):
    text = " ".join(pieces)
    for fault in faults(text):
        assert 1 <= fault.line <= text.count("\n") + 1
        assert fault.code in REASONS


def test_a_script_without_end_is_bounded():
    assert len(faults(BASH + "cp mysql-bin.1 /x; " * 50_000)) <= 100


def test_a_command_that_a_variable_holds():
    text = BASH + 'dump="/usr/bin/mysqldump -R -E"\n$dump shop | gzip > x\ntrue\n'
    assert line_of("pipe_status", text) == [3]
    assert not line_of("dump_incomplete", text)


def test_a_script_that_cannot_be_followed_is_told_of():
    assert codes(BASH + "echo 'open\n") == {"not_followed"}


def test_variables_that_name_one_another():
    assert codes(BASH + "A=$B$B\nB=$A$A\nrm -rf $A\n" + "C=$A\n" * 3) == set()

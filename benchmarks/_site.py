"""A dump like those of a site, as large as one asks."""

import gzip
from pathlib import Path

from nexoaudit import process
from nexoaudit.sandbox.query import ask
from nexoaudit.sandbox.server import Server, server

DATABASE = "bench"
GUIDE = ("--log-bin=mysql-bin", "--binlog-format=ROW", "--server-id=1", "--max-binlog-size=100M")
"""The settings of the guide's server."""

_SCHEMA = (
    f"CREATE DATABASE {DATABASE} CHARACTER SET utf8mb4",
    f"USE {DATABASE}",
    "CREATE TABLE users (id INT PRIMARY KEY AUTO_INCREMENT, name VARCHAR(80) NOT NULL,"
    " mail VARCHAR(80), role ENUM('student', 'teacher', 'admin'), timecreated BIGINT,"
    " UNIQUE KEY (mail), KEY (timecreated))",
    "CREATE TABLE messages (id INT PRIMARY KEY AUTO_INCREMENT, userid INT NOT NULL,"
    " subject VARCHAR(200), body TEXT, created DATETIME, digest VARBINARY(32), KEY (created),"
    " FOREIGN KEY (userid) REFERENCES users (id))",
    "CREATE TABLE grades (id INT PRIMARY KEY AUTO_INCREMENT, userid INT NOT NULL,"
    " course INT NOT NULL, grade DECIMAL(7,2), weight DOUBLE, given DATE,"
    " KEY (course, userid), FOREIGN KEY (userid) REFERENCES users (id))",
    "CREATE TABLE attachments (id INT PRIMARY KEY AUTO_INCREMENT, messageid INT NOT NULL,"
    " name VARCHAR(120), content MEDIUMBLOB, FOREIGN KEY (messageid) REFERENCES messages (id))",
    "CREATE TABLE log (id BIGINT PRIMARY KEY AUTO_INCREMENT, userid INT, action VARCHAR(40),"
    " ip VARBINARY(16), detail JSON, at TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),"
    " KEY (at), KEY (userid))",
    "CREATE VIEW newest AS SELECT id, subject FROM messages ORDER BY created DESC LIMIT 10",
)
_ROWS = (
    "INSERT INTO users (name, mail, role, timecreated) SELECT CONCAT('Ñandú 😀 ', seq),"
    " CONCAT(LEFT(MD5(seq), 6), seq, '@example.org'), 1 + seq % 3, 1700000000 + seq"
    " FROM seq_1_to_{users}",
    "INSERT INTO messages (userid, subject, body, created, digest) SELECT"
    " 1 + seq * 7919 % {users}, CONCAT('It''s \"no\" good; ', seq),"
    " REPEAT(CONCAT('Línea con ''comillas''; ', seq, '\\n'), 1 + seq % 12),"
    " FROM_UNIXTIME(1700000000 + seq * 13 % 40000000), UNHEX(SHA2(seq, 256))"
    " FROM seq_1_to_{messages}",
    "INSERT INTO grades (userid, course, grade, weight, given) SELECT 1 + seq * 31 % {users},"
    " seq * 17 % 4000, seq * 7 % 2000 / 100, IF(seq % 10, RAND(seq), NULL),"
    " DATE('2015-01-01') + INTERVAL seq % 3500 DAY FROM seq_1_to_{grades}",
    "INSERT INTO attachments (messageid, name, content) SELECT 1 + seq * 101 % {messages},"
    " CONCAT('file', seq, '.jpg'), REPEAT(UNHEX(CONCAT(SHA2(seq, 512), SHA2(seq + 1, 512),"
    " '00270A5C221A0D')), 200) FROM seq_1_to_{attachments}",
    "INSERT INTO log (userid, action, ip, detail, at) SELECT seq * 13 % {users},"
    " ELT(1 + seq % 5, 'login', 'logout', 'view course', 'submit', 'download'),"
    ' UNHEX(LEFT(MD5(seq), 8)), CONCAT(\'{{"page": \', seq, \', "agent": "Mozilla/5.0"}}\'),'
    " FROM_UNIXTIME(1700000000 + seq * 0.25) FROM seq_1_to_{log}",
)
_PER_MEGABYTE = {"users": 203, "messages": 922, "grades": 5990, "attachments": 4, "log": 2305}


def make_dump(path: Path, megabytes: int) -> int:
    """Write a dump of about so many megabytes of SQL to `path`; return its true size in bytes."""
    numbers = {table: megabytes * number for table, number in _PER_MEGABYTE.items()}
    with server() as source:
        with source.connect() as session:
            for statement in _SCHEMA:
                ask(session, statement)
            for statement in _ROWS:
                ask(session, statement.format(**numbers))
        program = process.find("mariadb-dump", "mariadb-client")
        plain = path.with_suffix("")
        options = ["--single-transaction", "--routines", "--events", f"--result-file={plain}"]
        argv = [program, "--no-defaults", f"--socket={source.socket}", "--user=root"]
        result = process.run([*argv, *options, DATABASE], deadline_s=3600)
        assert result.returncode == 0, result.stderr
    with gzip.open(path, "wb", compresslevel=6) as packed, plain.open("rb") as text:
        while block := text.read(1 << 20):
            packed.write(block)
    size = plain.stat().st_size
    plain.unlink()
    return size


def load_by_guide(running: Server, dump: Path) -> None:
    """Restore a dump as the guide says: `zcat | mariadb`."""
    with running.connect() as session:
        ask(session, f"CREATE DATABASE {DATABASE}")
    client = f"mariadb --no-defaults --socket={running.socket} --user=root {DATABASE}"
    result = process.run(["sh", "-c", f"zcat '{dump}' | {client}"], deadline_s=3600)
    assert result.returncode == 0, result.stderr

"""A live server that is asked what its tables hold, and drills to the places where it was asked."""

import threading
from pathlib import Path

from logged import Live, logs_in, position_of, start_of

from nexoaudit.drill.point_in_time import Wish, drill_point_in_time
from nexoaudit.drill.terms import Terms
from nexoaudit.live.snapshot import observe_snapshot
from nexoaudit.model.drill import Drill
from nexoaudit.model.location import Location
from nexoaudit.model.policy import Expect, Login
from nexoaudit.model.snapshot import Snapshot
from nexoaudit.sandbox.query import ask

NOTHING = Expect()
LOGIN = ("CREATE USER auditor@localhost", "GRANT SELECT ON shop.* TO auditor@localhost")
MORE = (
    "CREATE TABLE shop.old (id INT PRIMARY KEY) ENGINE=MyISAM",
    "CREATE TABLE shop.rates (id INT PRIMARY KEY, rate FLOAT)",
    "CREATE TABLE shop.past (id INT PRIMARY KEY) WITH SYSTEM VERSIONING",
    "CREATE TABLE shop.`odd ``%s` (id INT PRIMARY KEY) PARTITION BY HASH (id) PARTITIONS 3",
    "CREATE TABLE shop.parents (id INT PRIMARY KEY, x TEXT)",
    "CREATE TABLE shop.children (id INT PRIMARY KEY AUTO_INCREMENT, parent INT,"
    " twice INT AS (parent * 2), price DOUBLE, seen TIMESTAMP(6), kind ENUM('a', 'ñ'), j JSON,"
    " FOREIGN KEY (parent) REFERENCES shop.parents (id) ON DELETE CASCADE ON UPDATE CASCADE)",
    "CREATE TABLE shop.kinds (id INT PRIMARY KEY, gone INT, a BIT(5), b DECIMAL(20, 6), c CHAR(4),"
    " d BINARY(4), e SET('x', 'y'), f YEAR, g TIME(3), h DATE, i POINT, j UUID, k INET6,"
    " l INT(8) ZEROFILL, m VARCHAR(300) CHARSET latin1, n LONGBLOB, o DOUBLE(9, 3),"
    " p INT AS (id + 1) STORED, q INT INVISIBLE DEFAULT 5, r TEXT COMPRESSED, KEY (a))"
    " ROW_FORMAT=COMPRESSED",
    "INSERT INTO shop.kinds (id) VALUES (1)",
    "INSERT INTO shop.kinds (id, gone, a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, r) VALUES"
    " (2, 7, b'101', 1.5, 'é', 'x', 'x,y', 2026, '-01:00:00.5', '0000-00-00', POINT(1, 2), UUID(),"
    " '::1', 5, 'ñ', UNHEX('00FF270A'), 1.0005, REPEAT('z', 300)),"
    " (3, 7, 0, -0.000001, '', '', '', 1999, 0, '1000-01-01', NULL, NULL, NULL, 0, '', '', -0.0,"
    " '')",
    "ALTER TABLE shop.users ADD COLUMN early INT DEFAULT 3 FIRST",
    "ALTER TABLE shop.users ADD COLUMN brief INT",
    "UPDATE shop.users SET brief = id WHERE id % 2",
    "ALTER TABLE shop.users DROP COLUMN brief",
    "CREATE VIEW shop.all_users AS SELECT * FROM shop.users",
    "CREATE SEQUENCE shop.numbers",
    "INSERT INTO shop.old VALUES (1)",
    "INSERT INTO shop.rates VALUES (1, 0.1234567)",
    "INSERT INTO shop.past VALUES (1)",
    "INSERT INTO shop.`odd ``%s` VALUES (1)",
    "INSERT INTO shop.parents SELECT seq, REPEAT('é', seq) FROM seq_1_to_20",
    "INSERT INTO shop.children (parent, price, seen, kind, j) SELECT seq, RAND(), NOW(6), 'ñ',"
    " '{\"a\": [1]}' FROM seq_1_to_20",
)
CHANGES = (
    "DELETE FROM shop.parents WHERE id = 3",
    "UPDATE shop.parents SET id = 100 WHERE id = 4",
    "ALTER TABLE shop.hits ADD extra VARCHAR(20) DEFAULT 'x' AFTER id",
    "UPDATE shop.hits SET extra = 'ñandú' WHERE id = 2",
    "CREATE TABLE shop.made (id INT PRIMARY KEY) AS SELECT id FROM shop.users",
    "CREATE TABLE shop.gone (id INT PRIMARY KEY)",
    "DROP TABLE shop.gone",
    "ALTER TABLE shop.users MODIFY name VARCHAR(400) NOT NULL DEFAULT ''",
    "ALTER TABLE shop.kinds DROP COLUMN gone, MODIFY l BIGINT, ADD COLUMN s JSON",
    "UPDATE shop.kinds SET b = b * 3, o = o / 3, s = '{}' WHERE id > 1",
    "INSERT INTO shop.kinds (id, q, i) VALUES (9, NULL, POINT(3, 4))",
    "ALTER TABLE shop.parents CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
    "UPDATE shop.children SET price = price / 3, seen = NOW(6)",
    "INSERT INTO shop.rates VALUES (2, 0.7654321)",
)


class Asked:
    """A live server, a dump of it, and drills to the places where it was asked."""

    def __init__(self, server: Live, folder: Path, parent: Path) -> None:
        self.server = server
        self._folder = folder
        self._parent = parent
        self._number = 0
        self.dump()

    def dump(self) -> None:
        self.dumped = self.server.dump("--master-data=2", "shop")

    def run(self, *statements: str) -> None:
        for statement in statements:
            self.server.run(statement)

    def snapshot(self, within_s: float = 60, user: str = "auditor") -> Snapshot:
        login = Login(user, str(self.server.running.socket))
        now = self.server.moment
        return observe_snapshot("database", login, ("shop",), now, within_s=within_s)

    def drill(
        self,
        snapshot: Snapshot,
        expect: Expect = NOTHING,
    ) -> Drill:
        self._number += 1
        folder = self.server.copy_logs(self._folder / f"logs{self._number}")
        dump = self._folder / "d.sql"
        dump.write_bytes(self.dumped)
        found = drill_point_in_time(
            start_of(dump, position_of(self.dumped)),
            Location("disk", str(folder)),
            logs_in(folder),
            Terms(expect, rto_s=3600),
            component="binlog",
            wish=Wish(snapshot=snapshot, pick=lambda count: count - 1),
            now=self.server.moment,
            parent=self._parent,
        )
        assert list(self._parent.iterdir()) == []
        return found


class Writer(threading.Thread):
    """Changes the site as fast as it can, until it is told to stop."""

    def __init__(self, server: Live) -> None:
        super().__init__()
        self._server = server
        self._over = threading.Event()
        self.loops = 0

    def __enter__(self) -> "Writer":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self.join()

    def run(self) -> None:
        with self._server.running.connect() as session:
            while not self._over.is_set():
                for statement in (
                    "INSERT INTO shop.users (name, timecreated) VALUES ('w', 1)",
                    "UPDATE shop.hits SET n = n + 1",
                    "INSERT INTO shop.`odd ``%%s` SELECT MAX(id) + 1 FROM shop.`odd ``%%s`",
                ):
                    ask(session, statement.replace("%%", "%"))
                self.loops += 1

    def wait(self, more: int) -> None:
        until = self.loops + more
        while self.loops < until:
            assert self.is_alive()

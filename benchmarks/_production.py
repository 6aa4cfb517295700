"""Stands for a busy production server: how long its users wait, whatever is done beside it."""

import select
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from _site import GUIDE

from nexoaudit.sandbox.query import ask
from nexoaudit.sandbox.server import Server, server

_ROWS = 100_000
_PAUSE_S = 0.002


@contextmanager
def production() -> Iterator[Callable[[Callable[[], object]], tuple[float, float]]]:
    """Yield a function that measures the p50 and p99, in ms, while another one runs."""
    with server(throwaway=False, options=GUIDE) as running:
        with running.connect() as session:
            ask(session, "CREATE DATABASE shop")
            ask(session, "USE shop")
            ask(session, "CREATE TABLE shop.item (id INT PRIMARY KEY, name VARCHAR(80))")
            ask(session, f"INSERT INTO shop.item SELECT seq, MD5(seq) FROM seq_1_to_{_ROWS}")
            ask(session, "CREATE TABLE shop.sale (id INT PRIMARY KEY AUTO_INCREMENT, item INT)")

        def beside(what: Callable[[], object]) -> tuple[float, float]:
            argv = [sys.executable, __file__, str(running.directory)]
            users = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            what()
            said, _ = users.communicate()
            middle, worst = said.split()
            return float(middle), float(worst)

        yield beside


def _serve(directory: Path) -> None:
    """Serve one request after another until standard input ends; print p50 and p99 in ms."""
    waited = []
    with Server(directory, directory / "s").connect() as session, session.cursor() as cursor:
        number = 0
        while not _is_over():
            number += 7919
            begin = time.perf_counter()
            cursor.execute(f"SELECT name FROM shop.item WHERE id = {1 + number % _ROWS}")
            cursor.execute(f"INSERT INTO shop.sale (item) VALUES ({number % _ROWS})")
            waited.append(1000 * (time.perf_counter() - begin))
            time.sleep(_PAUSE_S)
    waited.sort()
    print(waited[len(waited) // 2], waited[len(waited) * 99 // 100])


def _is_over() -> bool:
    return bool(select.select([sys.stdin], [], [], 0)[0])


if __name__ == "__main__":
    _serve(Path(sys.argv[1]))

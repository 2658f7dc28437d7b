"""Lines of the access log stay whole, whoever writes at the same time."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING

from anslut import Caller, Settings
from anslut.access_log import AccessLog

if TYPE_CHECKING:
    from pathlib import Path

WRITERS, THREADS, LINES = 2, 8, 200


def test_lines_written_at_once_are_whole(tmp_path: Path) -> None:
    """A line torn in two is a read that nobody can be asked about."""
    file = tmp_path / "access.log"
    # Each writer has opened the file by itself, as each worker process has.
    logs = [AccessLog(Settings(access_log=str(file), source_client_secret="x")) for _ in range(WRITERS)]

    def write(log: AccessLog) -> None:
        for number in range(LINES):
            log.write(
                Caller(),
                type_name="diagnoses",
                patient=None,
                care_units={f"SE2321000999-A{unit}" for unit in range(20)},
                count=number,
                outcome="ok",
                milliseconds=1.0,
            )

    threads = [threading.Thread(target=write, args=(log,)) for log in logs for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    counts = [json.loads(line)["count"] for line in file.read_text(encoding="utf-8").splitlines()]
    assert sorted(counts) == sorted(list(range(LINES)) * WRITERS * THREADS)

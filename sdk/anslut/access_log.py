"""The access log: one JSON line for every read, saying who asked when for what, never whose number.

The person stands in it as a pseudonym made with a key: the same person gives the same value, and nobody
without the key gets back. Each line is written whole with one system call: processes can share a file.
"""

from __future__ import annotations

import os
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import orjson
from anslut_contracts import time_form
from anslut_contracts.clock import SystemClock

from anslut.errors import ConnectorFailedError, SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from anslut_contracts.clock import Clock

    from anslut.query import Caller
    from anslut.settings import Settings

# Letters only: sixteen digits in a row could be taken for somebody's number.
_LETTERS = str.maketrans("0123456789abcdef", "ghijklmnopabcdef")


class AccessLog:
    """Writes the access log named by `ANSLUT_ACCESS_LOG`, or nothing when none is named."""

    def __init__(self, settings: Settings, *, clock: Clock | None = None) -> None:
        """Open the file for appending, readable by its owner only."""
        self._key = settings.key("access-log pseudonym")
        self._clock = clock or SystemClock()
        self._path = settings.access_log
        self._file: int | None = None
        if self._path:
            try:
                self._file = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            except OSError:
                raise SettingsError("the file that ANSLUT_ACCESS_LOG names cannot be written") from None

    def pseudonym(self, root: str, extension: str) -> str:
        """Return the person's pseudonym, 32 letters."""
        person = f"{root}|{extension}".encode()
        return blake2b(person, key=self._key, digest_size=16).hexdigest().translate(_LETTERS)

    def write(  # noqa: PLR0913 - the fields of a line
        self,
        caller: Caller,
        *,
        type_name: str | None,
        patient: tuple[str, str] | None,
        care_units: Iterable[str],
        count: int,
        outcome: str,
        milliseconds: float,
    ) -> None:
        """Append one line; *patient* is root and extension of the identity asked for, if it was valid."""
        if self._file is None:
            return
        line: dict[str, Any] = {
            "time": time_form.to_json(self._clock.now()),
            "logId": caller.log_id,
            "correlationId": caller.correlation_id or caller.log_id,
            "careUnits": sorted(care_units),
            "count": count,
            "outcome": outcome,
            "milliseconds": round(milliseconds, 1),
        }
        if caller.consumer_hsa_id:
            line["consumerHsaId"] = caller.consumer_hsa_id
        if caller.caller_hsa_id:
            line["callerHsaId"] = caller.caller_hsa_id
        if type_name:
            line["type"] = type_name
        if patient:
            line["subject"] = self.pseudonym(*patient)
        plain = orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE)
        try:
            # No lock: appending is one step for the system, between threads as between processes, and a lock
            # held over a system call makes every thread of the door wait in line.
            written = os.write(self._file, plain)
        except OSError:
            written = 0
        if written != len(plain):
            raise ConnectorFailedError("the access log cannot be written, and nothing is read unlogged")

"""Keeping the position in a change feed: the only thing a connector writes down, and not about anybody."""

from __future__ import annotations

import contextlib
import fcntl
import os
from hashlib import blake2b
from pathlib import Path

from anslut.errors import SettingsError


class PositionKeeper:
    """Keeps one position in a file below *folder*, or in memory only when there is none.

    With a file, one process at a time owns it: the lock goes to another when the owner ends. In memory the
    feed is read from its beginning after each start, which tells the index what it knows and does no harm.
    """

    def __init__(self, folder: str | None, *, name: str) -> None:
        """*name* tells feeds apart; only its digest stands in the file's name."""
        self._position: str | None = None
        self._lock: int | None = None
        self._file: Path | None = None
        if folder:
            digest = blake2b(name.encode(), digest_size=8).hexdigest()
            self._file = Path(folder) / f"index-position-{digest}"
            try:
                self._file.parent.mkdir(parents=True, exist_ok=True)
            except OSError:
                raise SettingsError("the folder that ANSLUT_STATE_DIR names cannot be made") from None

    @property
    def position(self) -> str | None:
        """Where to go on, or `None` for the beginning."""
        return self._position

    def is_ours(self) -> bool:
        """Return whether this process may announce; the first to ask gets the lock and reads the position."""
        if self._file is None or self._lock is not None:
            return True
        handle = os.open(self._file.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(handle)
            return False
        self._lock = handle
        with contextlib.suppress(FileNotFoundError):
            self._position = self._file.read_text(encoding="utf-8") or None
        return True

    def move(self, position: str) -> None:
        """Move to *position*; the file always holds either the old one or the new one, whole."""
        if self._file is not None:
            fresh = self._file.with_suffix(".new")
            with fresh.open("w", encoding="utf-8") as file:
                file.write(position)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(self._file)
        self._position = position

    def close(self) -> None:
        """Let another process take over."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

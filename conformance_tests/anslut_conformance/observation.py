"""What can be seen beside the answers, and why something cannot: access log, files, output, authentication, index."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

from anslut_conformance.errors import Finding

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

#: Everything a check may declare that it must observe.
OBSERVABLES = ("answers", "access-log", "files", "process", "authentication", "index")


@dataclass(kw_only=True)
class Observations:
    """What this run can see. Each observable is a way to look, or a reason (Swedish) why nobody can."""

    access_log_path: Path | None = None
    list_files: Callable[[], list[Path]] | None = None
    read_output: Callable[[], str] | None = None
    missing: dict[str, str] = field(default_factory=dict)
    _begin: int = field(init=False)
    _offset: int = field(init=False)

    def __post_init__(self) -> None:
        # A connector that is left running has written lines before this run.
        self._begin = self._offset = self._size()

    def why_not(self, what: str) -> str | None:
        """Return why *what* cannot be observed, or None when it can."""
        if what not in OBSERVABLES:
            raise KeyError(what)
        return self.missing.get(what)

    def mark(self) -> None:
        """Let `access_log` begin here."""
        self._offset = self._size()

    def has_log(self) -> bool:
        """Whether the access log has grown since the run began."""
        return self._size() > self._begin

    def access_log(self) -> list[dict[str, Any]]:
        """Return the lines written since `mark`; a line that is not a JSON object is a finding."""
        lines: list[dict[str, Any]] = []
        for line in self._log_bytes()[self._offset :].splitlines():
            if not line.strip():
                continue
            try:
                document = orjson.loads(line)
            except orjson.JSONDecodeError as error:
                raise Finding(
                    "a line of the access log is not JSON", expected="one JSON object per line"
                ) from error
            if not isinstance(document, dict):
                raise Finding("a line of the access log is not a JSON object", got=type(document).__name__)
            lines.append(document)
        return lines

    def access_log_text(self) -> str:
        """Return the access log since the run began."""
        return self._log_bytes()[self._begin :].decode("utf-8", "replace")

    def _size(self) -> int:
        path = self.access_log_path
        return path.stat().st_size if path is not None and path.exists() else 0

    def _log_bytes(self) -> bytes:
        if self.access_log_path is None or not self.access_log_path.exists():
            return b""
        return self.access_log_path.read_bytes()

    def files(self) -> list[Path]:
        """Return files written by the connector, the access log left out."""
        if self.list_files is None:
            return []
        return [path for path in self.list_files() if path != self.access_log_path]

    def process_output(self) -> str:
        """Return what the connector printed and logged."""
        return "" if self.read_output is None else self.read_output()

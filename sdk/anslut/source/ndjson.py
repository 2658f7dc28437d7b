"""Streams of lines: one JSON object on each (NDJSON), read within limits, whole or not at all.

A stream that breaks off looks exactly like a shorter one. So the source must end it with a line that says how
many there were, and until that line has come and its count is right, nothing that was read is handed on.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

from anslut.errors import SourceDataError
from anslut.nesting import is_deeper
from anslut.source import reply as replies

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    import requests

Row = dict[str, Any]
MEDIA_TYPES = ("application/x-ndjson", "application/ndjson", "application/jsonl")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """A stream that was read to its end: the lines before the end line, and the end line; not shown in logs."""

    rows: tuple[Row, ...] = field(repr=False)
    end: Row = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """How a source's streams end, and how large they may be; given to `SourceClient.ask` as *read*.

    *count_in_end* returns, for the end line, how many lines came before it, and `None` for every other line.
    A line longer than *longest_line* bytes is given up as soon as it is, not when its end is found.
    """

    count_in_end: Callable[[Row], object]
    longest_line: int = 1_000_000
    most_lines: int = 100_000
    largest_bytes: int = 32_000_000
    deepest: int = 50

    def __call__(self, response: requests.Response, source: str) -> Stream:
        """Read the whole stream; raise `SourceDataError`, naming *source*, unless all of it is there and sound."""
        if not replies.is_declared(response, MEDIA_TYPES):
            response.close()
            raise SourceDataError("the source's answer is not lines of JSON in UTF-8", source=source)
        # Closed here and now, and not when the last who holds a failed reading lets go of it.
        with closing(replies.pieces(response, largest_bytes=self.largest_bytes, source=source)) as pieces:
            return self._read(self._lines(pieces, source), source)

    def _read(self, lines: Iterable[bytes], source: str) -> Stream:
        rows: list[Row] = []
        end: Row | None = None
        for line in lines:  # to their end also when the end line has come: nothing may follow it
            if end is not None:
                raise SourceDataError("the source's stream goes on after its end", source=source)
            row = self._row(line, source)
            count = self.count_in_end(row)
            if count is None:
                rows.append(row)
            elif isinstance(count, int) and not isinstance(count, bool) and count == len(rows):
                end = row
            else:
                raise SourceDataError("the source's stream has not as many lines as it says", source=source)
            if len(rows) > self.most_lines:
                raise SourceDataError("the source's stream has more lines than one may have", source=source)
        if end is None:
            raise SourceDataError("the source's stream broke off", source=source)
        return Stream(rows=tuple(rows), end=end)

    def _lines(self, pieces: Iterable[bytes], source: str) -> Iterator[bytes]:
        """Yield the lines of *pieces*, without line feeds; blank ones, which keep a connection alive, are left out."""
        begun = bytearray()
        for piece in pieces:
            *whole, rest = piece.split(b"\n")
            for part in whole:
                begun += part
                self._check_length(begun, source)
                if begun.strip():
                    yield bytes(begun)
                begun.clear()
            begun += rest
            self._check_length(begun, source)
        if begun.strip():
            yield bytes(begun)

    def _check_length(self, line: bytearray, source: str) -> None:
        if len(line) > self.longest_line:
            raise SourceDataError("a line of the source's stream is longer than one may be", source=source)

    def _row(self, line: bytes, source: str) -> Row:
        try:
            row = orjson.loads(line)
        except orjson.JSONDecodeError:
            raise SourceDataError(
                "a line of the source's stream cannot be read as JSON", source=source
            ) from None
        if not isinstance(row, dict) or is_deeper(row, self.deepest):
            raise SourceDataError("a line of the source's stream is not what it should be", source=source)
        return row

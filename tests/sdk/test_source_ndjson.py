"""Streams of lines: whole or not at all, and never larger than they may be."""

from __future__ import annotations

import json
from typing import Any

import pytest
from anslut import SourceClient
from anslut.errors import SourceDataError, SourceFailedError, SourceRefusedError
from anslut.source.ndjson import Lines, Row, Stream

HSA_ID = "SE2321000999-R001"
NDJSON = {"Content-Type": "application/x-ndjson; charset=utf-8"}
ROWS = [{"typ": "samtal", "id": "a"}, {"typ": "anteckning", "id": "b", "text": "Å\u2028ä"}]


def count_in_end(row: Row) -> object:
    """Return the count of an end line."""
    return row.get("antal", "-") if row.get("typ") == "slut" else None


LINES = Lines(count_in_end=count_in_end, longest_line=2_000, most_lines=50, largest_bytes=20_000, deepest=5)


def body(*rows: object, end: object = None) -> bytes:
    """Return *rows* as a stream with a right end line, or with *end*."""
    last = {"typ": "slut", "antal": len(rows)} if end is None else end
    return b"".join(json.dumps(row).encode() + b"\n" for row in (*rows, last))


def ask(
    fake_source: Any, answer: bytes, headers: dict[str, str] | None = None, *, status: int = 200
) -> Stream:
    """Return what the client makes of *answer*."""
    fake_source.answers = lambda *_: (status, headers or NDJSON, answer)
    client = SourceClient(fake_source.url, source=HSA_ID)
    found: Stream = client.ask("POST", "/v1/strommar", json={}, read=LINES).document
    return found


def test_a_whole_stream_is_its_rows_and_its_end(fake_source: Any) -> None:
    """A line separator of Unicode's inside a text is no end of a line."""
    found = ask(fake_source, body(*ROWS))

    assert list(found.rows) == ROWS
    assert found.end == {"typ": "slut", "antal": 2}


def test_blank_lines_and_a_missing_last_line_feed_are_no_harm(fake_source: Any) -> None:
    """The count says that everything is there."""
    found = ask(fake_source, b"\n" + body(*ROWS).replace(b"\n", b"\r\n").rstrip())

    assert list(found.rows) == ROWS


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(b"", id="empty"),
        pytest.param(body(*ROWS)[:-40], id="cut in mid-line"),
        pytest.param(body(*ROWS).rpartition(b'{"typ": "slut"')[0], id="no end line"),
        pytest.param(body(*ROWS, end={"typ": "slut", "antal": 3}), id="too few lines"),
        pytest.param(body(*ROWS, end={"typ": "slut", "antal": 1}), id="too many lines"),
        pytest.param(body(*ROWS, end={"typ": "slut", "antal": "2"}), id="a count that is text"),
        pytest.param(body(*ROWS, end={"typ": "slut", "antal": True}), id="a count that is a truth"),
        pytest.param(body(*ROWS, end={"typ": "slut"}), id="no count"),
        pytest.param(body(*ROWS) + b'{"typ": "samtal"}\n', id="a line after the end"),
        pytest.param(body(*ROWS) + b'{"typ": "slut", "antal": 2}\n', id="two ends"),
        pytest.param(body(*ROWS) + b"\0\0", id="trailing NULs"),
        pytest.param(b"\xef\xbb\xbf" + body(*ROWS), id="byte order mark"),
        pytest.param(body(*ROWS).decode().encode("utf-16"), id="UTF-16"),
        pytest.param(body({"text": "å"}).replace(b"\\u00e5", b"\xe5"), id="ISO-8859-1"),
        pytest.param(body([1, 2]), id="a line that is a list"),
        pytest.param(body({"a": [[[[[[[1]]]]]]]}), id="nested too deep"),
        pytest.param(body({"a": "x" * 2_000}), id="a line too long"),
        pytest.param(b'{"a": "' + b"x" * 15_000, id="a line without end"),
        pytest.param(body(*[{"n": n} for n in range(51)]), id="too many lines for us"),
        pytest.param(body(*[{"n": "x" * 1_000} for n in range(25)]), id="too many bytes"),
    ],
)
def test_anything_else_is_an_error_that_names_the_source(fake_source: Any, answer: bytes) -> None:
    """And nothing of what was read is handed on, nor told."""
    with pytest.raises(SourceDataError) as caught:
        ask(fake_source, answer)

    assert caught.value.source == HSA_ID
    assert "samtal" not in str(caught.value)
    assert len(fake_source.calls) == 1


@pytest.mark.parametrize(
    "content_type", ["application/json", "text/html", "application/x-ndjson; charset=iso-8859-1", ""]
)
def test_what_does_not_call_itself_lines_is_not_read(fake_source: Any, content_type: str) -> None:
    """A proxy's page is no stream."""
    with pytest.raises(SourceDataError):
        ask(fake_source, body(*ROWS), {"Content-Type": content_type})


def test_an_error_of_the_source_is_what_its_status_says(fake_source: Any) -> None:
    """Errors are JSON and no stream."""
    with pytest.raises(SourceRefusedError):
        ask(fake_source, b'{"fel": "FEL_NYCKEL"}', {"Content-Type": "application/json"}, status=401)
    with pytest.raises(SourceFailedError):
        ask(fake_source, b"", {"Content-Type": "application/json"}, status=500)


def test_rows_are_not_shown_in_logs(fake_source: Any) -> None:
    """They are a person's."""
    assert "samtal" not in repr(ask(fake_source, body(*ROWS)))

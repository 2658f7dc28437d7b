"""What the faults of the wire do to an answer, seen byte by byte over a socket."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest
import urllib3
from anslut_simulators.faults.strike import WIRE
from plain_system import JSON, LINES, XML, Got, ask

if TYPE_CHECKING:
    from collections.abc import Callable

    from anslut_simulators import ControlClient

HALF = len(JSON) // 2
WHOLE = b"".join(LINES)


def _length(got: Got) -> int:
    return int(got.headers["content-length"])


CHECKS: dict[str, Callable[[Got], bool]] = {
    "empty-body": lambda got: got.body == b"" and _length(got) == 0,
    "proxy-page": lambda got: got.body.startswith(b"<!DOCTYPE html>") and "etag" not in got.headers,
    "malformed": lambda got: got.body == JSON[:HALF] and _length(got) == HALF,
    "trailing-nuls": lambda got: got.body.rstrip(b"\n\0") == JSON and got.body.endswith(b"\0"),
    "wrong-charset": lambda got: (
        got.body.decode("latin-1") == JSON.decode() and got.headers["content-type"].endswith("utf-8")
    ),
    "bom": lambda got: got.body == b"\xef\xbb\xbf" + JSON and _length(got) == len(JSON) + 3,
    "wrong-content-type": lambda got: (
        got.body == JSON and got.headers["content-type"].startswith("text/html")
    ),
    "compression-lie": lambda got: got.body == JSON and got.headers["content-encoding"] == "gzip",
    "unmarked-compression": lambda got: (
        gzip.decompress(got.body) == JSON and "content-encoding" not in got.headers
    ),
    "clock-skew": lambda got: got.body == JSON and got.headers["date"] == "Wed, 15 Nov 2023 08:00:00 GMT",
    "length-in-characters": lambda got: got.body == JSON and _length(got) == len(JSON.decode()) < len(JSON),
    "odd-chunks": lambda got: b"".join(got.chunks) == JSON and len(got.chunks) > 10,
    "dribble": lambda got: got.body == JSON and _length(got) == len(JSON),
    "hang": lambda got: got.body == JSON[:HALF] and _length(got) == len(JSON),
    "truncate": lambda got: got.body == JSON[:HALF] and _length(got) == len(JSON) and not got.was_reset,
    "reset-in-body": lambda got: got.body == JSON[:HALF] and _length(got) == len(JSON) and got.was_reset,
    "reset": lambda got: got.head == "" and got.was_reset,
}


@pytest.mark.parametrize("fault", WIRE)
def test_a_fault_of_the_wire_does_what_the_catalogue_says(plain: ControlClient, fault: str) -> None:
    """Once, and the next call is whole again: also on a new connection after a broken one."""
    more = {"seconds": 0} if fault in {"dribble", "hang"} else {}
    plain.fault(fault, system="plain", times=1, **more)
    struck, after = ask(plain), ask(plain)

    assert CHECKS[fault](struck)
    assert struck.was_reset == fault.startswith("reset")
    assert (after.status, after.body, after.headers["date"]) == (200, JSON, "Wed, 15 Nov 2023 07:00:00 GMT")
    assert [call["status"] for call in plain.journal()] == [0 if fault == "reset" else 200, 200]


def test_a_stream_comes_in_its_own_chunks(plain: ControlClient) -> None:
    """What the system cut is what arrives; an old client gets the same bytes and then the end."""
    got, old = ask(plain, "/stream"), ask(plain, "/stream", version="1.0")

    assert got.chunks == [*LINES, b""]
    assert "content-length" not in got.headers
    assert (old.body, old.headers.get("transfer-encoding")) == (WHOLE, None)
    assert ask(plain, "/stream", method="HEAD").body == b""
    assert plain.journal()[0]["bytes"] == len(WHOLE)


def test_a_connection_is_kept_after_a_stream(plain: ControlClient) -> None:
    """Chunks end in order, so the next answer is not taken for more of the last."""
    pool = urllib3.connection_from_url(plain.base_url)
    where = f"/s/{plain.scenario}/plain"
    bodies = [pool.request("GET", f"{where}{path}").data for path in ("/stream", "/json", "/stream")]

    assert bodies == [WHOLE, JSON, WHOLE]
    assert (pool.num_requests, pool.num_connections) == (3, 1)
    pool.close()


STREAMED: dict[str, Callable[[Got], bool]] = {
    "malformed": lambda got: (
        b"".join(got.chunks) == WHOLE[: len(WHOLE) // 2] and got.chunks[:2] == [*LINES[:2]]
    ),
    "truncate": lambda got: b"".join(got.chunks) == WHOLE[: len(WHOLE) // 2] and got.chunks[-1] != b"",
    "reset-in-body": lambda got: b"".join(got.chunks) == WHOLE[: len(WHOLE) // 2] and got.was_reset,
    "dribble": lambda got: b"".join(got.chunks) == WHOLE and max(map(len, got.chunks)) == 5,
    "bom": lambda got: got.chunks[0].startswith(b"\xef\xbb\xbf{") and b"".join(got.chunks)[3:] == WHOLE,
    "empty-body": lambda got: got.chunks == [b""],
    "length-in-characters": lambda got: _length(got) == len(WHOLE.decode()),
}


@pytest.mark.parametrize("fault", STREAMED)
def test_a_stream_can_be_struck_too(plain: ControlClient, fault: str) -> None:
    """A stream ends in good order only with its last, empty chunk."""
    more = {"seconds": 0, "size": 5} if fault == "dribble" else {}
    plain.fault(fault, system="plain", **more)

    assert STREAMED[fault](ask(plain, "/stream"))


def test_latin_1_that_comes_as_utf_8(plain: ControlClient) -> None:
    """Text that says ISO-8859-1 and is not; and text in a set that was asked for."""
    plain.fault("wrong-charset", system="plain", nth=1)
    plain.fault("wrong-charset", system="plain", nth=2, charset="utf-16")
    got = ask(plain, "/xml")

    assert got.headers["content-type"].endswith("ISO-8859-1")
    assert got.body.decode() == XML.decode("latin-1")
    assert ask(plain, "/xml").body.decode("utf-16") == XML.decode("latin-1")


def test_odd_chunks_cut_letters_and_are_the_same_for_the_same_seed(
    plain: ControlClient, plain_region_again: ControlClient
) -> None:
    """Legal, and drawn: a client that decodes chunk by chunk fails every time, not sometimes."""
    chunks = []
    for control in (plain, plain_region_again):
        control.fault("odd-chunks", system="plain", size=8, seed=3)
        chunks.append(ask(control).chunks)
    other = ask(plain).chunks

    assert chunks[0] == chunks[1] != other
    assert b"".join(other) == JSON
    assert any(not _is_text(chunk) for chunk in chunks[0])
    assert max(map(len, chunks[0])) <= 15


def test_several_faults_strike_one_answer_in_the_catalogues_order(plain: ControlClient) -> None:
    """Asked for in any order: NULs after the body, a mark before it, then the half of all that and a reset."""
    for fault in ("reset-in-body", "bom", "trailing-nuls"):
        plain.fault(fault, system="plain")
    got = ask(plain)
    whole = b"\xef\xbb\xbf" + JSON + b"\n\0\0\0\0"

    assert got.was_reset
    assert (got.body, _length(got)) == (whole[: len(whole) // 2], len(whole))


def test_a_body_called_something_else_cannot_smuggle_a_header(plain: ControlClient) -> None:
    """A header's value is one line."""
    with pytest.raises(Exception, match="422"):
        plain.fault("wrong-content-type", system="plain", content_type="text/html\r\nSet-Cookie: a=b")


@pytest.mark.parametrize(
    ("form", "written"),
    [("seconds", "30"), ("date", "Wed, 15 Nov 2023 07:00:30 GMT"), ("nonsense", "strax"), (None, "30")],
)
@pytest.mark.parametrize("fault", ["status", "rate-limit"])
def test_retry_after_in_every_form(plain: ControlClient, fault: str, form: str | None, written: str) -> None:
    """RFC 9110 allows seconds and a date; the world knows more."""
    more = {} if form is None else {"retry_after_form": form}
    plain.fault(fault, system="plain", retry_after=30, **more)
    got = ask(plain)

    assert (got.status, got.headers["retry-after"]) == (500 if fault == "status" else 429, written)


def test_a_skewed_clock_moves_the_time_that_tokens_live_by(plain: ControlClient) -> None:
    """Date is what the connector sees of it; its tokens feel it."""
    plain.fault("clock-skew", system="plain", seconds=-7200)
    got = ask(plain, "/clock")

    assert (got.headers["date"], got.body) == ("Wed, 15 Nov 2023 05:00:00 GMT", b"-7200000000")


def test_a_content_fault_reaches_the_system_with_its_draws(plain: ControlClient) -> None:
    """The system asks the call; the draw belongs to the seed and the call's number."""
    plain.fault("stale-cursor", system="plain", seed=5, path="json")
    first, second = ask(plain), ask(plain)
    plain.reset()
    plain.fault("stale-cursor", system="plain", seed=5, path="json")

    assert first.status == 410
    assert first.body != second.body
    assert ask(plain).body == first.body


def _is_text(part: bytes) -> bool:
    try:
        part.decode()
    except UnicodeDecodeError:
        return False
    return True

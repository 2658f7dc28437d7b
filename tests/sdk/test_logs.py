"""A log never holds a person's number or a token, whoever writes to it and however it is formatted."""

from __future__ import annotations

import json
import logging
import sys
import traceback
from typing import Any

import pytest
from anslut import get_logger
from anslut.failures import where
from anslut.logs import RedactingFormatter, guard_standard_logging
from anslut.redaction import redact, redact_value
from hypothesis import given
from hypothesis import strategies as st

NUMBER = "199001022384"
WRITTEN = [
    NUMBER,
    "19900102-2384",
    "900102-2384",
    "900102+2384",
    "9001022384",
    "1990-01-02-2384",
    "19900102 2384",
    "191401682396",
    "98231009HJ54",
    "98231009hj54",
    "１９９００１０２２３８４",
]
TOKENS = [
    "Bearer abcdefgh12345",
    "bearer  eyJhbGciOiJFZERTQSJ9.eyJpc3MiOiJ4In0.c2ln",
    "Basic a29zbW9zOmhlbWxpZw==",
    "eyJhbGciOiJFZERTQSJ9.eyJpc3MiOiJ4In0.c2ln",
]
KEPT = [
    "SE2321000999-A1009",
    "63c1729a-dfa7-4e8c-8b7c-093137355621",
    "2023-03-04T10:00:00+01:00",
    "20230304100000",
    "port 34619",
    "17",
]


@pytest.mark.parametrize("written", WRITTEN + TOKENS)
@pytest.mark.parametrize(
    "around", ["{}", "id={}&x=1", "K{}x", '"{}"', "före {} efter", "/patienter/{}/x", "[{}]"]
)
def test_numbers_and_tokens_are_taken_out_wherever_they_stand(written: str, around: str) -> None:
    """However somebody has written the number, and whatever stands around it."""
    assert written.rsplit(maxsplit=1)[-1] not in redact(around.format(written))


@pytest.mark.parametrize("kept", KEPT)
def test_what_a_log_needs_stays(kept: str) -> None:
    """HSA-ids, log ids and times are no persons."""
    assert redact(f"a {kept} b") == f"a {kept} b"


@given(
    st.recursive(
        st.sampled_from([NUMBER, int(NUMBER), NUMBER.encode(), "x"]),
        lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["a", NUMBER]), inner),
    )
)
def test_nothing_nested_slips_through(value: Any) -> None:
    """Lists, dictionaries, their keys, bytes and whole numbers."""
    assert NUMBER not in json.dumps(redact_value(value))


def broken() -> None:
    """Raise an error whose text and cause hold a number."""
    try:
        {}[NUMBER]
    except KeyError as error:
        raise ValueError(f"no patient {NUMBER}") from error


def test_our_logger_redacts_events_and_tracebacks(capsys: pytest.CaptureFixture[str]) -> None:
    """An event's values, its message, and an exception with all its causes."""
    log = get_logger("test")
    try:
        broken()
    except ValueError:
        log.exception(
            f"failed for {NUMBER}",  # noqa: G004 - the point of the test person=NUMBER, identity=PersonId(root=PERSONNUMMER, extension=NUMBER)
        )
    log.info("seen", exc_info=ValueError(NUMBER), nested={"a": [NUMBER]}, token=TOKENS[0])

    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert NUMBER not in json.dumps(lines)
    assert "abcdefgh12345" not in json.dumps(lines)
    assert lines[0]["where"].startswith("builtins.ValueError at broken:")
    assert "builtins.KeyError" in lines[0]["where"]
    assert lines[0]["level"] == "error"
    assert lines[0]["event"] == "failed for [person]"


def test_where_names_types_and_places_only() -> None:
    """Formatted by Python the same error quotes the number twice: in its message and in its cause."""
    try:
        broken()
    except ValueError as error:
        told, usual = where(error), "".join(traceback.format_exception(error))

    assert NUMBER in usual
    assert NUMBER not in told


def test_what_libraries_log_is_redacted_too(capsys: pytest.CaptureFixture[str]) -> None:
    """urllib3 logs addresses, gunicorn logs requests."""
    before = logging.root.handlers[:], logging.root.level
    try:
        guard_standard_logging()
        logging.root.handlers[0].setStream(sys.stderr)  # type: ignore[attr-defined]  # what it is
        try:
            broken()
        except ValueError:
            logging.getLogger("library").exception("GET /patienter/%s failed", NUMBER)
    finally:
        logging.root.handlers[:], logging.root.level = before

    line = json.loads(capsys.readouterr().err)
    assert NUMBER not in json.dumps(line)
    assert line["event"] == "GET /patienter/[person] failed"
    assert isinstance(RedactingFormatter(), logging.Formatter)

"""Logs that cannot leak: JSON lines on standard error, without numbers of persons, tokens or traces.

`get_logger` is for connectors' authors too. An exception is written as type and place, never with its text or
a traceback's source lines: either may quote a value.
"""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, Any

import orjson
import structlog

from anslut.failures import where
from anslut.redaction import redact, redact_value

if TYPE_CHECKING:
    from structlog.typing import EventDict


class _StandardError:
    """Writes to whatever standard error is at that moment."""

    def msg(self, message: str) -> None:
        sys.stderr.write(message + "\n")
        sys.stderr.flush()

    debug = info = warning = error = critical = msg


def get_logger(name: str) -> Any:  # noqa: ANN401 - structlog's loggers answer to any level
    """Return a logger whose events are redacted whatever the process's own logging set-up is."""
    return structlog.wrap_logger(
        _StandardError(),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
            _without_traceback,
            _redacted,
            _as_json,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
    ).bind(logger=name)


def guard_standard_logging() -> None:
    """Send what libraries log to standard error, redacted; called by the server before anything else."""
    handler = logging.StreamHandler()
    handler.setFormatter(RedactingFormatter())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)


class RedactingFormatter(logging.Formatter):
    """Formats a library's log record as a JSON line without its traceback."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        event: dict[str, Any] = {
            "event": redact(record.getMessage()),
            "level": record.levelname.lower(),
            "logger": record.name,
        }
        if record.exc_info and record.exc_info[1]:
            event["where"] = where(record.exc_info[1])
        return orjson.dumps(event).decode()


def _without_traceback(_logger: object, _method: str, event: EventDict) -> EventDict:
    told = event.pop("exc_info", None)
    event.pop("stack_info", None)
    error = sys.exc_info()[1] if told is True else told[1] if isinstance(told, tuple) else told
    if isinstance(error, BaseException):
        event["where"] = where(error)
    return event


def _redacted(_logger: object, _method: str, event: EventDict) -> EventDict:
    return {key: value if key == "time" else redact_value(value) for key, value in event.items()}


def _as_json(_logger: object, _method: str, event: EventDict) -> str:
    return orjson.dumps(event).decode()

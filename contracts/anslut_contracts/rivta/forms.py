"""How single values are written as RIV-TA text, and read back."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from anslut_contracts import time_form

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["FORMS", "Form", "Value"]

Value = str | bool | int
_DATE = re.compile(r"(\d{4})(\d\d)(\d\d)", re.ASCII)
_INTEGER = re.compile(r"[+-]?\d{1,18}", re.ASCII)
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One form: *write* makes text of a JSON value, *read* a JSON value of text; both raise `ValueError`.

    *describes* another element: it adds nothing to the JSON, but has to fit what the other one says.
    """

    write: Callable[[object], str]
    read: Callable[[str], Value]
    may_be_empty: bool = False
    describes: bool = False


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("not text")  # noqa: TRY004 - one error for every value that does not fit
    return value


def _write_boolean(value: object) -> str:
    if not isinstance(value, bool):
        raise ValueError("not a boolean")  # noqa: TRY004 - as above
    return "true" if value else "false"


def _read_boolean(text: str) -> Value:
    if text.strip() not in _BOOLEANS:
        raise ValueError("not a boolean")
    return _BOOLEANS[text.strip()]


def _write_integer(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError("not an integer")  # noqa: TRY004 - as above
    return str(value)


def _read_integer(text: str) -> Value:
    if not _INTEGER.fullmatch(text.strip()):
        raise ValueError("not an integer")
    return int(text)


def _write_time(value: object) -> str:
    return time_form.to_rivta(time_form.from_json(_text(value)))


def _read_time(text: str) -> Value:
    return time_form.to_json(time_form.from_local(text.strip()))


def _read_date(text: str) -> Value:
    found = _DATE.fullmatch(text.strip())
    if not found:
        raise ValueError("not a date")
    return "-".join(found.groups())


def _write_moment(value: object) -> str:
    text = _text(value)
    return _write_time(text) if "T" in text else text.replace("-", "")


def _read_moment(text: str) -> Value:
    return _read_date(text) if _DATE.fullmatch(text.strip()) else _read_time(text)


def _day_at(clock: str) -> Form:
    """Return the form of a day that the contract writes as a moment of it."""

    def read(text: str) -> Value:
        if not text.strip().endswith(clock):
            raise ValueError("not a whole day")
        return _read_date(text.strip().removesuffix(clock))

    return Form(write=lambda value: _text(value).replace("-", "") + clock, read=read)


FORMS: Mapping[str, Form] = {
    "text": Form(write=_text, read=str),
    "unit": Form(write=_text, read=str, may_be_empty=True),
    "base64": Form(write=_text, read=lambda text: "".join(text.split())),
    "boolean": Form(write=_write_boolean, read=_read_boolean),
    "integer": Form(write=_write_integer, read=_read_integer),
    "decimal": Form(write=_text, read=lambda text: text.strip().replace(",", ".")),
    "time": Form(write=_write_time, read=_read_time),
    "date": Form(write=lambda value: _text(value).replace("-", ""), read=_read_date),
    "dayStart": _day_at("000000"),
    "dayEnd": _day_at("235959"),
    "moment": Form(write=_write_moment, read=_read_moment),
    "momentFormat": Form(
        write=lambda value: "YYYYMMDDhhmmss"[: len(_write_moment(value))], read=str, describes=True
    ),
}
"""Every form that a table may name."""

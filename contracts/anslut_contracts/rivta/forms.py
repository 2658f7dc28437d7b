"""How single values are written as RIV-TA text, and read back."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from anslut_contracts.identity import PERSONNUMMER, SAMORDNINGSNUMMER
from anslut_contracts.rivta.times import read_time, write_time
from anslut_contracts.rivta.xml_text import escaped

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["FORMS", "NOTHING", "Form"]

NOTHING: Final = object()
"""What a text that stands for nothing is read as."""
HSA_ID: Final = "1.2.752.129.2.1.4.1"
_DATE = re.compile(r"(\d{4})(\d\d)(\d\d)", re.ASCII)
_TWELVE = re.compile(r"\d{6}(\d\d)\d{4}", re.ASCII)
_LAST_DAY: Final = 31
_INTEGER = re.compile(r"[+-]?\d{1,18}", re.ASCII)
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One form: *write* makes an element's content, escaped, of a JSON value, and *read* a JSON value of its text.

    Both raise `ValueError` or `LocalTimeError`. *absent* is the text that says that there is nothing; what is read
    from it is `NOTHING`. *describes* another element: it adds nothing to the JSON, but has to fit what the other
    one says. *leaves* says which values are another element's to write. *as_it_is* tells that the content is the text
    itself, unless it has to be escaped.
    """

    write: Callable[[object], str]
    read: Callable[[str], object]
    may_be_empty: bool = False
    describes: bool = False
    absent: str | None = None
    leaves: Callable[[object], bool] | None = None
    as_it_is: bool = False


def _string(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("not text")  # noqa: TRY004 - one error for every value that does not fit
    return value


def _write_text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError("not text")
    return escaped(value)


def _write_boolean(value: object) -> str:
    if not isinstance(value, bool):
        raise ValueError("not a boolean")  # noqa: TRY004 - as above
    return "true" if value else "false"


def _read_boolean(text: str) -> object:
    if text.strip() not in _BOOLEANS:
        raise ValueError("not a boolean")
    return _BOOLEANS[text.strip()]


def _write_integer(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError("not an integer")  # noqa: TRY004 - as above
    return str(value)


def _read_integer(text: str) -> object:
    if not _INTEGER.fullmatch(text.strip()):
        raise ValueError("not an integer")
    return int(text)


def _write_time(value: object) -> str:
    return write_time(_string(value))


def _read_time(text: str) -> object:
    return read_time(text.strip())


def _write_date(value: object) -> str:
    return _write_text(_string(value).replace("-", ""))


def _read_date(text: str) -> object:
    found = _DATE.fullmatch(text.strip())
    if not found:
        raise ValueError("not a date")
    return "-".join(found.groups())


def _write_moment(value: object) -> str:
    text = _string(value)
    return _write_time(text) if "T" in text else _write_date(text)


def _read_moment(text: str) -> object:
    return _read_date(text) if _DATE.fullmatch(text.strip()) else _read_time(text)


def _day_at(clock: str) -> Form:
    """Return the form of a day that the contract writes as a moment of it."""

    def read(text: str) -> object:
        if not text.strip().endswith(clock):
            raise ValueError("not a whole day")
        return _read_date(text.strip().removesuffix(clock))

    return Form(write=lambda value: _write_date(value) + clock, read=read)


def _of_day(clock: str) -> Form:
    """Return the form of a day that is written as a moment of it, and read from any."""
    return Form(write=lambda value: _write_date(value) + clock, read=lambda text: str(_read_time(text))[:10])


def _number_of(value: object, *roots: str) -> str:
    """Return the extension of an identity in one of the series *roots*."""
    if not isinstance(value, dict) or set(value) != {"root", "extension"} or value["root"] not in roots:
        raise ValueError("not an identity of that series")
    return _write_text(value["extension"])


def _read_official(text: str) -> object:
    found = _TWELVE.fullmatch(text.strip())
    if not found:
        raise ValueError("not an official number")
    root = SAMORDNINGSNUMMER if int(found[1]) > _LAST_DAY else PERSONNUMMER
    return {"root": root, "extension": found[0]}


FORMS: Mapping[str, Form] = {
    "text": Form(write=_write_text, read=str, as_it_is=True),
    "textOrNothing": Form(write=_write_text, read=lambda text: text or NOTHING, may_be_empty=True, absent=""),
    "unit": Form(write=lambda value: escaped(_string(value)), read=str, may_be_empty=True),
    "base64": Form(write=_write_text, read=lambda text: "".join(text.split())),
    "boolean": Form(write=_write_boolean, read=_read_boolean),
    "integer": Form(write=_write_integer, read=_read_integer),
    "decimal": Form(write=_write_text, read=lambda text: text.strip().replace(",", ".")),
    "time": Form(write=_write_time, read=_read_time),
    "date": Form(write=_write_date, read=_read_date),
    "dayStart": _day_at("000000"),
    "dayEnd": _day_at("235959"),
    "ofDayStart": _of_day("000000"),
    "ofDayEnd": _of_day("235959"),
    "official": Form(
        write=lambda value: _number_of(value, PERSONNUMMER, SAMORDNINGSNUMMER), read=_read_official
    ),
    "hsaId": Form(
        write=lambda value: _number_of(value, HSA_ID), read=lambda text: {"root": HSA_ID, "extension": text}
    ),
    "moment": Form(write=_write_moment, read=_read_moment),
    "momentFormat": Form(
        write=lambda value: "YYYYMMDDhhmmss"[: len(_write_moment(value))], read=str, describes=True
    ),
}
"""Every form that a table may name."""

"""Taking out of a log what must never stand there: persons' numbers and tokens."""

from __future__ import annotations

import re

PERSON = "[person]"
SECRET = "[secret]"  # noqa: S105 - what stands in a secret's place

_UUID = r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"
_HSA_ID = r"(?<![0-9A-Za-z])[A-Z]{2,8}[0-9]{10}-[0-9A-Za-z]{1,18}"
_RESERVE = r"(?<!\d)\d{8}-?[A-HJ-NPR-UX-Za-hj-npr-ux-z]{2}[0-9A-HJ-NPR-UX-Za-hj-npr-ux-z]\d(?!\d)"
_NUMBER = r"(?<!\d)(?:\d{2})?\d{2}-?\d{2}-?\d{2}[-+ \u2212\u2013]?\d{4}(?!\d)"
_AUTHORIZATION = r"(?i:bearer|basic)\s+[0-9A-Za-z._~+/=-]{6,}"
_JWT = r"eyJ[0-9A-Za-z_-]{5,}\.[0-9A-Za-z_-]+(?:\.[0-9A-Za-z_-]*)?"
_KEPT_OR_TAKEN = re.compile(
    f"(?P<kept>{_UUID}|{_HSA_ID})|(?P<secret>{_AUTHORIZATION}|{_JWT})|(?P<person>{_RESERVE}|{_NUMBER})"
)


def redact(text: str) -> str:
    """Return *text* without anything that looks like a person's number, a reserve id or a token.

    Ten or twelve digits in the shape of a personnummer are taken whether or not the check digit is right.
    HSA-ids and UUIDs stay.
    """
    return _KEPT_OR_TAKEN.sub(_replacement, text)


def redact_value(value: object, *, depth: int = 0) -> object:
    """Return *value* with every text inside redacted; what is no plain value becomes its type's name."""
    if value is None or isinstance(value, bool | int | float):
        plain = str(value)
        clean = redact(plain)
        return value if clean == plain else clean
    if isinstance(value, str | bytes):
        return redact(value if isinstance(value, str) else value.decode("utf-8", "replace"))
    if depth < 5:  # noqa: PLR2004 - deeper than any event we write
        if isinstance(value, dict):
            return {redact(str(key)): redact_value(item, depth=depth + 1) for key, item in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [redact_value(item, depth=depth + 1) for item in value]
    return f"<{type(value).__name__}>"


def _replacement(match: re.Match[str]) -> str:
    if match["kept"]:
        return match["kept"]
    return SECRET if match["secret"] else PERSON

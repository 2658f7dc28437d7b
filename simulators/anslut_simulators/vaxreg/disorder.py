"""What a broken Vaxreg does to its own answers, when a tester asks for it."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from anslut_simulators.calls import Answer, Call
    from anslut_simulators.faults.hit import Hit
    from anslut_simulators.feed import Change

FAULTS: Final = frozenset(
    {
        "expire-tokens",
        "foreign-entry",
        "duplicate-ids",
        "future-dates",
        "missing-field",
        "types-that-lie",
        "wrong-code-system",
        "giant-line",
        "entity-bomb",
        "external-entity",
        "polite-failure",
        "stale-cursor",
        "endless-pages",
        "late-changes",
        "doubled-changes",
        "reordered-changes",
    }
)
_BOMB: Final = (
    '<!DOCTYPE b [<!ENTITY a "vaccin vaccin ">'
    + "".join(
        f'<!ENTITY {name} "{f"&{under};" * 10}">' for under, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
    + "]>"
)
_OUTSIDE: Final = '<!DOCTYPE b [<!ENTITY i SYSTEM "file:///etc/hostname">]>'
_PROLOG_END: Final = b"?>\n"
_FIRST_DATE: Final = re.compile(r"<datum>[^<]*</datum>")
_WRITTEN: Final = re.compile(r'(<handling typ="(?:registrerad|andrad|makulerad)" tid=")[^"]*"')


def disordered(call: Call, rows: list[str], *, now: datetime) -> list[str]:
    """Return a page's registrations as the faults that strike *call* want them."""
    if not rows:
        return rows
    if call.fault("duplicate-ids"):
        rows = [rows[0], *rows]
    if hit := call.fault("future-dates"):
        later = now + timedelta(days=int(hit.argument("days")))
        rows = _one_changed(rows, hit, lambda row: _later(row, later))
    if hit := call.fault("missing-field"):
        field = str(hit.argument("field") or "datum")
        rows = _one_changed(rows, hit, lambda row: _without(row, field))
    if hit := call.fault("types-that-lie"):
        field = str(hit.argument("field") or "datum")
        rows = _one_changed(rows, hit, lambda row: _lying(row, field))
    if hit := call.fault("giant-line"):
        filling = f'<registrering anm="{"V" * int(hit.argument("size"))}" '
        rows = _one_changed(rows, hit, lambda row: row.replace("<registrering ", filling, 1))
    return rows


def with_doctype(call: Call, answer: Answer) -> Answer:
    """Return *answer* with a hostile document type, if a fault asks for it."""
    doctype = _BOMB if call.fault("entity-bomb") else _OUTSIDE if call.fault("external-entity") else None
    if doctype is None or b"<text>" not in answer.body:
        return answer
    head, end, rest = answer.body.partition(_PROLOG_END)
    body = head + end + doctype.encode() + rest.replace(b"<text>", b"<text>&i;", 1)
    return type(answer)(answer.status, body, answer.headers, answer.content_type)


def disordered_changes(call: Call, changes: Sequence[Change], *, now: datetime) -> list[Change]:
    """Return changes as the faults that strike *call* want them."""
    told = list(changes)
    if hit := call.fault("late-changes"):
        latest = now - timedelta(seconds=int(hit.argument("seconds")))
        late = next((place for place, change in enumerate(told) if change.time > latest), len(told))
        told = told[:late]
    if told and call.fault("doubled-changes"):
        told.append(told[-1])
    if call.fault("reordered-changes"):
        told.reverse()
    return told


def _one_changed(rows: list[str], hit: Hit, change: Changer) -> list[str]:
    place = hit.below(len(rows), "row")
    return [*rows[:place], change(rows[place]), *rows[place + 1 :]]


def _later(row: str, later: datetime) -> str:
    row = _FIRST_DATE.sub(f"<datum>{later:%Y%m%d}</datum>", row, count=1)
    return _WRITTEN.sub(rf'\g<1>{later:%Y-%m-%d kl. %H.%M.%S}"', row)


def _without(row: str, field: str) -> str:
    name = re.escape(field)
    return re.sub(rf' {name}="[^"]*"|<{name}>[^<]*</{name}>|<{name}[^<>]*/>', "", row, count=1)


def _lying(row: str, field: str) -> str:
    name = re.escape(field)
    row = re.sub(rf'( {name}=")[^"]*"', r'\g<1>enligt uppgift"', row, count=1)
    return re.sub(
        rf"<{name}>[^<]*</{name}>", f"<{field}><del>enligt</del><del>uppgift</del></{field}>", row, count=1
    )


if TYPE_CHECKING:
    from collections.abc import Callable

    Changer = Callable[[str], str]

"""Which rules are about a connector at all: whom they bind, which kind of source system they are about, which form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from anslut.kinds import kinds

if TYPE_CHECKING:
    from collections.abc import Collection

    from anslut_contracts import Rule

__all__ = ["only_for_forms", "only_for_kinds", "why_outside"]

_ANY: Final = "*"
_BOUND: Final = {
    "national service": ("den nationella tjänsten", "the national service"),
    "region": ("regionen", "the region"),
}
_FORMS: Final = {
    "json": ("svar i JSON", "answers in JSON"),
    "rivta": ("svar i SOAP (RIV-TA)", "answers in SOAP (RIV-TA)"),
}


def why_outside(rule: Rule, *, kind: str, form: str | None) -> str:
    """Return why *rule* is not about a connector of *kind* that answers in *form*, if it is known; else nothing."""
    if "connector" not in rule.binds:
        swedish, english = _named(_BOUND, rule.binds)
        return f"binder {swedish}, inte anslutningen (binds {english}, not the connector)"
    return only_for_kinds(rule.systems, kind) or (only_for_forms(rule.forms, form) if form else "")


def only_for_kinds(wanted: Collection[str], kind: str) -> str:
    """Return the sentence about *wanted* kinds of source system when *kind* is none of them, else nothing."""
    if _ANY in wanted or kind in wanted:
        return ""
    swedish, english = _named({name: (one.sv, one.en) for name, one in kinds().items()}, wanted)
    return f"gäller bara: {swedish} (is about: {english})"


def only_for_forms(wanted: Collection[str], form: str) -> str:
    """Return the sentence about *wanted* forms when *form* is none of them, else nothing."""
    if form in wanted:
        return ""
    swedish, english = _named(_FORMS, wanted)
    return f"gäller bara: {swedish} (is about: {english})"


def _named(names: dict[str, tuple[str, str]], wanted: Collection[str]) -> tuple[str, str]:
    found = [names.get(one, (one, one)) for one in wanted]
    return ", ".join(swedish for swedish, _ in found), ", ".join(english for _, english in found)

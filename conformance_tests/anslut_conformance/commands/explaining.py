"""The text of `anslut explain`."""

from __future__ import annotations

import difflib
import re
import textwrap
from typing import TYPE_CHECKING

import anslut_contracts

from anslut_conformance.report.wording import wording

if TYPE_CHECKING:
    from anslut_contracts import Rule

_WIDTH = 96
_ID = re.compile(r"\s*([A-Za-z]+)[-_ ]*([0-9]{1,6})\s*")
_LABELS = {
    "sv": (
        "Vad",
        "Varför, för patienten",
        "Nivå",
        "Binder",
        "Gäller",
        "Källa",
        "Vanlig orsak",
        "Åtgärd",
        "Pröva bara den",
    ),
    "en": (
        "What",
        "Why, for the patient",
        "Level",
        "Binds",
        "Applies to",
        "Source",
        "Usual cause",
        "Fix",
        "Try it alone",
    ),
}


def explanation(rule: Rule, *, language: str) -> str:
    """Return what there is to say about *rule* in `sv` or `en`."""
    swedish = language == "sv"
    consequence = wording()["consequences"].get(rule.consequence, {}).get(language, rule.consequence)
    values = (
        rule.text_sv if swedish else rule.text_en,
        consequence,
        f"{rule.level} ({'skall' if rule.level == 'MUST' else 'bör'})" if swedish else rule.level,
        ", ".join(rule.binds),
        ", ".join(rule.types),
        f"{rule.source}. {rule.source.clause}",
        rule.usual_cause_sv if swedish else rule.usual_cause_en,
        rule.fix_sv if swedish else rule.fix_en,
        f"anslut certify --rule {rule.id} --connector …" if rule.checks else rule.not_tested_because,
    )
    lines = [f"{rule.id}  {rule.title_sv if swedish else rule.title_en}"]
    for label, value in zip(_LABELS[language], values, strict=True):
        if value:
            lines += [
                "",
                f"{label}:",
                textwrap.fill(value, _WIDTH, initial_indent="  ", subsequent_indent="  "),
            ]
    return "\n".join(lines)


def near(rule: str) -> str:
    """Return a hint about rules with a name like *rule*."""
    known = anslut_contracts.rules()
    close = difflib.get_close_matches(rule.upper(), known, n=3, cutoff=0.5)
    parts = _ID.fullmatch(rule)
    meant = f"{parts[1].upper()}-{int(parts[2]):03}" if parts else ""
    if meant in known:
        close = [meant, *(one for one in close if one != meant)]
    return f"did you mean {', '.join(close)}?" if close else "anslut rules lists them all"

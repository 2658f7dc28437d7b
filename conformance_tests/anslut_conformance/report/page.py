"""The report as one HTML file: no script, no other file, readable on a phone, on paper and by a screen reader."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from anslut_conformance.report.wording import wording

if TYPE_CHECKING:
    from jinja2 import Template

_RED = ("fail", "error", "config", "blocked", "not-observed", "excused")


def to_html(document: dict[str, Any]) -> str:
    """Return the page for a report document."""
    rules = document["rules"]
    checks: dict[str, list[dict[str, Any]]] = {}
    for check in document["checks"]:
        for rule in check["rules"]:
            checks.setdefault(rule, []).append(check)
    findings = sorted(
        (rule for rule in rules if rule["verdict"] in _RED and (checks.get(rule["id"]) or rule["reason"])),
        key=lambda rule: (_RED.index(rule["verdict"]), _consequence_order(rule), rule["id"]),
    )
    return _template().render(
        report=document,
        words=wording(),
        checks=checks,
        findings=findings,
        broken=[rule for rule in rules if rule["verdict"] == "fail"],
        consequences=_consequences(rules),
        order=[name for name in wording()["verdicts"] if document["counts"].get(name)],
    )


def _consequences(rules: list[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    """Return what broken rules mean for the patient, the worst first."""
    grouped: dict[str, list[dict[str, Any]]] = {}
    for rule in rules:
        if rule["verdict"] == "fail":
            grouped.setdefault(rule["consequence"], []).append(rule)
    return sorted(grouped.items(), key=lambda item: _consequence_order(item[1][0]))


def _consequence_order(rule: dict[str, Any]) -> int:
    known: dict[str, Any] = wording()["consequences"].get(rule["consequence"], {})
    return int(known.get("order", 99))


@lru_cache(maxsize=1)
def _template() -> Template:
    import jinja2  # noqa: PLC0415 - only a written report needs it

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("anslut_conformance.report", "."),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    return environment.get_template("report.html.jinja")

"""Writes a report's four files, all of them or, when a real person's number could be in one, none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from anslut_conformance.redaction import refuse_unsafe
from anslut_conformance.report.document import to_json
from anslut_conformance.report.page import to_html
from anslut_conformance.report.tables import to_csv, to_junit

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """Where the report's files are."""

    html: Path
    json: Path
    junit: Path
    csv: Path


def write(document: Mapping[str, Any], folder: Path) -> Written:
    """Write *document* (from `build`) into *folder*; raise `ReportRefusedError`, writing nothing, when it is unsafe."""
    whole = dict(document)
    contents = {
        "report.html": to_html(whole).encode(),
        "report.json": to_json(whole),
        "junit.xml": to_junit(whole),
        "rules.csv": to_csv(whole),
    }
    for name, content in contents.items():
        refuse_unsafe(content.decode("utf-8", "replace"), where=name)
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    return Written(
        html=folder / "report.html",
        json=folder / "report.json",
        junit=folder / "junit.xml",
        csv=folder / "rules.csv",
    )

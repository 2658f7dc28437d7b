"""NOT: connectors that change what was written, or who wrote it."""

from __future__ import annotations

import base64
import html
from typing import Any

from anslut_conformance.mutants.wrapping import on_entry

NOTES = "care-documentation"
_LONGEST = 620


def _visit(entry: dict[str, Any]) -> None:
    code = entry["body"]["clinicalDocumentNoteCode"]
    code.update(code="bes", displayName="Besöksanteckning")


#: Calls every note a visit.
all_visits = on_entry(_visit, NOTES)


def _attach(entry: dict[str, Any]) -> None:
    text = entry["body"].get("clinicalDocumentNoteText", "")
    value = base64.b64encode(text.encode()).decode()
    entry["body"]["multimediaEntry"] = {"mediaType": "text/plain", "value": value}


#: Sends the text as an attachment too, to be sure.
text_and_attachment = on_entry(_attach, NOTES)


def _escape(entry: dict[str, Any]) -> None:
    entry["body"]["clinicalDocumentNoteText"] = html.escape(entry["body"]["clinicalDocumentNoteText"])


#: Escapes the text for a page that may show it one day.
escapes_text = on_entry(_escape, NOTES)


def _cut(entry: dict[str, Any]) -> None:
    if entry["header"]["approvedForPatient"]:
        entry["body"]["clinicalDocumentNoteText"] = entry["body"]["clinicalDocumentNoteText"][:_LONGEST]


#: Cuts long texts.
cuts_text = on_entry(_cut, NOTES)


def _nobody(entry: dict[str, Any]) -> None:
    entry["header"]["author"]["name"] = "Journalsystemet"


#: Gives the system as author.
system_as_author = on_entry(_nobody)

"""Text as the patient would read it: white space does not count, characters do."""

from __future__ import annotations

import base64
import binascii
import html
import re
import unicodedata
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from anslut_simulators.truth import Atom

_SPACE = re.compile(r"\s+")


def squeeze(text: str) -> str:
    """Return *text* in NFC with every run of white space as one blank."""
    return _SPACE.sub(" ", unicodedata.normalize("NFC", text)).strip()


def entry_text(entry: Mapping[str, Any]) -> str:
    """Return all text a note's body shows, whatever form it is in; titles are `heading_text`."""
    body = entry.get("body") or {}
    parts: list[str] = []
    if isinstance(body.get("clinicalDocumentNoteText"), str):
        parts.append(body["clinicalDocumentNoteText"])
    media = body.get("multimediaEntry")
    if isinstance(media, dict) and isinstance(media.get("value"), str):
        parts.append(_media_text(media["value"]))
    return "\n".join(parts)


def heading_text(entry: Mapping[str, Any]) -> str:
    """Return a note's titles."""
    parts = (entry["header"].get("documentTitle"), (entry.get("body") or {}).get("clinicalDocumentNoteTitle"))
    return "\n".join(part for part in parts if isinstance(part, str))


def shows(squeezed: str, atom: Atom) -> bool:
    """Tell whether a squeezed text holds all of *atom*, every character of it."""
    return squeeze(atom.text) in squeezed


def betrays(squeezed: str, atom: Atom) -> bool:
    """Tell whether a squeezed text gives *atom* away: its canary alone is enough."""
    return shows(squeezed, atom) or (atom.canary is not None and atom.canary in squeezed)


def _media_text(value: str) -> str:
    """Return what a multimedia value says: base64 as RIV-TA has it, markup read as its text, else as it stands."""
    try:
        raw = base64.b64decode(value, validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        raw = value
    return f"{raw}\n{html.unescape(re.sub(r'<[^>]*>', ' ', raw))}"

"""Truth in Rådgivningsstödet's dialect: one flat line for each thing, local codes, milliseconds since 1970 in UTC.

A connector has to undo exactly this. Every function returns plain values ready for JSON.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, Any
from zlib import crc32

from anslut_simulators.truth.care_contacts import CareContact

if TYPE_CHECKING:
    from datetime import datetime

    from anslut_simulators.radgivning.codes import CodeLists
    from anslut_simulators.truth import Actor, Atom, Event

Line = dict[str, Any]


class Renderer:
    """Writes events as the Rådgivningsstödet of one region; *secret* makes the recordings' references."""

    def __init__(self, codes: CodeLists, *, secret: bytes) -> None:
        self._codes = codes
        self._secret = secret

    def call(self, event: Event, person: str, *, by_another: bool) -> Line:
        """Return the call itself; *by_another*: somebody else than the patient was on the line."""
        contact = event.holding(CareContact)
        reason = contact.reason
        code = self._codes.worded("kontaktorsaker", reason) if reason is not None else None
        return {
            "typ": "samtal",
            "person": person,
            "id": event.id,
            "satt": self._codes.kind(contact),
            "status": self._codes.local("statusar", contact.status_code),
            "start": milliseconds(contact.start, event.id),
            "slut": milliseconds(contact.end, event.id),
            "enhet": self._codes.unit(event.unit.hsa_id),
            "orsak": {"kod": code} if code is not None else {"fri": reason} if reason is not None else None,
            "rubrik": self._heading(contact.path[-1]) if contact.path else None,
            "uppringare": "ANNAN" if by_another else "PATIENT",
            "registrerat": milliseconds(event.author.time, event.id),
            "av": self._actor(event.author),
            "makulerad": event.state == "removed",
        }

    def note(self, event: Event, person: str) -> Line:
        """Return a saved note, removed ones too."""
        signature = event.signature
        return {
            "typ": "anteckning",
            **self._written(event, person),
            "version": 1 + len(event.revisions),
            "signerad": None
            if signature is None
            else {"tid": milliseconds(signature.time, event.id), "av": self._actor(signature)},
            "makulerad": event.state == "removed",
        }

    def draft(self, event: Event, person: str) -> Line:
        """Return what was kept of a note before it was saved."""
        return {"typ": "utkast", **self._written(event, person)}

    def recording(self, event: Event, person: str) -> Line:
        """Return where the recording of a call lies; nobody outside the call centre may fetch it."""
        contact = event.holding(CareContact)
        seconds = 0
        if contact.start is not None and contact.end is not None:
            seconds = int(contact.end.timestamp() - contact.start.timestamp())
        token = blake2b(event.id.encode(), key=self._secret, digest_size=12).hexdigest()
        ref = f"/v1/inspelningar/i{token.translate(_WORDLIKE)}.opus"
        return {"typ": "inspelning", "person": person, "samtal": event.id, "ref": ref, "sekunder": seconds}

    def _written(self, event: Event, person: str) -> Line:
        return {
            "person": person,
            "id": event.id,
            "samtal": event.care_contact_id,
            "samtalstid": milliseconds(event.occurred_at, event.id),
            "sparad": milliseconds(event.author.time, event.id),
            "av": self._actor(event.author),
            "enhet": self._codes.unit(event.unit.hsa_id),
            "anteckningstyp": self._codes.local("anteckningstyper", event.note_code),
            "mall": event.template,
            "rubrik": event.title,
            "sekretessmarkering": event.staff_sensitivity,
            "avsnitt": self.sections(event.atoms),
        }

    def sections(self, atoms: tuple[Atom, ...]) -> list[Line]:
        """Return *atoms* as a flat list of headings with levels, in the atoms' order.

        Neighbours share the headings they have in common; a heading that already has its text is opened anew.
        """
        rows: list[Line] = []
        branch: list[str] = []
        for atom in atoms:
            path = atom.path or ("Anteckning",)
            shared = 0
            while shared < min(len(branch), len(path) - 1) and branch[shared] == path[shared]:
                shared += 1
            branch = list(path)
            rows += [
                {"niva": level, **self._heading(term)} for level, term in enumerate(path[shared:], shared + 1)
            ]
            rows[-1]["text"] = atom.text
        return rows

    def _heading(self, term: str) -> Line:
        code = self._codes.worded("rubriker", term)
        return {"kod": code} if code is not None else {"kod": None, "fri": term}

    def _actor(self, actor: Actor) -> Line:
        return {"id": actor.hsa_id, "namn": actor.name, "roll": self._codes.local("roller", actor.role)}


# A reference is no number of a person's and must not look like one in an address.
_WORDLIKE = str.maketrans("0123456789", "ghijklmnop")


def milliseconds(moment: datetime | None, event_id: str) -> int | None:
    """Return *moment* in milliseconds since 1970; the ones below the second are the entry's own."""
    return None if moment is None else int(moment.timestamp()) * 1000 + crc32(event_id.encode()) % 1000

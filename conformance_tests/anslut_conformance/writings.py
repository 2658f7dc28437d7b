"""What checks write into the source while it is being asked: entries whole in everything that matters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from anslut_simulators.truth import Event
    from anslut_simulators.writing import ChangeName

    from anslut_conformance.exam import Exam
    from anslut_conformance.persons import Persona

NOTES: Final = "care-documentation"
DIAGNOSES: Final = "diagnoses"
LABORATORY: Final = "laboratory-results"


def write(exam: Exam, somebody: Persona, type_: str, **details: object) -> Event:
    """Write an unsigned entry about *somebody* now; *details* are fields of the truth's `Event`."""
    return exam.control.write({}, type=type_, system=exam.system, patient_id=somebody.patient_id, **details)


def note(
    exam: Exam, somebody: Persona, texts: Sequence[tuple[Sequence[str], str]], **details: object
) -> Event:
    """Write a note of *texts*: each with the keywords it stands under, outermost first."""
    return write(exam, somebody, NOTES, atoms=atoms(texts), **details)


def atoms(texts: Sequence[tuple[Sequence[str], str]]) -> list[dict[str, Any]]:
    """Return *texts* as a note's atoms, numbered from 1."""
    return [
        {"id": f"a{number}", "path": list(path), "text": text} for number, (path, text) in enumerate(texts, 1)
    ]


def preliminary_answer(exam: Exam, somebody: Persona) -> Event:
    """Write a laboratory answer that is not final yet."""
    now = exam.now().isoformat()
    analysis = {
        "id": "1",
        "code": {"code": "NPU19748", "code_system": "1.2.752.108.1", "display_name": "P-CRP"},
        "status": "preliminary",
        "quantity": {"value": "7", "unit": "mg/L"},
    }
    content = {
        "referral_id": "R-preliminar",
        "laboratory_id": "L-preliminar",
        "laboratory_name": "Kemiska laboratoriet",
        "specimen_time": now,
        "status": "preliminary",
        "groups": [{"name": "Inflammation", "analyses": [analysis]}],
    }
    return write(exam, somebody, LABORATORY, content=content)


def change(exam: Exam, somebody: Persona, event: Event, what: ChangeName, **details: object) -> Event:
    """Do *what* to an entry now; *details* as in the control plane."""
    return exam.control.change(somebody.patient_id, event.id, what, **details)

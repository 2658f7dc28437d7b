"""Standard codes as events carry them, from the data files."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from anslut_simulators.population.tables import read_table
from anslut_simulators.truth import Code

ICD_10_SE: Final = "1.2.752.116.1.1.1.1.3"
NOTE_TYPES: Final = "1.2.752.129.2.2.2.11"
NPU: Final = "1.2.752.108.1"


@lru_cache(maxsize=512)
def diagnosis_code(code: str) -> Code:
    """Return an ICD-10-SE code with its text; raise `KeyError` when the table lacks it."""
    text = read_table("diagnoses.json")["diagnoses"][code]["text"]
    return Code(code=code, code_system=ICD_10_SE, display_name=text)


@lru_cache(maxsize=16)
def note_code(code: str) -> Code:
    """Return a code of KV Anteckningstyp with its text."""
    return Code(code=code, code_system=NOTE_TYPES, display_name=read_table("note_codes.json")["codes"][code])


@lru_cache(maxsize=32)
def material_code(text: str) -> Code:
    """Return what was sampled; no code list for it is public, so the text stands alone."""
    return Code(original_text=text)

"""Diagnoses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from anslut_simulators.truth.content import Content
from anslut_simulators.truth.event import Code

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

_ICD = "1.2.752.116.1.1.1.1.3"


class Diagnosis(Content, frozen=True, kw_only=True, omit_defaults=True):
    """What a `diagnoses` event says; *path* is the keyword path it was registered under, if any."""

    code: Code
    kind: Literal["Huvuddiagnos", "Bidiagnos"]
    chronic: bool | None = None
    path: tuple[str, ...] = ()
    related_event_ids: tuple[str, ...] = ()

    @classmethod
    def sample(cls, event_id: str, now: datetime) -> Diagnosis:
        """Return a main diagnosis that nobody wonders at."""
        del event_id, now
        code = Code(code="I109", code_system=_ICD, display_name="Essentiell hypertoni")
        return cls(code=code, kind="Huvuddiagnos")

    @property
    def keywords(self) -> tuple[str, ...]:
        """The keyword path it was registered under."""
        return self.path

    def under(self, *keywords: str) -> Diagnosis:
        """Return it registered under *keywords*."""
        return msgspec.structs.replace(self, path=keywords)

    def summary(self) -> Iterator[str]:
        """Yield the kind, the code and its text."""
        chronic = " (kronisk)" if self.chronic else ""
        yield f"{self.kind}: {self.code.code} {self.code.display_name}{chronic}"


CONTENT = Diagnosis

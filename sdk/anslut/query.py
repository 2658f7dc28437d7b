"""One question to a connector: about whom, which information type, and narrowed how."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import date  # noqa: TC003 - a dataclass field's type is looked up by readers at run time
from typing import TYPE_CHECKING, Any

from anslut.entries.parts import Person
from anslut.errors import ForeignEntryError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from anslut_contracts.identity import PersonId


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Days in Sweden, both ends included."""

    start: date
    end: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What a `read_*` method is asked for.

    Everything but the person is there to spare the source work: the connector's public call applies all
    filters itself, to whatever `read_*` returns. `source_system_id` is always set; it is the HSA-id that
    belongs in every entry's header. `system` is the connector's name in region profiles.
    `own_filters` are those that only its information type has, by name, in the contract's own JSON.
    `person` is `patient_id` as it stands in entries.
    """

    type: str
    patient_id: PersonId
    source_system_id: str
    system: str = ""
    period: Period | None = None
    care_unit_ids: frozenset[str] = frozenset()
    care_provider_ids: frozenset[str] = frozenset()
    care_contact_ids: frozenset[str] = frozenset()
    own_filters: Mapping[str, Any] = field(default_factory=dict, hash=False)
    person: Person = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Bring the person into the form that entries have, once for all of them."""
        object.__setattr__(self, "person", Person.of(self.patient_id))

    def refuse_foreign(self, found: object, *, among: Collection[object]) -> None:
        """Raise `ForeignEntryError` unless *found*, the key a row carries, is *among* the person's own.

        Give *among* every key the source links to the person asked for, in the source's own form.
        """
        if found not in among:
            raise ForeignEntryError(
                "the source answered with a row about somebody else", source=self.source_system_id
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who asks: the consumer's HSA-id, the calling system's proven one, and ids to find the call by."""

    consumer_hsa_id: str | None = None
    caller_hsa_id: str | None = None
    correlation_id: str | None = None
    log_id: str = field(default_factory=lambda: str(uuid.uuid4()))

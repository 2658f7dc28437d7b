"""Who a person of the fake country is."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Literal

import msgspec

from anslut_simulators.population.identities import NATIONAL_RESERVE_ID, Sex
from anslut_simulators.population.world import STOCKHOLM
from anslut_simulators.truth import Identity

Stratum = Literal["official", "scale"]


class Address(msgspec.Struct, frozen=True, kw_only=True):
    """A made-up postal address."""

    street: str
    postcode: str
    town: str


class Person(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A person; everything follows from the number (or, for a persona, from its story).

    *identity* is the number the person has now, *linked* are other identities of the same person. *guardians*
    have custody until the person is eighteen; *parents* and *children* are kin, *wards* the children in the
    person's custody; *born_with* are the other children of the same birth. *address* is None for a protected
    identity. *systems* are the source systems that know the person.
    """

    number: int
    identity: Identity
    birth_date: date
    sex: Sex
    given_name: str
    surname: str
    region: str
    home_unit: str
    stratum: Stratum
    linked: tuple[Identity, ...] = ()
    address: Address | None = None
    deceased_at: datetime | None = None
    protected_identity: bool = False
    partner: Identity | None = None
    parents: tuple[Identity, ...] = ()
    guardians: tuple[Identity, ...] = ()
    children: tuple[Identity, ...] = ()
    wards: tuple[Identity, ...] = ()
    born_with: tuple[Identity, ...] = ()
    systems: tuple[str, ...] = ()
    persona: str | None = None

    def __hash__(self) -> int:
        return self.number

    @property
    def identities(self) -> tuple[Identity, ...]:
        """The identity of today and the linked ones."""
        return (self.identity, *self.linked)

    @property
    def renumbered_at(self) -> datetime | None:
        """When a child born on a reserve number got its personnummer: in the morning of the ninth day after birth.

        None for everybody else. Until then no source system knows the personnummer.
        """
        if not any(identity.root == NATIONAL_RESERVE_ID for identity in self.linked):
            return None
        day = self.birth_date + timedelta(days=9)
        return datetime(day.year, day.month, day.day, 9, tzinfo=STOCKHOLM)

    @property
    def name(self) -> str:
        """Given name and surname."""
        return f"{self.given_name} {self.surname}"

    def age_at(self, day: date) -> int:
        """Return the age in whole years on *day*; somebody born on 29 February has birthday on 1 March."""
        before = (day.month, day.day) < (self.birth_date.month, self.birth_date.day)
        return day.year - self.birth_date.year - before

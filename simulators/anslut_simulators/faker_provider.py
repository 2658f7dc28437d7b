"""A Faker provider for Swedish care: numbers that belong to nobody, HSA-ids, made-up units, note texts.

`fake.add_provider(CareProvider)`. Unlike Faker's own `ssn()`, which makes numbers that people have, its numbers are on
Skatteverket's list of test numbers or in a series of reserve numbers that is never issued.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal

from faker.providers import BaseProvider

from anslut_simulators.histories.courses import acute_courses
from anslut_simulators.population.identities import (
    SAMORDNINGSNUMMER,
    SERIALS_PER_DAY,
    birth_date_of,
    encode_nrid,
    official_identity,
    official_numbers,
    sex_of,
)
from anslut_simulators.population.regions import regions

if TYPE_CHECKING:
    from anslut_simulators.population.identities import Sex
    from anslut_simulators.population.regions import CareUnit

_PREFIXES = {"person": "P", "unit": "E", "system": "S"}
_TRIES = 10_000


class CareProvider(BaseProvider):
    """What tests about Swedish care need; every value follows the generator's seed."""

    def test_personnummer(
        self, *, min_age: int = 0, max_age: int = 130, on: date = date(2023, 11, 15)
    ) -> str:
        """Return a personnummer (12 digits) of Skatteverket's list, of somebody of that age on the day *on*."""
        return self._official(coordination=False, min_age=min_age, max_age=max_age, on=on)

    def test_samordningsnummer(
        self, *, min_age: int = 0, max_age: int = 130, on: date = date(2023, 11, 15)
    ) -> str:
        """Return a samordningsnummer (12 digits) of Skatteverket's list."""
        return self._official(coordination=True, min_age=min_age, max_age=max_age, on=on)

    def test_reserve_number(self, *, born: date | None = None, sex: Literal["F", "M"] | None = None) -> str:
        """Return a national reserve number in a series that is never issued."""
        day = born or date(1930, 1, 1) + timedelta(days=self.random_int(0, 34_000))
        chosen: Sex = sex or ("F" if self.random_int(0, 1) else "M")
        return encode_nrid(born=day, sex=chosen, serial=self.random_int(0, SERIALS_PER_DAY - 1))

    def sex_of_number(self, number: str) -> Literal["F", "M"]:
        """Return the sex that a number of these tells."""
        return sex_of(number)

    def hsa_id(self, kind: Literal["person", "unit", "system"] = "unit") -> str:
        """Return a well-formed HSA-id of an organisation number that nobody can have."""
        organisation = self.random_element(regions()).care_providers[0].hsa_id.partition("-")[0]
        return f"{organisation}-{_PREFIXES[kind]}{self.random_int(100_000, 999_999)}"

    def care_unit(self, kind: str | None = None) -> CareUnit:
        """Return a made-up care unit, of *kind* when given; raise `ValueError` when no region has such a one."""
        units = [unit for region in regions() for unit in region.units if kind in {None, unit.kind}]
        if not units:
            known = sorted({unit.kind for region in regions() for unit in region.units})
            raise ValueError(f"no unit is of the kind {kind!r}; one of {', '.join(known)}")
        chosen: CareUnit = self.random_element(units)
        return chosen

    def note_text(self, heading: str | None = None) -> str:
        """Return what somebody might have written in a note, under *heading* (Anamnes, Status, Bedömning …)."""
        parts = [
            part
            for course in acute_courses()
            for part in course.block.parts
            if heading is None or heading.casefold() in part.heading.casefold()
        ]
        # Places for drawn values are a history's own; what has none reads well alone.
        texts = [
            [
                plain
                for words in part.choices.to(40, "F")
                if (plain := [one for one in words if "{" not in one])
            ]
            for part in parts
        ]
        whole = [sentences for sentences in texts if sentences]
        if not whole:
            raise ValueError(f"no note has the heading {heading!r}")
        return " ".join(self.random_element(wordings) for wordings in self.random_element(whole))

    def _official(self, *, coordination: bool, min_age: int, max_age: int, on: date) -> str:
        numbers = official_numbers()
        for _ in range(_TRIES):
            identity = official_identity(self.random_int(0, len(numbers) - 1))
            if (identity.root == SAMORDNINGSNUMMER) is not coordination:
                continue
            born = birth_date_of(identity.extension)
            age = on.year - born.year - ((on.month, on.day) < (born.month, born.day))
            if min_age <= age <= max_age:
                return identity.extension
        raise ValueError(f"no number found for the ages {min_age} to {max_age}")

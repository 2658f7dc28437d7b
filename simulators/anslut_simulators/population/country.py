"""The population: number → person, persona, sample and history, computed on demand; nothing is stored."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Final

from anslut_simulators.histories import history_of
from anslut_simulators.personas import Persona, load_personas
from anslut_simulators.personas.stories import story_events
from anslut_simulators.population.draws import below, label
from anslut_simulators.population.families import Families
from anslut_simulators.population.identities import (
    NATIONAL_RESERVE_ID,
    PERSONNUMMER,
    Sex,
    UnsafeIdentityError,
    birth_date_of,
    decode_nrid,
    is_safe,
    official_born,
    official_identity,
    official_index,
    sex_of,
)
from anslut_simulators.population.names import given_name, surnames
from anslut_simulators.population.people import Address, Person, Stratum
from anslut_simulators.population.regions import Region, regions
from anslut_simulators.population.strata import SCALE_OFFSET, Cohort, OfficialStratum, ScaleStratum
from anslut_simulators.population.tables import read_table
from anslut_simulators.population.world import STOCKHOLM, World, default_world
from anslut_simulators.truth import Event, Identity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_PERSON = label("person")
_HOUSEHOLD = label("household")
_PER_MILLE: Final = 1000
_NEWBORN_SINCE: Final = 2015
_OLD, _ELDERLY = 60, 80


class Population:
    """Everybody in *world*, on demand."""

    def __init__(self, world: World | None = None) -> None:
        self.world = world or default_world()
        self._regions = regions()
        shares = tuple(region.share for region in self._regions)
        self._official = OfficialStratum(self.world, shares=shares)
        self._scale = ScaleStratum(self.world, shares=shares)
        self._personas = load_personas()
        self._persona_of = {
            (identity.root, identity.extension): persona
            for persona in self._personas.values()
            for identity in persona.identities
        }
        self._apart = frozenset(
            index
            for persona in self._personas.values()
            if (index := official_index(persona.identity.extension)) is not None
        )
        self._families: dict[int, Families] = {}
        self.person = lru_cache(maxsize=4096)(self._person)

    @property
    def regions(self) -> Mapping[str, Region]:
        """All regions by name."""
        return {region.name: region for region in self._regions}

    @property
    def count(self) -> int:
        """How many people are born by the world date."""
        return self._official.count + self._scale.count_at_world_date

    def personas(self) -> Mapping[str, Persona]:
        """Return the personas by name."""
        return self._personas

    def guard(self, identity: Identity) -> None:
        """Raise `UnsafeIdentityError` when a real person could have *identity*."""
        if not is_safe(identity):
            raise UnsafeIdentityError(
                "a number outside the official test list and the never-issued reserve series was refused; "
                "use a number from the list"
            )

    def _person(self, identity: Identity) -> Person | None:
        """Return the person who has *identity*, now or before, or None when nobody has."""
        persona = self._persona_of.get((identity.root, identity.extension))
        if persona is not None:
            return persona.person
        if identity.root == NATIONAL_RESERVE_ID:
            found = self._scale.rank_of(identity.extension)
            return self._scale_person(identity, *found) if found else self._renumbered(identity)
        index = official_index(identity.extension)
        if index is None or official_identity(index) != identity:
            return None
        return self._official_person(index)

    def person_by_rank(self, stratum: Stratum, *, year: int, sex: Sex, rank: int) -> Person:
        """Return number *rank* of those born *year*; raise `IndexError` when there are not so many."""
        cohort: Cohort = (year, sex)
        if stratum == "official":
            index = self._official.by_cohort.get(cohort, [])[rank]
            person = self.person(official_identity(index))
        else:
            if not 0 <= rank < self._scale.placement.sizes.get(cohort, 0):
                raise IndexError("nobody has that rank")
            person = self.person(self._scale.identity_at(cohort, rank))
        if person is None:
            raise IndexError("nobody has that rank")
        return person

    def sample(
        self, count: int, *, region: str | None = None, stratum: Stratum = "official", label: str = "sample"
    ) -> list[Person]:
        """Return up to *count* different people, no personas; the same call gives the same people."""
        return list(
            islice(self.stretch(range(self.count), region=region, stratum=stratum, label=label), count)
        )

    def stretch(
        self,
        places: range,
        *,
        region: str | None = None,
        stratum: Stratum = "official",
        label: str = "sample",
    ) -> Iterator[Person]:
        """Yield the people at *places* in the order that `sample` goes by, so that many can share a sample.

        Nobody stands where there would be a persona, somebody yet to be born, or nobody any more.
        """
        placement = self._official.placement if stratum == "official" else self._scale.placement
        low, high = 0, placement.total
        if region is not None:
            place = [known.name for known in self._regions].index(region)
            low, high = placement.bounds[place], placement.bounds[place + 1]
        order = self.world.permutation("sample", label, stratum, region or "", size=high - low)
        for position in range(places.start, min(places.stop, high - low)):
            cohort, rank = placement.at(low + order.forward(position))
            if cohort[0] <= self.world.clock_start.year:
                person = self.person_by_rank(stratum, year=cohort[0], sex=cohort[1], rank=rank)
                if person.persona is None and person.birth_date <= self.world.clock_start.date():
                    yield person

    def history(
        self,
        person: Person | Identity,
        type: str,  # noqa: A002 - the contract's word
        *,
        system: str = "kosmos",
        until: datetime,
        newest: int | None = None,
    ) -> list[Event]:
        """Return the events of *type* entered in *system* by *until*, as they stand then, oldest first.

        An unknown person, or one the system does not know, has no events. With *newest*, events older than
        that many may be left out: a page of a long record costs less than all of it.
        """
        found = self.person(person) if isinstance(person, Identity) else person
        if found is None or system not in found.systems:
            return []
        persona = self._personas.get(found.persona) if found.persona else None
        events: list[Event] = []
        if persona is None or persona.story != "authored" or system in persona.generated_in:
            events += history_of(
                self.world, self._region(found.region), found, type, system=system, until=until, newest=newest
            )
        if persona is not None:
            told = story_events(persona, type, system=system, until=until)
            if not events:
                return told
            events += told
            events.sort(key=lambda event: (event.occurred_at.timestamp(), event.id))
        return events

    def _region(self, name: str) -> Region:
        return next(region for region in self._regions if region.name == name)

    def _family(self, place: int) -> Families:
        known = self._families.get(place)
        if known is None:
            known = Families(self.world, self._official.members(place), apart=self._apart)
            self._families[place] = known
        return known

    def _renumbered(self, identity: Identity) -> Person | None:
        """Return the child who was born under the reserve id *identity* and has a personnummer now."""
        decoded = decode_nrid(identity.extension)
        if decoded is None or decoded[0].year < _NEWBORN_SINCE:
            return None
        for index in official_born(decoded[0]):
            person = self.person(official_identity(index))
            if person is not None and identity in person.linked:
                return person
        return None

    def _official_person(self, index: int) -> Person:
        identity = official_identity(index)
        extension = identity.extension
        born, sex = birth_date_of(extension), sex_of(extension)
        place = self._official.region_of(index)
        family = self._family(place)
        ties = family.of(index)
        words = self.world.draws.of(index).section(_PERSON)
        region = self._regions[place]
        home, address = self._home(ties.household, region)
        protected = below(words[3], _PER_MILLE) < 3  # noqa: PLR2004 - per mille
        named = index if ties.surname_from == index else ties.surname_from
        surname_words = words if named == index else self.world.draws.of(named).section(_PERSON)
        return Person(
            number=index,
            identity=identity,
            birth_date=born,
            sex=sex,
            given_name=given_name(born_year=born.year, sex=sex, word=words[0]),
            surname=surnames().draw(surname_words[2]),
            region=region.name,
            home_unit=home,
            stratum="official",
            linked=self._linked(index, words[6], born),
            address=None if protected else address,
            deceased_at=self._death(born, words[4], words[5]),
            protected_identity=protected,
            partner=None if ties.partner is None else official_identity(ties.partner),
            parents=tuple(official_identity(parent) for parent in ties.parents),
            guardians=tuple(official_identity(guardian) for guardian in ties.guardians),
            children=tuple(official_identity(child) for child in ties.children),
            wards=tuple(official_identity(child) for child in ties.wards),
            born_with=tuple(official_identity(child) for child in family.born_with(index)),
            systems=() if below(words[7], _PER_MILLE) < 20 else tuple(s.system for s in region.systems),  # noqa: PLR2004
        )

    def _scale_person(self, identity: Identity, cohort: Cohort, rank: int) -> Person:
        decoded = decode_nrid(identity.extension)
        if decoded is None:
            raise UnsafeIdentityError("a reserve id outside the never-issued series was refused")
        born, sex, _ = decoded
        number = self._scale.number_of(cohort, rank)
        words = self.world.draws.of(number).section(_PERSON)
        region = self._regions[self._scale.placement.region_of(cohort, rank)]
        home, address = self._home(number, region)
        protected = below(words[3], _PER_MILLE) < 3  # noqa: PLR2004 - per mille
        return Person(
            number=number,
            identity=identity,
            birth_date=born,
            sex=sex,
            given_name=given_name(born_year=born.year, sex=sex, word=words[0]),
            surname=surnames().draw(words[2]),
            region=region.name,
            home_unit=home,
            stratum="scale",
            address=None if protected else address,
            protected_identity=protected,
            systems=tuple(s.system for s in region.systems),
        )

    def _home(self, household: int, region: Region) -> tuple[str, Address]:
        words = self.world.draws.of(household).section(_HOUSEHOLD)
        units = region.units_of("primary-care")
        unit = units[below(words[0], len(units))]
        streets = read_table("streets.json")["streets"]
        address = Address(
            street=f"{streets[below(words[1], len(streets))]} {1 + below(words[2], 68)}",
            postcode=f"99{below(words[3], 10)} {10 + below(words[4], 90)}",
            town=unit.place,
        )
        return unit.hsa_id, address

    def _linked(self, index: int, word: int, born: date) -> tuple[Identity, ...]:
        """Return the reserve id that a few children had before they got their personnummer."""
        if born.year < _NEWBORN_SINCE or below(word, _PER_MILLE) >= 30:  # noqa: PLR2004 - per mille
            return ()
        if official_identity(index).root != PERSONNUMMER:
            return ()
        sex = sex_of(official_identity(index).extension)
        return (self._scale.free_identity(born, sex, word),)

    def _death(self, born: date, word: int, when: int) -> datetime | None:
        """Return when the person died, if before the world date."""
        age = self.world.clock_start.year - born.year
        risk = 150 if age >= _ELDERLY else 30 if age >= _OLD else 1
        if below(word, _PER_MILLE) >= risk:
            return None
        days = (self.world.clock_start.date() - date(2017, 1, 1)).days
        at = datetime(2017, 1, 1, 12, tzinfo=STOCKHOLM) + timedelta(days=below(when, days))
        return at if at.date() > born else None


@lru_cache(maxsize=1)
def default_population() -> Population:
    """Return the population of the default world."""
    return Population()


__all__ = ["SCALE_OFFSET", "Population", "default_population"]

"""Childhood vaccinations by birth cohort: child health, school, and what was typed in from older cards."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import msgspec

from anslut_simulators.histories.calendar import DAY, day_number, office_time, year_of, year_start
from anslut_simulators.histories.programmes import child_programme
from anslut_simulators.population.draws import below, label
from anslut_simulators.population.tables import read_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anslut_simulators.population.draws import PersonDraws, Section
    from anslut_simulators.population.people import Person

CHILDREN: Final = "Allmänt vaccinationsprogram för barn"
_PER_MILLE: Final = 1000
_ALWAYS: Final = 9999
_AUTUMN: Final = 9
_GRADE_ONE: Final = 6
"""The school year of grade g begins so many years and g after the birth year."""

_SHORTEST_GAP: Final = 28 * DAY
_LATE_PER_MILLE: Final = 40
_HABIT: Final = 70
"""Per cent of decisions that follow the family's own mind rather than the day's."""


class PlannedDose(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One vaccine (a key of `vaccines.json`) to be given; *amount* where it is not the usual."""

    vaccine: str
    number: int | None = None
    of: int | None = None
    comment: str | None = None
    amount: str | None = None


class Occasion(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """When something was given, *where* (a kind of unit), by which *staff*, and what; *key* names it for draws.

    *declined* says that what was offered was not wanted. *imported* is what was typed in later.
    """

    key: str
    start: int
    where: str
    staff: str
    doses: tuple[PlannedDose, ...] = ()
    programme: str | None = None
    risk: str | None = None
    imported: str | None = None
    declined: str | None = None


class Product(msgspec.Struct, frozen=True, kw_only=True):
    """A product of a series, and the years in which it was used."""

    vaccine: str
    first: int
    last: int


class Series(msgspec.Struct, frozen=True, kw_only=True):
    """One series of the programme, see `vaccination_programme.toml`; *grades* are [grade, first, last, share]."""

    name: str
    born: tuple[int, int]
    vaccines: tuple[str, ...]
    card: str | None = None
    sex: str | None = None
    risk: int = _PER_MILLE
    risk_unnumbered: int | None = None
    born_after: date | None = None
    until: dict[str, int] = {}
    days: tuple[tuple[int, int], ...] = ()
    grades: tuple[tuple[int, int, int, int], ...] = ()
    first: int = 1
    of: int | None = None
    programme: str = CHILDREN

    @property
    def products(self) -> tuple[Product, ...]:
        """The products, in the table's order."""
        named = (one.partition("@") for one in self.vaccines)
        return tuple(
            Product(vaccine=key, first=int(year), last=self.until.get(key, _ALWAYS)) for key, _, year in named
        )

    def concerns(self, person: Person) -> bool:
        """Tell whether the series was offered to somebody of that sex and age, risk aside."""
        born = person.birth_date
        if self.sex not in {None, person.sex}:
            return False
        return self.born[0] <= born.year <= self.born[1] and (
            self.born_after is None or born > self.born_after
        )


@lru_cache(maxsize=1)
def series() -> tuple[tuple[Series, tuple[Product, ...]], ...]:
    """Return every series with its products."""
    read = msgspec.convert(read_table("vaccination_programme.toml")["series"], list[Series])
    return tuple((one, one.products) for one in read)


@lru_cache(maxsize=512)
def _offered(born: int, sex: str) -> tuple[tuple[Series, tuple[Product, ...]], ...]:
    return tuple(
        (one, products)
        for one, products in series()
        if one.sex in {None, sex} and one.born[0] <= born <= one.born[1]
    )


@lru_cache(maxsize=256)
def _visit_label(days: int) -> bytes:
    """Return where the child health visit at that age has its draws: the very visit that the record tells of."""
    ages = [age for age, _, _ in child_programme()]
    return label("bvc", ages.index(days)) if days in ages else label("vaccine-age", days)


class _Childhood:
    """One person's childhood, occasion by occasion."""

    def __init__(self, person: Person, draws: PersonDraws, mind: Section) -> None:
        self._person = person
        self._draws = draws
        self._mind = mind
        self._born = day_number(person.birth_date)
        self._table = read_table("vaccination_programme.toml")
        self._registry = year_start(self._table["registry_begins"]) * DAY
        self._given: dict[str, list[tuple[PlannedDose, str]]] = {}
        self._starts: dict[str, int] = {}
        self._declined: dict[str, str] = {}
        self._programmes: dict[str, str] = {}

    def occasions(self) -> Iterator[Occasion]:
        """Yield everything, typed-in cards included, oldest first."""
        for one, products in _offered(self._person.birth_date.year, self._person.sex):
            if one.concerns(self._person):
                self._series(one, products)
        typed_in = self._is_typed_in()
        self._keep_apart()
        for key in sorted(self._starts, key=self._starts.__getitem__):
            start = self._starts[key]
            old = start < self._registry
            if old and not typed_in:
                continue
            doses = self._given.get(key, [])
            if not old or doses:
                yield self._occasion(key, start, doses, old=old)

    def _keep_apart(self) -> None:
        """Let a late visit put off the next one: the ages keep their order, four weeks apart at least."""
        last = -(1 << 60)
        ages = sorted((int(key[1:]), key) for key in self._starts if key.startswith("d"))
        for _, key in ages:
            earliest = last + _SHORTEST_GAP // DAY * DAY
            last = self._starts[key] = max(self._starts[key], earliest)

    def _is_typed_in(self) -> bool:
        year = self._person.birth_date.year
        for row in self._table["typed_in"]:
            if row["born"][0] <= year <= row["born"][1]:
                return below(self._mind[1], _PER_MILLE) < int(row["share"])
        return False

    def _series(self, one: Series, products: tuple[Product, ...]) -> None:
        words = self._draws.section(label("vaccine-series", one.name))
        risk = one.risk
        if self._person.linked and one.risk_unnumbered is not None:
            risk = one.risk_unnumbered
        if below(words[0], _PER_MILLE) >= risk:
            return
        mind = self._mind[0] if below(words[1], 100) < _HABIT else words[2]
        turn = one.first
        for days, share in one.days:
            self._dose(
                one,
                products,
                words,
                key=f"d{days}",
                start=self._at_age(days),
                turn=turn,
                wanted=below(mind, _PER_MILLE) < share,
            )
            turn += 1
        for place, (grade, first, last, share) in enumerate(one.grades):
            start = self._at_school(grade, first, last, words[8 + place])
            self._dose(
                one,
                products,
                words,
                key=f"g{grade}{one.name}{place}",
                start=start,
                turn=turn,
                wanted=below(mind, _PER_MILLE) < share,
            )
            turn += 1

    def _dose(  # noqa: PLR0913 - named at the call
        self,
        one: Series,
        products: tuple[Product, ...],
        words: Section,
        *,
        key: str,
        start: int,
        turn: int,
        wanted: bool,
    ) -> None:
        self._starts[key] = start
        self._programmes.setdefault(key, one.programme)
        if not wanted:
            if turn == one.first and below(self._mind[2], 100) < 60:  # noqa: PLR2004 - percent
                self._declined.setdefault(key, one.name)
            return
        year = year_of(start // DAY)
        used = [product for product in products if product.first <= year <= product.last]
        if used and start >= self._registry:
            vaccine = used[below(words[3], len(used))].vaccine
        elif one.card is not None:
            vaccine = one.card
        else:
            return
        dose = PlannedDose(vaccine=vaccine, number=turn, of=one.of)
        self._given.setdefault(key, []).append((dose, one.programme))

    def _at_age(self, days: int) -> int:
        word = self._draws.section(_visit_label(days))[0]
        if days < 10:  # noqa: PLR2004 - the maternity ward, not child health
            return (self._born + days) * DAY + 9 * 3600 + below(word, 60) * 300
        day = self._born + days + below(word, 9) - 2
        late = self._draws.section(label("vaccine-late", days))
        if below(late[0], _PER_MILLE) < _LATE_PER_MILLE:
            day += 14 + below(late[1], 50)
        # The nurse gives the vaccine at the end of the visit.
        return office_time(day, word) + 1200

    def _at_school(self, grade: int, first: int, last: int, word: int) -> int:
        autumn = day_number(date(self._person.birth_date.year + _GRADE_ONE + grade, _AUTUMN, 1))
        day = autumn + first + below(word, last - first + 1)
        christmas = autumn + 108
        if christmas <= day < christmas + 24:
            day += 24
        return office_time(day, word * 40503 & 0xFFFFFFFF)

    def _occasion(self, key: str, start: int, doses: list[tuple[PlannedDose, str]], *, old: bool) -> Occasion:
        school = key.startswith("g")
        ward = not school and int(key[1:]) < 10  # noqa: PLR2004 - days
        where = "school-health" if school else "maternity-ward" if ward else "child-health"
        staff = "skolskoterska" if school else "barnmorska" if ward else "bhv-sjukskoterska"
        return Occasion(
            key=key,
            start=start,
            where=where,
            staff=staff,
            doses=tuple(dose for dose, _ in doses),
            programme=doses[0][1] if doses else self._programmes[key],
            imported="Vaccinationskort" if old else None,
            declined=None if doses else self._declined.get(key, ""),
        )


def childhood(person: Person, draws: PersonDraws, mind: Section) -> Iterator[Occasion]:
    """Yield what *person* was given as a child, and what was declined; *mind* holds the family's own words.

    An occasion without doses that nobody declined in so many words has an empty *declined*: the child did not come.
    """
    yield from _Childhood(person, draws, mind).occasions()

"""Vaccinations of grown-ups: influenza, covid-19, TBE, journeys, boosters, pneumococci, shingles, pregnancy."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import msgspec

from anslut_simulators.histories.calendar import DAY, day_number, office_time, year_of, year_start
from anslut_simulators.histories.vaccinations_childhood import Occasion, PlannedDose
from anslut_simulators.population.draws import below, label
from anslut_simulators.population.identities import birth_date_of
from anslut_simulators.population.tables import read_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anslut_simulators.population.draws import PersonDraws, Section
    from anslut_simulators.population.people import Person

RISK_GROUPS: Final = "Särskilt vaccinationsprogram för riskgrupper"
_PER_MILLE: Final = 1000
_HABIT: Final = 80
_BASIC: Final = 3
_BOOSTER: Final = "Påfyllnadsdos"
_AGED: Final = "Ålder 65 år och äldre"
_PREGNANT: Final = "Gravid"
_ABROAD_PER_MILLE: Final = 15
_EARLIEST: Final = date(2021, 1, 1)
_APART: Final = 91


class Wave(msgspec.Struct, frozen=True, kw_only=True, rename={"first": "from", "last": "to"}):
    """One round of covid-19 vaccination: between *first* and *last*, or so many days *after* the dose before.

    *after_first* are the days where the first dose was another vaccine; *apart* says from which date there were to
    be so many days since the dose before; *amounts* are those of boosters that are not the usual.
    """

    dose: int
    ages: tuple[int, int]
    share: int
    first: date | None = None
    last: date | None = None
    after: tuple[int, int] | None = None
    after_first: dict[str, tuple[int, int]] = {}
    apart: tuple[tuple[date, int], ...] = ()
    amounts: dict[str, str] = {}
    vaccines: tuple[str, ...] = ()
    with_influenza: int | None = None

    def day(self, turn: int, began: int, *, before: int | None, first: str) -> int:
        """Return when somebody comes by the draw *turn*; *began* is the day of the round, *before* of the last dose."""
        if self.after is not None:
            low, high = self.after_first.get(first, self.after)
            return began + low + below(turn, high - low)
        last = day_number(self.last) if self.last else began + 60
        day = began + below(turn, last - began + 1)
        return day if before is None else self._allowed(day, before)

    def _allowed(self, day: int, before: int) -> int:
        """Return *day*, or the next one that is far enough from the dose on day *before*."""
        rules = self.apart or ((_EARLIEST, _APART),)
        for place, (since, days) in enumerate(rules, 1):
            found = max(day, day_number(since), before + days)
            if place == len(rules) or found < day_number(rules[place][0]):
                return found
        return day


@lru_cache(maxsize=1)
def waves() -> tuple[Wave, ...]:
    """Return the rounds, in order."""
    return tuple(msgspec.convert(_table()["covid"], list[Wave]))


def _table() -> Any:  # noqa: ANN401 - the TOML boundary
    return read_table("vaccination_programme.toml")


@lru_cache(maxsize=64)
def _used(name: str, year: int) -> tuple[str, ...]:
    rows = _table()[name]
    until: dict[str, int] = rows.get("until", {})
    pairs = (one.partition("@") for one in rows["vaccines"])
    return tuple(key for key, _, since in pairs if int(since) <= year <= until.get(key, 9999))


class _Adult:
    """One person's vaccinations from the day they are old enough for them."""

    def __init__(
        self, person: Person, draws: PersonDraws, mind: Section, *, last_day: int, abroad: bool
    ) -> None:
        self._person = person
        self._draws = draws
        self._mind = mind
        self._born = day_number(person.birth_date)
        self._last_day = last_day
        self._abroad = abroad
        self._with_covid: dict[int, Occasion] = {}

    def occasions(self) -> Iterator[Occasion]:
        """Yield everything, in no order."""
        covid = list(self._covid())
        yield from self._influenza()
        combined = {occasion.key for occasion in self._with_covid.values()}
        yield from (self._with_covid_key(one) if one.key in combined else one for one in covid)
        yield from self._tbe()
        if self._age(self._last_day) < 18:  # noqa: PLR2004 - of age
            return
        yield from self._travel()
        yield from self._tetanus()
        yield from self._pneumococcal()
        yield from self._shingles()
        yield from self._pregnancies()

    def _age(self, day: int) -> int:
        return (day - self._born) * 100 // 36525

    def _words(self, *name: str | int) -> Section:
        return self._draws.section(label("vaccine", *name))

    def _with_covid_key(self, occasion: Occasion) -> Occasion:
        return next(one for one in self._with_covid.values() if one.key == occasion.key)

    def _covid(self) -> Iterator[Occasion]:
        if self._age(self._last_day) < 12:  # noqa: PLR2004 - the youngest who were offered it
            return
        words, more = self._words("covid"), self._words("covid", 2)
        start, dose, product, first = 0, 0, "", ""
        for place, wave in enumerate(waves()):
            # The first three came in turn; the later rounds were for everybody who had those.
            if wave.dose != dose + 1 and not (wave.dose > _BASIC <= dose):
                continue
            word, turn = words[wave.dose], more[wave.dose]
            began = day_number(wave.first) if wave.first else start // DAY
            if not wave.ages[0] <= self._age(began) <= wave.ages[1]:
                continue
            wanted = self._mind[3] if wave.dose == 1 and below(more[0], 100) < _HABIT else word
            if below(wanted, _PER_MILLE) >= wave.share:
                if wave.dose == 1:
                    return
                continue
            day = wave.day(turn, began, before=start // DAY if dose else None, first=first)
            product = first
            if wave.vaccines:
                product = wave.vaccines[below(words[8 + place % 8], len(wave.vaccines))]
            if dose == 0:
                first = product
            dose, start = dose + 1, office_time(day, turn * 40503 & 0xFFFFFFFF)
            foreign = self._abroad and dose <= 2  # noqa: PLR2004 - the first two, before coming home
            occasion = Occasion(
                key=f"covid{dose}",
                start=start // DAY * DAY if foreign else start,
                where="vaccination" if below(words[15], 100) < 65 else "primary-care",  # noqa: PLR2004 - percent
                staff="sjukskoterska",
                doses=(self._covid_dose("covid" if foreign else product, dose, wave),),
                programme=None if foreign else "Covid-19",
                imported="Vaccinationsintyg från annat land" if foreign else None,
            )
            if wave.with_influenza is not None:
                self._with_covid[wave.with_influenza] = occasion
            yield occasion

    @staticmethod
    def _covid_dose(vaccine: str, number: int, wave: Wave) -> PlannedDose:
        return PlannedDose(vaccine=vaccine, number=number, amount=wave.amounts.get(vaccine))

    def _influenza(self) -> Iterator[Occasion]:
        rows = _table()["influenza"]
        first = max(rows["first_season"], self._person.birth_date.year + rows["from_age"])
        last = year_of(self._last_day)
        pandemic = _table()["pandemic"]
        if self._age(day_number(pandemic["from"])) >= 1 and self._person.birth_date.year < 2009:  # noqa: PLR2004
            words = self._words("pandemic")
            if below(words[0], _PER_MILLE) < pandemic["share"]:
                began, ended = day_number(pandemic["from"]), day_number(pandemic["to"])
                start = office_time(began + below(words[1], ended - began + 1), words[2])
                child = self._age(began) < 6  # noqa: PLR2004 - years
                yield self._one(
                    "pandemi",
                    start,
                    "child-health" if child else "primary-care",
                    pandemic["vaccine"],
                    staff="bhv-sjukskoterska" if child else "distriktsskoterska",
                    amount=pandemic["half"] if self._age(start // DAY) < pandemic["half_under"] else None,
                )
        for season in range(first, last + 1):
            share = rows["share"].get(str(season), 600)
            words = self._words("influenza", season)
            wanted = self._mind[4] if below(words[0], 100) < _HABIT else words[1]
            if below(wanted, _PER_MILLE) >= share:
                self._with_covid.pop(season, None)
                continue
            used = _used("influenza", season)
            dose = PlannedDose(vaccine=used[below(words[2], len(used))])
            opened = day_number(date(season, *rows["opens"]))
            together = self._with_covid.get(season)
            if together is not None and together.start // DAY >= opened and below(words[3], 100) < 70:  # noqa: PLR2004 - percent
                both = (*together.doses, dose)
                self._with_covid[season] = msgspec.structs.replace(together, doses=both, risk=_AGED)
                continue
            self._with_covid.pop(season, None)
            start = office_time(opened + below(words[4], rows["days"]), words[5])
            where = "primary-care" if below(words[6], 100) < 75 else "vaccination"  # noqa: PLR2004 - percent
            yield self._one(
                f"influensa{season}", start, where, dose.vaccine, programme=RISK_GROUPS, risk=_AGED
            )

    def _one(  # noqa: PLR0913 - an occasion's parts
        self,
        key: str,
        start: int,
        where: str,
        vaccine: str,
        *,
        staff: str | None = None,
        number: int | None = None,
        of: int | None = None,
        programme: str | None = None,
        risk: str | None = None,
        comment: str | None = None,
        amount: str | None = None,
    ) -> Occasion:
        usual = "distriktsskoterska" if where == "primary-care" else "sjukskoterska"
        dose = PlannedDose(vaccine=vaccine, number=number, of=of, comment=comment, amount=amount)
        return Occasion(
            key=key,
            start=start,
            where=where,
            staff=staff or usual,
            doses=(dose,),
            programme=programme,
            risk=risk,
        )

    def _tbe(self) -> Iterator[Occasion]:
        rows = _table()["tbe"]
        words, more = self._words("tbe"), self._words("tbe", 2)
        if below(words[0], _PER_MILLE) >= rows["by_region"].get(self._person.region, rows["share"]):
            return
        first, last = rows["years"]
        year = first + below(words[1], last - first + 1)
        day = year_start(year) + 75 + below(words[2], 140)
        if not 3 <= self._age(day) <= 75:  # noqa: PLR2004 - years
            return
        where = "vaccination" if below(words[3], 100) < 70 else "primary-care"  # noqa: PLR2004 - percent
        # Basic doses after one and seven months, then after three years and every fifth.
        for turn, (gap, slack) in enumerate(
            ((0, 1), (30, 30), (150, 90), (1095, 150), (1826, 300), (1826, 300)), 1
        ):
            day += gap + below(words[3 + turn], slack)
            if turn > 2 and below(more[turn], _PER_MILLE) >= rows["keeps_on"]:  # noqa: PLR2004 - the two that protect
                return
            grown = self._age(day) >= 16  # noqa: PLR2004 - years
            product = "fsme-junior" if not grown else "encepur" if below(words[10], 4) == 0 else "fsme-vuxen"
            basic = turn <= 3  # noqa: PLR2004 - doses
            yield self._one(
                f"tbe{turn}",
                office_time(day, words[turn]),
                where,
                product,
                number=turn,
                of=3 if basic else None,
                comment=None if basic else _BOOSTER,
            )

    def _travel(self) -> Iterator[Occasion]:
        rows = _table()["travel"]
        words = self._words("travel")
        if below(words[0], _PER_MILLE) >= rows["share"]:
            return
        first, last = rows["years"]
        day = year_start(first + below(words[1], last - first + 1)) + below(words[2], 330)
        if not rows["ages"][0] <= self._age(day) <= rows["ages"][1]:
            return
        both = below(words[3], 10) < 3  # noqa: PLR2004 - tenths
        gaps = ((0, 1), (30, 20), (150, 60)) if both else ((0, 1), (190, 240))
        for turn, (gap, slack) in enumerate(gaps, 1):
            day += gap + below(words[4 + turn], slack)
            if turn == len(gaps) and below(words[10], 100) >= 68:  # noqa: PLR2004 - percent
                return
            yield self._one(
                f"resa{turn}",
                office_time(day, words[turn]),
                "vaccination",
                "twinrix" if both else "havrix",
                number=turn,
                of=len(gaps),
                programme="Resevaccination",
            )

    def _tetanus(self) -> Iterator[Occasion]:
        rows = _table()["tetanus"]
        words = self._words("tetanus")
        for place, age in enumerate(rows["ages"]):
            day = self._born + age * 36525 // 100 + below(words[place], 1400)
            if below(words[4 + place], _PER_MILLE) < rows["share"] and day >= year_start(2002):
                yield self._one(
                    f"stelkramp{age}",
                    office_time(day, words[8 + place]),
                    "primary-care",
                    "ditebooster",
                    comment=_BOOSTER,
                )

    def _pneumococcal(self) -> Iterator[Occasion]:
        rows = _table()["pneumococcal"]
        words = self._words("pneumococcal")
        low, high = rows["ages"]
        day = self._born + low * 36525 // 100 + below(words[0], (high - low) * 365)
        if below(words[1], _PER_MILLE) >= rows["share"] or day < year_start(rows["from_year"]):
            return
        vaccine = "prevenar-20" if day >= day_number(rows["conjugate_from"]) else "pneumovax"
        yield self._one(
            "pneumokocker",
            office_time(day, words[2]),
            "primary-care",
            vaccine,
            programme=RISK_GROUPS,
            risk=_AGED,
        )

    def _shingles(self) -> Iterator[Occasion]:
        rows = _table()["shingles"]
        words = self._words("shingles")
        began, ended = day_number(rows["from"]), day_number(rows["to"])
        day = began + below(words[0], ended - began)
        low, high = rows["ages"]
        if below(words[1], _PER_MILLE) >= rows["share"] or not low <= self._age(day) <= high:
            return
        for turn in (1, 2):
            yield self._one(
                f"baltros{turn}",
                office_time(day, words[1 + turn]),
                "vaccination",
                "shingrix",
                number=turn,
                of=2,
            )
            day += 62 + below(words[4], 60)

    def _pregnancies(self) -> Iterator[Occasion]:
        if self._person.sex != "F":
            return
        rows = _table()["pregnancy"]
        for place, child in enumerate(self._person.children):
            born = day_number(birth_date_of(child.extension))
            words = self._words("pregnancy", place)
            day = born - 168 + below(words[0], 84)
            if day < day_number(rows["pertussis_from"]):
                continue
            if below(words[1], _PER_MILLE) < rows["pertussis"]:
                yield self._one(
                    f"gravid{place}",
                    office_time(day, words[2]),
                    "midwifery",
                    "boostrix" if words[3] & 1 else "triaxis",
                    staff="barnmorska",
                    risk=_PREGNANT,
                )
            season = day_number(date(year_of(born - 140), 10, 20))
            if born - 190 <= season <= born - 20 and below(words[4], _PER_MILLE) < rows["influenza"]:
                yield self._one(
                    f"gravidinfluensa{place}",
                    office_time(season + below(words[5], 20), words[6]),
                    "midwifery",
                    "vaxigrip-tetra",
                    staff="barnmorska",
                    risk=_PREGNANT,
                    programme=RISK_GROUPS,
                )


def adult(person: Person, draws: PersonDraws, mind: Section, *, last_day: int) -> Iterator[Occasion]:
    """Yield what *person* was given outside the children's programme by *last_day* or soon after, in no order."""
    abroad = below(mind[5], _PER_MILLE) < _ABROAD_PER_MILLE
    yield from _Adult(person, draws, mind, last_day=last_day, abroad=abroad).occasions()

"""What stands for {…} in a text: measurements, times and small words that suit the person and the visit."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Final

from anslut_simulators.population.draws import below
from anslut_simulators.population.tables import read_table

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from anslut_simulators.histories.growth_channel import Channel
    from anslut_simulators.population.draws import Section
    from anslut_simulators.population.identities import Sex

_SCHOOL, _UPPER, _WORK, _PENSION = 6, 16, 20, 67
_ADULT: Final = 18
_VERY_OLD: Final = 80
_OLDER: Final = 200
_WINTER: Final = frozenset({11, 12, 1, 2, 3})
_HEAD_UNTIL: Final = 730
_RAISED: Final = (6, 3)

_LISTS: Final = (
    ("finger", "pekfinger|långfinger|tumme|ringfinger"),
    ("kroppsdel", "underarmen|underbenet|låret|överarmen|ryggen|magen|handen|halsen"),
    ("led", "knä|axel|handled|höft|fotled|armbåge"),
    ("muskel", "nacke och skuldror|ryggen|vaderna|skulderbladen|låren|ländryggen"),
)
MONTHS: Final = (
    *("januari", "februari", "mars", "april", "maj", "juni"),
    *("juli", "augusti", "september", "oktober", "november", "december"),
)
_CHOICES: Final = {name: tuple(choices.split("|")) for name, choices in _LISTS}


class Values(dict[str, str]):
    """The values of one visit, each worked out when a text asks for it.

    *words* are drawn for the visit, *episode* for the whole illness (so that a side stays a side), *own* for
    the person (so that a weight stays near itself). *raised* says that the blood pressure is a high one.
    A child's *channel*, once set, tells the size that every other record tells.
    """

    __slots__ = ("age", "channel", "days", "episode", "origin", "own", "raised", "sex", "words")

    def __init__(  # noqa: PLR0913 - what a text can depend on
        self,
        *,
        words: Section,
        episode: Section,
        own: Section,
        age: int,
        days: int,
        sex: Sex,
        origin: date,
        raised: bool,
    ) -> None:
        super().__init__()
        self.words = words
        self.episode = episode
        self.own = own
        self.age = age
        self.days = days
        self.sex = sex
        self.origin = origin
        self.raised = raised
        self.channel: Channel | None = None

    def __missing__(self, slot: str) -> str:
        if slot in _CHOICES:
            choices = _CHOICES[slot]
            value = choices[below(self.episode[len(slot)], len(choices))]
        else:
            value = _SLOTS[slot](self)
        self[slot] = value
        return value


def _aged(name: str, place: int) -> Callable[[Values], str]:
    """Return a choice of the whole illness that suits the age; *name* may tell sex or season apart."""

    def choose(values: Values) -> str:
        rows = read_table("background.toml")["by_age"][name.format(sex=values.sex, season=_season(values))]
        choices: list[str] = next(row["choices"] for row in rows if values.age < row.get("until", _OLDER))
        return choices[below(values.episode[place], len(choices))]

    return choose


def _season(values: Values) -> str:
    return "vinter" if values.origin.month in _WINTER else "sommar"


def _by_years(place: int, *rows: tuple[int, int, int]) -> Callable[[Values], str]:
    """Return a number between a low and a high that depend on the age: rows of until, low, high."""

    def choose(values: Values) -> str:
        low, high = next((low, high) for until, low, high in rows if values.age < until)
        return str(low + below(values.words[place], high - low + 1))

    return choose


def _tenths(value: int) -> str:
    return f"{value // 10},{value % 10}"


def _between(place: int, low: int, high: int) -> Callable[[Values], str]:
    return lambda values: str(low + below(values.words[place], high - low + 1))


def _tenths_between(place: int, low: int, high: int) -> Callable[[Values], str]:
    return lambda values: _tenths(low + below(values.words[place], high - low + 1))


def _systolic(values: Values, raised: int = 0) -> str:
    raised = max(raised, _RAISED[0] * values.raised)
    level = 112 + min(values.age, 80) // 3 if values.age >= _ADULT else 92 + values.age
    return str(level + raised + below(values.own[3], 13) + below(values.words[0], 13) - 12)


def _diastolic(values: Values, raised: int = 0) -> str:
    raised = max(raised, _RAISED[1] * values.raised)
    level = 74 + min(values.age, 60) // 10 if values.age >= _ADULT else 56 + values.age // 2
    return str(level + raised + below(values.own[4], 9) + below(values.words[1], 9) - 8)


def _growth(values: Values, column: str) -> int:
    """Return the weight in grams, or the length or head circumference in millimetres."""
    if values.channel is not None and (column != "head" or values.days < _HEAD_UNTIL):
        if column == "weight":
            return values.channel.weight(values.days)
        return (values.channel.height if column == "length" else values.channel.head)(values.days) // 10
    table = read_table("growth.json")
    days, levels = table["days"], table[column]
    place = bisect_right(days, values.days)
    if place == 0 or place == len(days):
        level = levels[min(place, len(days) - 1)]
    else:
        low, high = days[place - 1], days[place]
        span = levels[place] - levels[place - 1]
        level = levels[place - 1] + span * (values.days - low) // (high - low)
    spread = {"weight": 230, "length": 80, "head": 40}[column]
    boy = 20 if values.sex == "M" else 0
    per_mille: int = 1000 + boy - spread // 2 + below(values.own[5], spread + 1)
    return int(level) * per_mille // 1000


def _kilos(values: Values) -> int:
    """Return the weight in tenths of a kilo."""
    if values.age < _ADULT:
        return _growth(values, "weight") // 100
    median = 690 if values.sex == "F" else 845
    return median - 130 + below(values.own[6], 300) + below(values.words[2], 30) - 15


def _centimetres(values: Values) -> int:
    if values.age < _ADULT:
        return _growth(values, "length") // 10
    return (158 if values.sex == "F" else 171) + below(values.own[7], 19)


def _weight(values: Values) -> str:
    """Return grams for an infant, kilos for others."""
    return str(_growth(values, "weight") // 5 * 5) if values.days < 600 else _tenths(_kilos(values))  # noqa: PLR2004


def _length(values: Values) -> str:
    if values.days < 1100:  # noqa: PLR2004 - three years
        millimetres = _growth(values, "length") // 5 * 5
        return f"{millimetres // 10},{millimetres % 10}" if millimetres % 10 else str(millimetres // 10)
    return str(_centimetres(values))


def _body_mass_index(values: Values) -> str:
    length = _centimetres(values)
    return _tenths(_kilos(values) * 10000 // (length * length))


def _side(values: Values) -> str:
    return ("höger", "vänster")[values.episode[14] & 1]


def _lasting_side(values: Values) -> str:
    return ("höger", "vänster")[values.own[8] & 1]


def _by_age(small: str, pupil: str, youth: str, adult: str, old: str) -> Callable[[Values], str]:
    def choose(values: Values) -> str:
        return (small, pupil, youth, adult, old)[bisect_right((_SCHOOL, _UPPER, _WORK, _PENSION), values.age)]

    return choose


def _peak_flow(values: Values) -> str:
    if values.age < _ADULT:
        level = max(120, (_centimetres(values) - 100) * 5 + 100)
    else:
        level = (400 if values.sex == "F" else 540) - 3 * max(0, values.age - 45)
    return str((level - 40 + below(values.own[9], 80) + below(values.words[9], 30)) // 10 * 10)


def _background(name: str, place: int) -> Callable[[Values], str]:
    def choose(values: Values) -> str:
        choices: list[str] = read_table("background.toml")[name]
        return choices[below(values.own[place], len(choices))]

    return choose


def _pulse(values: Values) -> str:
    return str((62 if values.age >= _ADULT else 105 - 2 * values.age) + below(values.words[4], 22))


def _home_pressure(values: Values, *, systolic: str, diastolic: str) -> str:
    """Return what the patient measures at home: some millimetres below what the clinic reads."""
    upper, lower = int(values[systolic]), int(values[diastolic])
    return f"{upper - 3 - below(values.words[3], 5)}/{lower - 2 - below(values.words[3], 3)}"


def _judged(values: Values) -> str:
    """Return what a control says of the blood pressure that it measured."""
    aim = 150 if values.age >= _VERY_OLD else 140
    return "inom målvärdet" if int(values["sysh"]) < aim else "något över målvärdet"


_SURROUNDINGS: Final = _by_age("barngruppen", "klassen", "klassen", "familjen", "bekantskapskretsen")
_WHERE_THE_DAYS_PASS: Final = _by_age("på förskolan", "i skolan", "på gymnasiet", "på arbetet", "hemma")

_SLOTS: Final[dict[str, Callable[[Values], str]]] = {
    "Sida": lambda values: _side(values).capitalize(),
    "Sida2": lambda values: _lasting_side(values).capitalize(),
    "act": _between(5, 20, 25),
    "af": _by_years(5, (1, 30, 40), (6, 22, 30), (12, 18, 24), (_OLDER, 14, 18)),
    "afhog": _by_years(5, (1, 50, 60), (6, 36, 46), (12, 28, 36), (_OLDER, 22, 28)),
    "aktivitet": _aged("aktivitet {season}", 9),
    "alder": lambda values: str(values.age),
    "audit": _between(6, 0, 7),
    "bmi": _body_mass_index,
    "bostad": _background("bostad", 11),
    "cat": _between(5, 9, 19),
    "cm": _between(6, 2, 9),
    "crb": _between(5, 0, 1),
    "crbp": _between(5, 2, 4),
    "dagar": _between(7, 2, 9),
    "dagarkort": _between(7, 2, 4),
    "dagaralder": lambda values: str(values.days),
    "dagarlang": _between(7, 10, 14),
    "dia": _diastolic,
    "diah": lambda values: _diastolic(values, _RAISED[1]),
    "diahog": lambda values: str(max(int(_diastolic(values, _RAISED[1])), 92 + below(values.words[1], 11))),
    "familj": _background("familj", 12),
    "feber": _tenths_between(8, 383, 396),
    "forsta": lambda values: values.origin.isoformat(),
    "gad": _between(9, 8, 17),
    "ganger": _between(9, 2, 5),
    "glukosd": _tenths_between(8, 64, 98),
    "halt": lambda values: "på isen" if _season(values) == "vinter" else "i trappan",
    "han": lambda values: "hon" if values.sex == "F" else "han",
    "handelse": _aged("handelse", 8),
    "hem": lambda values: _home_pressure(values, systolic="sysh", diastolic="diah"),
    "hemhog": lambda values: _home_pressure(values, systolic="syshog", diastolic="diahog"),
    "honom": lambda values: "henne" if values.sex == "F" else "honom",
    "huvud": lambda values: _tenths(_growth(values, "head") // 5 * 5),
    "ipss": _between(5, 9, 21),
    "keds": _between(5, 20, 34),
    "kraft": _between(6, 18, 44),
    "langd": _length,
    "ldl": _tenths_between(8, 46, 61),
    "madrs": _between(5, 18, 26),
    "madrsu": _between(5, 6, 15),
    "mal": _judged,
    "mm": _between(6, 3, 9),
    "mmse": _between(5, 15, 24),
    "omgivning": lambda values: "familjen" if values.age < 1 else _SURROUNDINGS(values),
    "ont": _between(10, 2, 8),
    "paarbete": lambda values: "hemma" if values.age < 1 else _WHERE_THE_DAYS_PASS(values),
    "partner": _aged("partner {sex}", 7),
    "plats": _aged("plats", 5),
    "pef": _peak_flow,
    "phq": _between(5, 10, 19),
    "puls": _pulse,
    "pulshog": _by_years(4, (1, 150, 175), (6, 130, 155), (12, 115, 140), (_OLDER, 102, 122)),
    "sat": _between(11, 96, 99),
    "sarcm": lambda values: str(1 + below(values.episode[4], 4)),
    "satlag": _between(11, 90, 94),
    "sida": _side,
    "sida2": _lasting_side,
    "stygn": lambda values: str(2 + below(values.episode[3], 4)),
    "sys": _systolic,
    "sysh": lambda values: _systolic(values, _RAISED[0]),
    "syshog": lambda values: str(max(int(_systolic(values, _RAISED[0])), 148 + below(values.words[0], 17))),
    "somn": _by_years(12, (6, 10, 12), (12, 8, 11), (18, 6, 9), (_OLDER, 4, 7)),
    "somnbra": _by_years(12, (6, 10, 12), (12, 9, 11), (18, 7, 9), (_OLDER, 6, 8)),
    "stod": _by_age(
        "Samtalsstöd",
        "Samtalsstöd",
        "Internetbaserad behandling",
        "Internetbaserad behandling",
        "Samtalsstöd hos kurator",
    ),
    "temp": _tenths_between(8, 364, 378),
    "temptypisk": _tenths_between(8, 362, 372),
    "timmar": _between(12, 2, 6),
    "veckor": _between(13, 2, 8),
    "verktyg": _aged("verktyg", 7),
    "verktygplats": _aged("verktygplats", 12),
    "vikt": _weight,
    "viktkg": lambda values: _tenths(_kilos(values)),
    "yrke": _background("yrke", 10),
}

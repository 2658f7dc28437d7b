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
_HEAD_UNTIL: Final = 730
_RAISED: Final = (14, 6)

_LISTS: Final = (
    ("aktivitet", "trädgårdsarbete|snöskottning|fotboll|en löptur|flytten av en soffa|vedhuggning|innebandy"),
    ("finger", "pekfinger|långfinger|tumme|ringfinger"),
    ("handelse", "en nära anhörigs död|en separation|uppsägningen|flytten|en olycka i familjen"),
    ("kroppsdel", "underarmen|underbenet|låret|överarmen|ryggen|magen|handen|halsen"),
    ("led", "knä|axel|handled|höft|fotled|armbåge"),
    ("muskel", "nacke och skuldror|ryggen|vaderna|skulderbladen|låren|ländryggen"),
    ("partner", "sambon|maken|en tidigare partner|en närstående"),
    ("plats", "köket|garaget|trapphuset|trädgården|duschen|verkstaden"),
    ("manad", "januari|februari|mars|april|maj|juni|juli|augusti|september|oktober|november|december"),
    ("verktyg", "en brödkniv|en konservburk|en hyvel|ett glas|en häcksax|en morakniv"),
)
_CHILD_ACTIVITIES: Final = (
    "fotboll",
    "lek på studsmattan",
    "cykling",
    "pulkaåkning",
    "gymnastik",
    "klättring",
)
_OLD_ACTIVITIES: Final = (
    "trädgårdsarbete",
    "en promenad",
    "snöskottning",
    "städning",
    "vedhuggning",
    "fönsterputsning",
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
            choices: tuple[str, ...] = _CHOICES[slot]
            if slot == "aktivitet" and not _ADULT <= self.age < _PENSION:
                choices = _CHILD_ACTIVITIES if self.age < _ADULT else _OLD_ACTIVITIES
            words = self.words if slot == "manad" else self.episode
            value = choices[below(words[len(slot)], len(choices))]
        else:
            value = _SLOTS[slot](self)
        self[slot] = value
        return value


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


_SLOTS: Final[dict[str, Callable[[Values], str]]] = {
    "Sida": lambda values: _side(values).capitalize(),
    "Sida2": lambda values: _lasting_side(values).capitalize(),
    "act": _between(5, 20, 25),
    "af": _between(5, 14, 18),
    "afhog": _between(5, 22, 28),
    "alder": lambda values: str(values.age),
    "audit": _between(6, 0, 7),
    "bmi": _body_mass_index,
    "bostad": _background("bostad", 11),
    "cat": _between(5, 9, 19),
    "centor": _between(5, 0, 2),
    "cm": _between(6, 2, 9),
    "crb": _between(5, 0, 1),
    "crbp": _between(5, 2, 4),
    "dagar": _between(7, 2, 9),
    "dagaralder": lambda values: str(values.days),
    "dagarlang": _between(7, 10, 14),
    "dia": _diastolic,
    "diah": lambda values: _diastolic(values, _RAISED[1]),
    "familj": _background("familj", 12),
    "feber": _tenths_between(8, 383, 396),
    "forsta": lambda values: values.origin.isoformat(),
    "gad": _between(9, 8, 17),
    "ganger": _between(9, 2, 5),
    "glukosd": _tenths_between(8, 64, 98),
    "han": lambda values: "hon" if values.sex == "F" else "han",
    "hem": lambda values: f"{_systolic(values, 10)}/{_diastolic(values, 4)}",
    "honom": lambda values: "henne" if values.sex == "F" else "honom",
    "huvud": lambda values: _tenths(_growth(values, "head") // 5 * 5),
    "ipss": _between(5, 9, 21),
    "keds": _between(5, 20, 34),
    "kraft": _between(6, 18, 44),
    "langd": _length,
    "ldl": _tenths_between(8, 46, 61),
    "madrs": _between(5, 16, 29),
    "mm": _between(6, 3, 9),
    "mmse": _between(5, 15, 24),
    "omgivning": _by_age("barngruppen", "klassen", "klassen", "familjen", "bekantskapskretsen"),
    "ont": _between(10, 2, 8),
    "paarbete": _by_age("på förskolan", "i skolan", "på gymnasiet", "på arbetet", "hemma"),
    "pef": _peak_flow,
    "phq": _between(5, 10, 19),
    "puls": _pulse,
    "pulshog": _between(4, 102, 122),
    "sat": _between(11, 96, 99),
    "sarcm": lambda values: str(1 + below(values.episode[4], 4)),
    "satlag": _between(11, 90, 94),
    "sida": _side,
    "sida2": _lasting_side,
    "stygn": lambda values: str(2 + below(values.episode[3], 4)),
    "sys": _systolic,
    "sysh": lambda values: _systolic(values, _RAISED[0]),
    "somn": _between(12, 4, 7),
    "temp": _tenths_between(8, 364, 378),
    "timmar": _between(12, 2, 6),
    "veckor": _between(13, 2, 8),
    "vikt": _weight,
    "viktkg": lambda values: _tenths(_kilos(values)),
    "yrke": _background("yrke", 10),
}

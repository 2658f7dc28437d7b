"""What stands for {…} in a maternity note: the same measures as the record beside it, and small words that suit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from anslut_simulators.histories.calendar import DAY, wall_day, wall_time
from anslut_simulators.histories.maternity_delivery import apgar, delivery_of
from anslut_simulators.histories.maternity_measures import Mother, position
from anslut_simulators.histories.maternity_plan import last_checkup, next_checkup
from anslut_simulators.histories.maternity_pregnancies import EARLY
from anslut_simulators.population.draws import below, label
from anslut_simulators.population.tables import read_table
from anslut_simulators.truth.maternity_records import weeks_and_days

if TYPE_CHECKING:
    from collections.abc import Callable

    from anslut_simulators.histories.maternity_plan import Meeting
    from anslut_simulators.histories.maternity_pregnancies import Child
    from anslut_simulators.histories.record import Record

_HEALTH: Final = label("health")
_NUMBERS: Final = ("", "ett barn", "två barn", "tre barn", "fyra barn", "fem barn", "sex barn")
_WEEKS: Final = (
    "en vecka",
    *(
        f"{number} veckor"
        for number in ("två", "tre", "fyra", "fem", "sex", "sju", "åtta", "nio", "tio", "elva")
    ),
)
_PARTNERS: Final = ("partnern", "sambon", "maken", "pojkvännen")
_LIES: Final = {
    "huvud": "Huvudbjudning",
    "säte": "Sätesbjudning, remiss för bedömning av vändning",
    "snedläge": "Snedläge, kontrolleras om en vecka",
    "tvärläge": "Tvärläge, kontrolleras om en vecka",
}


class MaternityValues(dict[str, str]):
    """The values of one meeting, each worked out when a text asks for it; *self_* is the child whose note it is."""

    __slots__ = ("_meeting", "_record", "_self", "mother")

    def __init__(self, record: Record, meeting: Meeting, *, self_: Child | None = None) -> None:
        super().__init__()
        self._record = record
        self._meeting = meeting
        self._self = self_
        self.mother = Mother(record, meeting.pregnancy)

    def __missing__(self, slot: str) -> str:
        value = self[slot] = _SLOTS[slot](self)
        return value

    def between(self, place: int, low: int, high: int) -> str:
        """Return a drawn whole number, both ends included."""
        return str(low + below(self._meeting.words[place], high - low + 1))

    @property
    def meeting(self) -> Meeting:
        """What the values are for."""
        return self._meeting

    @property
    def child(self) -> Child:
        """The child whose note it is, or the first one."""
        return self._self or self._meeting.pregnancy.children[0]

    @property
    def record(self) -> Record:
        """Whose record it stands in."""
        return self._record


def comma(value: str) -> str:
    """Return a decimal string as it is written in Swedish."""
    return value.replace(".", ",")


def tidy(child: Child) -> str:
    """Return weight, length and head of a newborn as a sentence's end."""
    grams = f"{child.size.weight // 1000} {child.size.weight % 1000:03}"
    length, head = child.size.length, child.size.head
    return f"{grams} gram, {length // 10},{length % 10} cm, huvudomfång {head // 10},{head % 10} cm"


def _children(values: MaternityValues) -> str:
    """Tell of the newborn, or of each of them."""
    pregnancy = values.meeting.pregnancy
    went = delivery_of(pregnancy)
    told = []
    for child, at in zip(pregnancy.children, went.children_at, strict=True):
        name = "Flicka" if child.sex == "F" else "Pojke"
        if len(pregnancy.children) > 1:
            name = f"Tvilling {child.ordinal}, {name.lower()}"
        score = "-".join(map(str, apgar(child)))
        told.append(f"{name} född {wall_time(at):%H.%M}, {tidy(child)}. Apgar {score}.")
    return " ".join(told)


def _own_birth(values: MaternityValues) -> str:
    child, meeting = values.child, values.meeting
    name = "flicka" if child.sex == "F" else "pojke"
    score = "-".join(map(str, apgar(child)))
    week = weeks_and_days(meeting.pregnancy.days)
    at = wall_time(delivery_of(meeting.pregnancy).children_at[child.ordinal - 1])
    return f"Nyfödd {name}, född {at:%H.%M} i vecka {week}. {tidy(child)}. Apgar {score}."


def _hours_old(values: MaternityValues) -> str:
    at = delivery_of(values.meeting.pregnancy).children_at[values.child.ordinal - 1]
    return str((values.meeting.start - at) // 3600)


def _labour(values: MaternityValues) -> str:
    hours, minutes = divmod(delivery_of(values.meeting.pregnancy).minutes // 10 * 10, 60)
    told = "en timme" if hours == 1 else f"{hours} timmar"
    return told if minutes < 20 else f"{told} och {minutes} minuter"  # noqa: PLR2004 - minutes


def _pushing(values: MaternityValues) -> str:
    """Return how many minutes she pushed: never more than a third of a quick labour."""
    return values.between(5, 12, min(52, delivery_of(values.meeting.pregnancy).minutes // 3))


def _week(values: MaternityValues) -> str:
    """Return how far she has come, by what was known then: before the ultrasound by her last period."""
    meeting, pregnancy = values.meeting, values.meeting.pregnancy
    by_period = (wall_day(meeting.start) - pregnancy.last_period).days
    return weeks_and_days(meeting.day if meeting.is_dated or pregnancy.assisted else by_period)


def _until_next(values: MaternityValues) -> str:
    """Return how long it is until the next check-up, as a sentence's end; they are never more than 12 weeks apart."""
    start = next_checkup(values.record, values.meeting)
    if start is None:
        return _WEEKS[0]
    return _WEEKS[max(0, (start // DAY - values.meeting.start // DAY + 3) // 7 - 1)]


def _earlier(values: MaternityValues) -> str:
    last = values.meeting.pregnancy.earlier[-1]
    mode = delivery_of(last).mode
    how: str = mode
    if mode == "spontan":
        how = "vaginal förlossning" if last.days < EARLY else "okomplicerad vaginal förlossning"
    return f"{how} {wall_day(last.born * DAY).year} i vecka {last.days // 7}"


def _had(values: MaternityValues) -> str:
    count = sum(len(one.children) for one in values.meeting.pregnancy.earlier)
    return _NUMBERS[min(count, len(_NUMBERS) - 1)]


def _work(values: MaternityValues) -> str:
    choices: list[str] = read_table("background.toml")["yrke"]
    own = values.record.draws.section(_HEALTH)
    return choices[below(own[10], len(choices))]


def _partner(values: MaternityValues) -> str:
    return _PARTNERS[values.meeting.pregnancy.own[11] % len(_PARTNERS)]


def _pressure(values: MaternityValues, meeting: Meeting | None = None) -> str:
    upper, lower = values.mother.pressure(meeting or values.meeting)
    return f"{upper.value}/{lower.value}"


def _lies(values: MaternityValues) -> str:
    pregnancy = values.meeting.pregnancy
    return f"{_LIES[position(pregnancy, 1)]}."


def _heart_rate(values: MaternityValues) -> str:
    rate = values.mother.fetuses(values.meeting)[0].heart_rate
    return "" if rate is None else rate.value


def _week_size(values: MaternityValues, at_18: int, daily: int) -> str:
    """Return a length in millimetres at the ultrasound: *at_18* at 18+0, growing by *daily* tenths."""
    level = at_18 * 10 + daily * (values.meeting.day - 126) + below(values.meeting.words[3], 21) - 10
    return str(level // 10)


_SLOTS: Final[dict[str, Callable[[MaternityValues], str]]] = {
    "Partner": lambda values: _partner(values).capitalize(),
    "audit": lambda values: values.between(4, 0, 5),
    "barn": _had,
    "barnet": _children,
    "bf": lambda values: values.meeting.pregnancy.due.isoformat(),
    "bishop": lambda values: values.between(4, 3, 8),
    "blodning": lambda values: str(delivery_of(values.meeting.pregnancy).blood_loss),
    "bmi": lambda values: comma(values.mother.body_mass_index.value),
    "bpd": lambda values: _week_size(values, 41, 5),
    "bt": _pressure,
    "btsenast": lambda values: _pressure(values, last_checkup(values.record, values.meeting)),
    "eda": lambda values: values.between(7, 5, 7),
    "egenvikt": lambda values: f"{values.child.size.weight // 1000} {values.child.size.weight % 1000:03}",
    "epds": lambda values: values.between(6, 1, 8),
    "ficka": lambda values: values.between(6, 3, 6),
    "fl": lambda values: _week_size(values, 27, 4),
    "jagbarn": _own_birth,
    "krystar": _pushing,
    "lage": _lies,
    "langd": lambda values: str(values.mother.height),
    "ljud": _heart_rate,
    "omtid": _until_next,
    "oppen": lambda values: values.between(7, 3, 5),
    "partner": _partner,
    "placenta": lambda values: values.between(3, 5, 22),
    "sf": lambda values: comma(values.mother.fundal_height(values.meeting).value),
    "stopp": lambda values: values.between(7, 7, 9),
    "suger": lambda values: values.between(4, 25, 60),
    "temp": lambda values: f"37,{values.between(6, 0, 4)}",
    "tid": _labour,
    "tidigare": _earlier,
    "timmar": lambda values: values.between(6, 2, 9),
    "timmaralder": _hours_old,
    "vecka": _week,
    "veckorefter": lambda values: str((values.meeting.day - values.meeting.pregnancy.days) // 7),
    "vikt": lambda values: comma(values.mother.weight_at(values.meeting).value),
    "vikt0": lambda values: f"{values.mother.weight // 10},{values.mother.weight % 10}",
    "yrke": _work,
}

"""Generated laboratory answers: a condition's panels, with values that drift around a personal level."""

from __future__ import annotations

from functools import lru_cache
from math import exp, log
from typing import TYPE_CHECKING, Final

import msgspec

from anslut_simulators.histories.calendar import DAY, office_time, wall_time
from anslut_simulators.histories.codes import material_code
from anslut_simulators.histories.laboratories import analysis_code, laboratory_name
from anslut_simulators.histories.lifecycle import life_cycle
from anslut_simulators.histories.notes import care_contact_id, values_of
from anslut_simulators.histories.staff import STAFF_PER_ROLE, staff_member
from anslut_simulators.histories.texts import compose
from anslut_simulators.histories.wordings import CHILD_UNTIL, suiting
from anslut_simulators.population.draws import below, label
from anslut_simulators.population.tables import read_table
from anslut_simulators.truth import Code, Event
from anslut_simulators.truth.laboratory_results import (
    Analysis,
    AnalysisGroup,
    Laboratory,
    Quantity,
    Reference,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anslut_simulators.histories.courses import Course
    from anslut_simulators.histories.plan import Visit
    from anslut_simulators.histories.record import Record
    from anslut_simulators.population.identities import Sex

_LEVELS: Final = 8192
_QUICK: Final = frozenset({"crp", "strep", "sticka"})
_NEVER: Final = 1 << 62
_WITHIN_HOURS: Final = frozenset({"emergency", "medicine"})
"""Kinds of unit that the laboratory answers the same day."""

_CHILDREN_GET: Final = frozenset(
    {"crp", "strep", "sticka", "urinodling", "infektion", "blodstatus", "litet-blodstatus", "jarn", "covid"}
)
_GROWN: Final = 18
_ANAEMIA: Final = "D509"
_SEEN_BEFORE, _SEEN_AFTER = -60 * DAY, 90 * DAY
_FOLLOWS: Final = {"EVF": "HB", "MCH": "MCV", "LDL": "KOL", "ASAT": "ALAT", "GLU": "HBA1C"}
_OPPOSES: Final = {"T4": "TSH"}
_CULTURE: Final = (
    "Escherichia coli, över 100 000 CFU/mL. Känslig för nitrofurantoin, pivmecillinam och trimetoprim.",
    "Escherichia coli, över 100 000 CFU/mL. Resistent mot trimetoprim, känslig för nitrofurantoin.",
    "Klebsiella pneumoniae, över 100 000 CFU/mL. Känslig för nitrofurantoin och pivmecillinam.",
    "Staphylococcus saprophyticus, 10 000–100 000 CFU/mL. Känslig för nitrofurantoin och pivmecillinam.",
    "Ingen växt.",
    "Blandflora, sannolikt kontamination.",
)
_NO_GROWTH: Final = 4
_MAKES_NITRITE: Final = 3
"""So many of the cultures are of bacteria that make nitrite."""
_STICK: Final = {
    "STIX-LEUK": ("1+", "2+", "3+", "3+"),
    "STIX-ERY": ("neg", "neg", "1+", "2+"),
    "STIX-GLU": ("neg", "neg", "neg", "neg"),
}


class _Interval(msgspec.Struct, frozen=True, kw_only=True):
    """A reference interval as text and, in units of the last decimal, as the first values inside it."""

    reference: Reference | None
    low: int | None
    high: int | None
    levels: tuple[int, ...]


class _Analysis(msgspec.Struct, frozen=True, kw_only=True):
    """An analysis ready to be measured."""

    key: str
    code: Code
    unit: str
    decimals: int
    material: Code
    by_sex: dict[str, _Interval]
    variants: dict[str, tuple[int, ...]]


def _scaled(text: str | None, decimals: int, *, up: bool) -> int | None:
    """Return *text* in units of the last decimal, rounded into the interval."""
    if text is None:
        return None
    whole, _, part = text.partition(".")
    value: int = int(whole + part) * 10**decimals
    divisor: int = 10 ** len(part)
    return -(-value // divisor) if up else value // divisor


@lru_cache(maxsize=128)
def _analysis(key: str) -> _Analysis:
    row = read_table("analyses.json")["analyses"][key]
    decimals = row["decimals"]
    intervals = {}
    for sex in ("F", "M"):
        given = row.get(sex, {})
        low, high = given.get("low"), given.get("high")
        intervals[sex] = _Interval(
            reference=None if low is None and high is None else Reference(low=low, high=high),
            low=_scaled(low, decimals, up=True),
            high=_scaled(high, decimals, up=False),
            levels=tuple(given.get("levels", ())),
        )
    return _Analysis(
        key=key,
        code=analysis_code(key),
        unit=row["unit"],
        decimals=decimals,
        material=material_code(row["material"]),
        by_sex=intervals,
        variants={name: tuple(levels) for name, levels in row.get("variants", {}).items()},
    )


def laboratory_answers(record: Record, now: int, newest: int | None = None) -> Iterator[Event]:  # noqa: ARG001
    """Yield the answers that had come by *now*."""
    for visit in record.plan.visits:
        if visit.courses and not visit.follow and visit.start - 12 * DAY <= now:
            for turn, panels in enumerate(_orders(visit, record.person.sex)):
                if panels:
                    event = _answer(record, visit, panels, turn, now)
                    if event is not None:
                        yield event


def _orders(visit: Visit, sex: Sex) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Return the panels answered at once, by the laboratory, and after culture."""
    if not visit.control and below(visit.words[13], 100) >= visit.courses[0].panel_percent:
        return (), (), ()
    wanted = dict.fromkeys(
        panel for course in visit.courses[:4] for panel in suiting(course.panels, visit.age, sex)
    )
    if visit.age < CHILD_UNTIL:
        wanted = {panel: None for panel in wanted if panel in _CHILDREN_GET}
    quick = () if visit.control else tuple(panel for panel in wanted if panel in _QUICK)
    slow = tuple(panel for panel in wanted if panel not in quick and panel != "urinodling")
    return quick, slow, tuple(panel for panel in wanted if panel == "urinodling")


def _answer(record: Record, visit: Visit, panels: tuple[str, ...], turn: int, now: int) -> Event | None:
    words = record.draws.section(label("laboratory", visit.year, visit.place, turn))
    bedside, culture = turn == 0, turn == 2  # noqa: PLR2004 - the third kind of order
    if visit.control:
        specimen = (visit.start // DAY - 7) * DAY + 27_000 + below(words[0], 24) * 300
    elif bedside:  # the result is there before the doctor prescribes
        specimen = visit.start + 60 + below(words[0], 3) * 30
    else:
        specimen = visit.start + 900 + below(words[0], 20) * 60
    if bedside:
        answered = specimen + 60 + below(words[1], 3) * 30
    elif visit.block.where in _WITHIN_HOURS and not culture:
        answered = specimen + 2400 + below(words[1], 60) * 60
    else:
        answered = (specimen // DAY + 1) * DAY + 37_800 + below(words[1], 200) * 60
    if answered > now or specimen // DAY < 1:
        return None
    final = answered + DAY + below(words[2], 120) * 60 if culture else answered
    signed = _NEVER if below(words[3], 100) < 3 else final  # noqa: PLR2004 - percent
    verified = _NEVER
    if below(words[4], 100) >= 12:  # noqa: PLR2004 - percent
        verified = office_time(final // DAY + 1 + below(words[5], 4), words[6])
    life = life_cycle(visit.start, visit.words)
    done = now >= final
    region = record.region
    laboratory = region.units_of("laboratory")[0].hsa_id
    identifier = f"{words[7]:08X}{words[8]:08X}L{turn}"
    if bedside:
        doctor = record.staff(visit)
        chemist = staff_member(record.world, visit.unit.hsa_id, "sjukskoterska", words[9] % STAFF_PER_ROLE)
    else:
        chemist = staff_member(record.world, laboratory, "biomedicinsk-analytiker", words[9] % STAFF_PER_ROLE)
        doctor = staff_member(record.world, laboratory, "laboratorielakare", words[10] % STAFF_PER_ROLE)
    groups = tuple(
        _group(record, visit, panel, keys, f"{identifier}-{place}", words, done=done)
        for place, (panel, keys) in enumerate(_analyses_of(panels).items())
    )
    return Event(
        id=identifier,
        type="laboratory-results",
        system=record.system,
        patient=record.patient(visit),
        occurred_at=wall_time(answered),
        author=chemist.at(wall_time(final if done else answered)),
        unit=record.unit(visit),
        state="removed" if now >= life.removed and turn == 0 and not visit.control else "entered",
        signature=doctor.at(wall_time(signed)) if now >= signed else None,
        countersignature=record.staff(visit).at(wall_time(verified)) if now >= verified else None,
        care_contact_id=care_contact_id(visit),
        revisions=(wall_time(answered),) if culture and done else (),
        content=Laboratory(
            referral_id=f"R{words[11]:08X}",
            laboratory_id=f"L{words[12]:08X}",
            laboratory_name=record.unit(visit).name if bedside else laboratory_name(region),
            specimen_time=wall_time(specimen),
            status="final" if done else "preliminary",
            groups=groups,
            question=_question(record, visit),
        ),
    )


def _question(record: Record, visit: Visit) -> str:
    part = visit.block.parts[0]
    values = values_of(record, visit)
    return compose(part.choices.to(visit.age, record.person.sex), values.words[0], values)


def _analyses_of(panels: tuple[str, ...]) -> dict[str, list[str]]:
    """Return the analyses of each panel; what two have in common is made once."""
    table, told = read_table("analyses.json")["panels"], set[str]()
    found: dict[str, list[str]] = {}
    for panel in panels:
        keys = [key for key in table[panel]["analyses"] if key not in told]
        told.update(keys)
        if keys:
            found[panel] = keys
    return found


def _group(  # noqa: PLR0913, PLR0917 - what an answer depends on
    record: Record,
    visit: Visit,
    panel: str,
    keys: list[str],
    identifier: str,
    words: tuple[int, ...],
    *,
    done: bool,
) -> AnalysisGroup:
    return AnalysisGroup(
        name=read_table("analyses.json")["panels"][panel]["name"],
        analyses=tuple(
            _measure(record, visit, key, f"{identifier}-{place}", words, done=done)
            for place, key in enumerate(keys)
        ),
    )


def _measure(  # noqa: PLR0913 - what a value depends on
    record: Record, visit: Visit, key: str, identifier: str, words: tuple[int, ...], *, done: bool
) -> Analysis:
    analysis = _analysis(key)
    interval = analysis.by_sex[record.person.sex]
    if not interval.levels:
        text = _in_words(record, key, visit, words, done=done)
        return Analysis(
            id=identifier,
            code=analysis.code,
            status="final" if done else "preliminary",
            quantity=Quantity(text=text),
            material=analysis.material,
        )
    levels = interval.levels
    for course in (*visit.courses, *_unfound(record, visit)):
        variant = course.variants.get(key)
        if variant is not None:
            levels = analysis.variants[variant]
            break
    value = _level(levels, _position(record, visit, key))
    if key == "EGFR" and visit.age >= _GROWN:
        creatinine = _measure(record, visit, "KREA", identifier, words, done=done).quantity
        if creatinine is not None and creatinine.value is not None:
            sex = record.person.sex
            value = round(lund_malmo(creatinine=int(creatinine.value), age=visit.age, sex=sex))
    deviation = None
    if interval.high is not None and value > interval.high:
        deviation = "H"
    elif interval.low is not None and value < interval.low:
        deviation = "L"
    return Analysis(
        id=identifier,
        code=analysis.code,
        quantity=Quantity(value=_decimal(value, analysis.decimals), unit=analysis.unit),
        reference=interval.reference,
        deviation=deviation,  # type: ignore[arg-type]  # H, L or None
        material=analysis.material,
    )


def _unfound(record: Record, visit: Visit) -> Iterator[Course]:
    """Yield the anaemia that other samples show too, from two months before it is found until three months after."""
    for other in record.plan.visits:
        found = other.courses and other.courses[0].code == _ANAEMIA and not other.follow
        if found and _SEEN_BEFORE <= visit.start - other.start <= _SEEN_AFTER:
            yield other.courses[0]


def lund_malmo(*, creatinine: int, age: int, sex: Sex) -> float:
    """Return the relative filtration rate of somebody grown up by the revised Lund-Malmö equation; µmol/L, years."""
    limit, top, slope = (150, 2.50, 0.0121) if sex == "F" else (180, 2.56, 0.00968)
    low = creatinine < limit
    x = top + slope * (limit - creatinine) if low else top - 0.926 * log(creatinine / limit)
    return exp(x - 0.0158 * age + 0.438 * log(age))


def _position(record: Record, visit: Visit, key: str) -> int:
    """Return where in the population the person's value lies: a personal level, a slow drift, and noise."""
    leader = _FOLLOWS.get(key) or _OPPOSES.get(key) or key
    own = record.draws.section(label("level", leader))
    noise = record.draws.section(label("noise", leader, visit.year, visit.place))
    drift = (below(own[1], 161) - 80) * (visit.year - 2018)
    ageing = max(0, visit.age - 50) * 45 if leader == "KREA" else 0
    position = below(own[0], _LEVELS) + drift + ageing + below(noise[0], 1801) - 900
    position = max(0, min(_LEVELS - 1, position))
    return _LEVELS - 1 - position if key in _OPPOSES else position


def _level(levels: tuple[int, ...], position: int) -> int:
    place, rest = divmod(position * (len(levels) - 1), _LEVELS)
    return levels[place] + (levels[place + 1] - levels[place]) * rest // _LEVELS


def _decimal(value: int, decimals: int) -> str:
    if not decimals:
        return str(value)
    whole, part = divmod(value, 10**decimals)
    return f"{whole}.{part:0{decimals}}"


def _in_words(record: Record, key: str, visit: Visit, words: tuple[int, ...], *, done: bool) -> str:
    if key in {"UODL", "STIX-NIT"}:
        # The nitrite of the strip and the growth of the culture come from the same bacteria.
        grown = record.draws.section(label("culture", visit.year, visit.place))[0] % len(_CULTURE)
        if key == "STIX-NIT":
            return "pos" if grown < _MAKES_NITRITE else "neg"
        growing = "växt av bakterier" if grown != _NO_GROWTH else "ännu ingen växt"
        return _CULTURE[grown] if done else f"Odling pågår, preliminärt {growing}."
    if key == "STREPA":
        return "Positiv" if visit.courses[0].strep_positive else "Negativ"
    if key == "COVID":
        return "Påvisad"
    return _STICK[key][words[14] % 4]

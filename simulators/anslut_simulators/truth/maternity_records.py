"""Maternity records: the enrolment, the check-ups of a pregnancy, and how it went.

One event is one of three: a *registration*, a *checkup*, or what was found *after* the delivery. The last one
also holds the delivery and the children's measures, richer than the contract has room for.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from anslut_simulators.truth.content import Content
from anslut_simulators.truth.event import Identity

if TYPE_CHECKING:
    from collections.abc import Iterator

_FOUND: Final = (
    ("uterus_contracted", "livmodern sammandragen", "livmodern inte sammandragen"),
    ("perineum_comfortable", "inga besvär från bäckenbotten", "besvär från bäckenbotten"),
    ("scars_ok", "ärr utan anmärkning", "ärr med anmärkning"),
    ("sutures_removed", "suturer borttagna", "suturer kvar"),
    ("genitals_ok", "underliv utan anmärkning", "underliv med anmärkning"),
    ("breastfeeding", "ammar", "ammar inte"),
)
"""What is found of the mother: the field, and the words when it is so and when it is not."""

_LEAVES: Final = ("sjukskriven", "graviditetspenning", "föräldraledig")
"""RIV-TA's codes of leave, by number."""

Position = Literal["huvud", "säte", "snedläge", "tvärläge"]
Presentation = Literal["rörlig", "ruckbar", "fixerad"]
Outcome = Literal["ectopic", "miscarriage", "stillborn", "live"]
Mode = Literal["spontan", "sugklocka", "tång", "planerat kejsarsnitt", "akut kejsarsnitt"]


class Measure(msgspec.Struct, frozen=True, kw_only=True):
    """A measured value: a decimal string with a point, and its unit."""

    value: str
    unit: str

    def told(self) -> str:
        """Return it as it is written in Swedish."""
        return f"{self.value.replace('.', ',')} {self.unit}"


class Medicine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something she takes, and how much."""

    name: str
    dosage: str | None = None


class Earlier(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An earlier pregnancy, as told at the enrolment; *weeks* are completed ones."""

    year: int
    month: int
    outcome: Outcome | None = None
    facility: str | None = None
    course: str | None = None
    sex: Literal["F", "M"] | None = None
    weight: Measure | None = None
    weeks: int | None = None


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """A screening test and what it showed."""

    name: str
    result: str


class Registration(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is asked and measured when a pregnancy is enrolled; *infertility_years* is a decimal string."""

    last_period: date | None = None
    confirmed: date | None = None
    contraceptive_stopped: date | None = None
    due_by_last_period: date | None = None
    due_by_ultrasound: date | None = None
    due_by_transfer: date | None = None
    length: Measure | None = None
    weight: Measure | None = None
    body_mass_index: Measure | None = None
    infertility_years: str | None = None
    earlier: tuple[Earlier, ...] = ()
    thrombosis: bool | None = None
    endocrine_disease: bool | None = None
    urinary_infections: bool | None = None
    diabetes: bool | None = None
    medicines: tuple[Medicine, ...] = ()
    standard_care: bool | None = None
    samples: tuple[Sample, ...] = ()


class Fetus(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is heard and felt of one fetus."""

    heart_rate: Measure | None = None
    position: Position | None = None
    presentation: Presentation | None = None


class Checkup(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A visit to the midwife; *gestation* is completed weeks and days, `39+4`; *leave* is RIV-TA's own code."""

    gestation: str
    weight: Measure | None = None
    fundal_height: Measure | None = None
    haemoglobin: Measure | None = None
    systolic: Measure | None = None
    diastolic: Measure | None = None
    proteinuria: Measure | None = None
    glycosuria: Measure | None = None
    fetuses: tuple[Fetus, ...] = ()
    leave: tuple[int, ...] = ()
    medicines: tuple[Medicine, ...] = ()


class Newborn(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A child of the delivery; *ordinal* counts from the oldest. *apgar* is at 1, 5 and 10 minutes.

    *identity* is None for a child that nobody else in the country knows.
    """

    ordinal: int
    born: datetime
    sex: Literal["F", "M"]
    identity: Identity | None = None
    weight: Measure | None = None
    length: Measure | None = None
    head: Measure | None = None
    apgar: tuple[int, ...] = ()


class Delivery(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How it went; *tear* is the degree, 0 for none."""

    gestation: str
    mode: Mode
    minutes: int | None = None
    blood_loss: Measure | None = None
    tear: int | None = None
    analgesia: tuple[str, ...] = ()
    induced: bool = False


class After(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was found after the delivery: at the ward, or at the check-up some weeks later (without *delivery*)."""

    children: tuple[Newborn, ...]
    delivery: Delivery | None = None
    systolic: Measure | None = None
    diastolic: Measure | None = None
    haemoglobin: Measure | None = None
    temperature: str | None = None
    scars_ok: bool | None = None
    sutures_removed: bool | None = None
    perineum_comfortable: bool | None = None
    genitals_ok: bool | None = None
    uterus_contracted: bool | None = None
    uterus_note: str | None = None
    breastfeeding: bool | None = None


class MaternityRecord(Content, frozen=True, kw_only=True, omit_defaults=True):
    """What a `maternity-records` event says: exactly one of *registration*, *checkup* and *after*.

    *pregnancy* ties together what belongs to one pregnancy. *exempt* is the heading under which the midwife
    exempted the entry from e-services (undantag från e-tjänster), if she did.
    """

    pregnancy: str
    registration: Registration | None = None
    checkup: Checkup | None = None
    after: After | None = None
    exempt: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Raise `ValueError` unless it is exactly one of the three."""
        said = [part for part in (self.registration, self.checkup, self.after) if part is not None]
        if len(said) != 1:
            raise ValueError("a maternity record is a registration, a checkup, or what came after")

    @classmethod
    def sample(cls, event_id: str, now: datetime) -> MaternityRecord:
        """Return an ordinary check-up, which says nothing of when it ends."""
        del now
        return cls(
            pregnancy=f"G{event_id}",
            checkup=Checkup(
                gestation="25+2",
                fundal_height=Measure(value="24", unit="cm"),
                haemoglobin=Measure(value="118", unit="g/L"),
                systolic=Measure(value="112", unit="mmHg"),
                diastolic=Measure(value="68", unit="mmHg"),
                fetuses=(Fetus(heart_rate=Measure(value="144", unit="slag/min")),),
            ),
        )

    @property
    def keywords(self) -> tuple[str, ...]:
        """The heading that exempts it."""
        return self.exempt

    def under(self, *keywords: str) -> MaternityRecord:
        """Return it exempt under *keywords*."""
        return msgspec.structs.replace(self, exempt=keywords)

    def summary(self) -> Iterator[str]:
        """Yield the record as a midwife would read it aloud."""
        if self.exempt:
            yield f"Undantag från e-tjänster: {self.exempt[-1]}"
        if self.registration is not None:
            yield from _registration(self.registration)
        elif self.checkup is not None:
            yield from _checkup(self.checkup)
        elif self.after is not None:
            yield from _after(self.after)


def weeks_and_days(days: int) -> str:
    """Return the length of a pregnancy as it is written: `39+4`."""
    return f"{days // 7}+{days % 7}"


def completed_weeks(gestation: str) -> int:
    """Return the completed weeks of a length written as `39+4`."""
    return int(gestation.partition("+")[0])


def gestation_at(due: date, day: date) -> str:
    """Return how far the pregnancy that is due on *due* has come on *day*."""
    return weeks_and_days((day - (due - timedelta(days=280))).days)


def _named(*parts: tuple[str, Measure | None]) -> str:
    return ", ".join(f"{name} {measure.told()}" for name, measure in parts if measure is not None)


def _pressure(systolic: Measure | None, diastolic: Measure | None) -> str:
    return "" if systolic is None or diastolic is None else f"blodtryck {systolic.value}/{diastolic.value}"


def _medicines(medicines: tuple[Medicine, ...]) -> str:
    return "Läkemedel: " + ", ".join(f"{one.name} {one.dosage or ''}".rstrip() for one in medicines)


def _registration(said: Registration) -> Iterator[str]:
    dates = (
        ("sista mens", said.last_period),
        ("konstaterad", said.confirmed),
        ("preventivmedel till", said.contraceptive_stopped),
        ("beräknad enligt mens", said.due_by_last_period),
        ("enligt ultraljud", said.due_by_ultrasound),
        ("enligt återföring", said.due_by_transfer),
    )
    yield "Inskrivning: " + ", ".join(f"{name} {day}" for name, day in dates if day is not None)
    if measures := _named(("längd", said.length), ("vikt", said.weight), ("BMI", said.body_mass_index)):
        yield measures.capitalize()[:1] + measures[1:]
    if said.infertility_years not in {None, "0"}:
        yield f"Ofrivilligt barnlös i {said.infertility_years.replace('.', ',')} år"
    for one in said.earlier:
        weight = "" if one.weight is None else f", {one.weight.told()}"
        yield f"Tidigare: {one.year}-{one.month:02}, vecka {one.weeks}, {one.course or one.outcome}{weight}"
    diseases = (
        ("trombos", said.thrombosis),
        ("endokrin sjukdom", said.endocrine_disease),
        ("upprepade urinvägsinfektioner", said.urinary_infections),
        ("diabetes", said.diabetes),
    )
    if found := [name for name, has in diseases if has]:
        yield f"Sjukdomar: {', '.join(found)}"
    if said.medicines:
        yield _medicines(said.medicines)
    if said.samples:
        yield "Prover: " + ", ".join(f"{one.name} {one.result}" for one in said.samples)
    if said.standard_care is not None:
        yield "Basprogram" if said.standard_care else "Utökad vård"


def _checkup(said: Checkup) -> Iterator[str]:
    measures = _named(("vikt", said.weight), ("SF-mått", said.fundal_height), ("Hb", said.haemoglobin))
    parts = [f"Vecka {said.gestation}", _pressure(said.systolic, said.diastolic), measures]
    parts.append(_named(("U-protein", said.proteinuria), ("U-glukos", said.glycosuria)))
    yield ", ".join(part for part in parts if part)
    for place, fetus in enumerate(said.fetuses, start=1):
        name = "Fosterljud" if len(said.fetuses) == 1 else f"Foster {place}, fosterljud"
        rate = "" if fetus.heart_rate is None else f" {fetus.heart_rate.told()}"
        felt = ", ".join(word for word in (fetus.position, fetus.presentation) if word)
        yield f"{name}{rate}" + (f", {felt}" if felt else "")
    if said.medicines:
        yield _medicines(said.medicines)
    if said.leave:
        yield ", ".join(_LEAVES[kind] for kind in said.leave).capitalize()


def _after(said: After) -> Iterator[str]:
    if said.delivery is not None:
        yield _delivery(said.delivery)
    for child in said.children:
        sex = "Flicka" if child.sex == "F" else "Pojke"
        name = sex if len(said.children) == 1 else f"{sex} {child.ordinal}"
        size = _named(("vikt", child.weight), ("längd", child.length), ("huvudomfång", child.head))
        apgar = "" if not child.apgar else f", Apgar {'-'.join(map(str, child.apgar))}"
        yield f"{name}, född {child.born:%Y-%m-%d %H:%M}, {size}".rstrip(", ") + apgar
    mother = [_pressure(said.systolic, said.diastolic), _named(("Hb", said.haemoglobin))]
    if said.temperature is not None:
        mother.append(f"temperatur {said.temperature.replace('.', ',')} °C")
    for field, well, ill in _FOUND:
        found = getattr(said, field)
        mother.append("" if found is None else well if found else ill)
    if told := ", ".join(part for part in mother if part):
        yield f"Modern: {told}"
    if said.uterus_note is not None:
        yield said.uterus_note


def _delivery(went: Delivery) -> str:
    mode = "spontan vaginal förlossning" if went.mode == "spontan" else went.mode
    parts = [f"Förlöst i vecka {went.gestation}", mode]
    if went.induced:
        parts.append("igångsatt")
    if went.minutes is not None:
        parts.append(f"{went.minutes // 60} h {went.minutes % 60} min")
    if went.blood_loss is not None:
        parts.append(f"blödning {went.blood_loss.told()}")
    if went.tear is not None:
        parts.append("ingen bristning" if went.tear == 0 else f"bristning grad {went.tear}")
    return ", ".join(parts + list(went.analgesia))


CONTENT = MaternityRecord

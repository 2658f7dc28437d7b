"""What a registration of vaccinations must say: whether it stands, where it is from, and each dose that was given."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from anslut_contracts.time_form import start_of
from anslut_simulators.truth.vaccinations import Dose, Vaccination

from anslut_conformance.facts import ABSENT, Fact, instant

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from anslut_simulators.truth import Code

    from anslut_conformance.oracle import Expected


def owed_identifier(one: Expected) -> object:
    """Return the kinds of vaccine that were given, sorted: what a registration is recognised by."""
    return tuple(sorted(_kind(dose.vaccine) for dose in one.event.holding(Vaccination).doses))


def identifier(header: Mapping[str, Any], body: Mapping[str, Any]) -> object:
    """Return the kinds of vaccine in an entry, sorted."""
    del header
    return tuple(sorted(_said_kind(dose) for dose in _doses(body)))


def occurred(header: Mapping[str, Any], body: Mapping[str, Any]) -> object:
    """Return the document's time, or the first second of the day where no time is known."""
    told = header.get("documentTime")
    if told is not None:
        return told
    day = (body.get("registrationRecord") or {}).get("date")
    try:
        return start_of(str(day)).isoformat()
    except ValueError:
        return day


def facts(
    one: Expected, header: Mapping[str, Any], body: Mapping[str, Any], related: Mapping[str, set[str]]
) -> Iterator[Fact]:
    """Yield what a registration must say, the order of its doses aside."""
    del related
    said = one.event.holding(Vaccination)
    yield "header.blockComparisonTime", one.author.time, instant(header.get("blockComparisonTime"))
    yield "header.nullified", said.status == "nullified", header.get("nullified", ABSENT)
    owed_reason: object = ABSENT if said.nullified_reason is None else said.nullified_reason
    yield "header.nullifiedReason", owed_reason, header.get("nullifiedReason", ABSENT)
    if said.time_known:
        yield "header.documentTime", one.occurred_at, instant(header.get("documentTime"))
    record = body.get("registrationRecord") or {}
    yield "body.registrationRecord.date", f"{one.occurred_at:%Y-%m-%d}", record.get("date")
    yield (
        "body.registrationRecord.vaccinationUnstructuredNote",
        said.note,
        record.get("vaccinationUnstructuredNote"),
    )
    yield (
        "body.registrationRecord.riskCategory",
        sorted(_kind(group) for group in said.risk_groups),
        sorted(_said_text(group) for group in record.get("riskCategory") or ()),
    )
    got: dict[str, list[Mapping[str, Any]]] = {}
    for dose_said in _doses(body):
        got.setdefault(_said_kind(dose_said), []).append(dose_said)
    for dose in said.doses:
        kind = _kind(dose.vaccine)
        found = got.get(kind) or []
        if not found:
            yield f"body.administrationRecord.{kind}", "present", "(absent)"
            continue
        yield from _dose_facts(f"body.administrationRecord.{kind}", said, dose, found.pop(0))
    for kind, rest in got.items():
        for _ in rest:
            yield f"body.administrationRecord.{kind}", "(absent)", "present"


def _dose_facts(field: str, said: Vaccination, dose: Dose, got: Mapping[str, Any]) -> Iterator[Fact]:
    kind = got.get("typeOfVaccine") or {}
    yield f"{field}.typeOfVaccine", dose.vaccine.code_system, kind.get("codeSystem")
    yield f"{field}.vaccineName", dose.product, _shown(got.get("vaccineName"))
    yield f"{field}.vaccineManufacturer", dose.manufacturer, got.get("vaccineManufacturer")
    yield f"{field}.vaccineBatchId", dose.batch, got.get("vaccineBatchId")
    yield (
        f"{field}.vaccineTargetDisease",
        sorted(_kind(one) for one in dose.diseases),
        sorted(_said_text(one) for one in got.get("vaccineTargetDisease") or ()),
    )
    yield f"{field}.doseOrdinalNumber", dose.number, got.get("doseOrdinalNumber")
    yield f"{field}.numberOfPrescribedDoses", dose.of, got.get("numberOfPrescribedDoses")
    yield f"{field}.isDoseComplete", dose.complete, got.get("isDoseComplete")
    quantity = (got.get("dose") or {}).get("quantity")
    if quantity is not None or dose.amount is None:
        shown = quantity or {}
        yield f"{field}.dose", _number(dose.amount), _number(shown.get("value"))
        yield f"{field}.dose.unit", dose.unit, shown.get("unit")
    else:
        words = f"{dose.amount.replace('.', ',')} {dose.unit}"
        yield f"{field}.dose", words, (got.get("dose") or {}).get("displayName")
    for name, code in (("anatomicalSite", dose.site), ("route", dose.route)):
        yield f"{field}.{name}", None if code is None else _kind(code), _text_or_none(got.get(name))
    giver = dose.given_by
    if giver is None or giver.hsa_id is not None:
        owed = None if giver is None else giver.hsa_id
        yield f"{field}.performer", owed, (got.get("performer") or {}).get("hsaId")
    programme = None if said.programme is None else _kind(said.programme)
    yield f"{field}.vaccinationProgramName", programme, _text_or_none(got.get("vaccinationProgramName"))
    yield (
        f"{field}.patientAdverseEffect",
        sorted(_kind(one) for one in dose.adverse),
        sorted(_said_text(one) for one in got.get("patientAdverseEffect") or ()),
    )
    if dose.comment is not None:
        yield f"{field}.commentAdministration", True, dose.comment in str(got.get("commentAdministration"))
    if said.source is not None:
        yield f"{field}.sourceDescription", True, said.source in str(got.get("sourceDescription"))


def _doses(body: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from body.get("administrationRecord") or ()


def _kind(code: Code) -> str:
    return code.code or code.original_text or code.display_name or ""


def _said_kind(dose: Mapping[str, Any]) -> str:
    return _said_text(dose.get("typeOfVaccine") or {})


def _said_text(code: Mapping[str, Any]) -> str:
    return str(code.get("code") or code.get("originalText") or code.get("displayName") or "")


def _text_or_none(code: Mapping[str, Any] | None) -> str | None:
    return None if code is None else _said_text(code)


def _shown(code: Mapping[str, Any] | None) -> object:
    """Return a product's name, coded (NPL) or in words."""
    return None if code is None else code.get("displayName") or code.get("originalText")


def _number(text: object) -> object:
    """Return a decimal string as a number, so that 0.5 and 0.50 are equal; anything else as it stands."""
    if not isinstance(text, str):
        return text
    try:
        return Decimal(text)
    except InvalidOperation:
        return text

"""ALL: everything the source holds, and nothing else."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import jsonschema
import pytest
from anslut_contracts import information_types

from anslut_conformance import checks, facts, json_schema, readings
from anslut_conformance.checks import OK, fail, require, some

if TYPE_CHECKING:
    from anslut_conformance.exam import Exam
    from anslut_conformance.oracle import Expected
    from anslut_conformance.readings import Reading


def _plain(one: Expected) -> bool:
    """Whether *one* is an entry like any other: what is special is judged by the rule for what is special."""
    return (
        one.fate == "shown"
        and not one.excluded
        and one.recorded_under == one.asked
        and one.event.staff_sensitivity is None
        and (one.signature is not None or _needs_none(one))
    )


def _needs_none(one: Expected) -> bool:
    """Whether the type has no signatures, or tells by itself what is not final yet."""
    if "signature" in information_types()[one.type].header_forbids:
        return True
    return one.content is not None and one.content.is_final is not None


def _brief(one: Expected) -> str:
    return f"{one.occurred_at.isoformat()} {one.unit.name}"


@pytest.mark.rule("ALL-001")
@pytest.mark.lane("quick")
def test_nothing_the_source_holds_is_missing(exam: Exam) -> None:
    """Every signed, unprotected entry of every person asked about is in the answer."""
    tried = 0
    for reading in readings.ordinary(exam):
        owed = [one for one in reading.expected if _plain(one)]
        tried += len(owed)
        lost = [one for one in reading.comparison.missing if _plain(one)]
        require(
            not lost,
            f"{reading.type}: {len(lost)} of {len(owed)} entries in the source are not in the answer",
            expected=some(_brief(one) for one in lost),
            got=f"{len(reading.entries)} entries",
            patient=reading.persona.name,
        )
    readings.tempted(range(tried), "ordinary entries")


def _unborn(reading: Reading) -> set[object]:
    """Times of what nobody should see: other rules speak about drafts and removed entries."""
    return {event.author.time for event in reading.events if event.state != "entered"}


@pytest.mark.rule("ALL-002")
@pytest.mark.lane("quick")
def test_nothing_is_invented(exam: Exam) -> None:
    """Every entry comes from something the source holds, and comes once."""
    for reading in readings.ordinary(exam):
        unborn = _unborn(reading)
        strange = [
            entry["header"]["documentId"]
            for entry in reading.comparison.unexpected
            if facts.instant((entry["header"].get("author") or {}).get("time")) not in unborn
        ]
        strange += [name for fault in reading.comparison.doubled for name in fault.where]
        require(
            not strange,
            f"{reading.type}: {len(strange)} entries correspond to nothing in the source, or come twice",
            got=some(strange),
            patient=reading.persona.name,
        )


@pytest.mark.rule("ALL-003")
def test_no_provider_unit_or_profession_is_left_out(exam: Exam) -> None:
    """Two care providers, several units: no provider, unit or profession is wholly missing."""
    groups: dict[tuple[str, str], list[bool]] = defaultdict(list)
    for reading in readings.of(exam, "flera-vardgivare"):
        for one in reading.expected:
            if one.fate != "shown":
                continue
            there = one not in reading.comparison.missing
            role = one.author.role.code if one.author.role is not None else None
            groups["care provider", one.unit.care_provider_hsa_id].append(there)
            groups["care unit", one.unit.hsa_id].append(there)
            groups["profession", role or "(none)"].append(there)
    units = [name for kind, name in groups if kind == "care unit"]
    readings.tempted(units[1:], "second care unit")
    silent = [f"{kind} {name}" for (kind, name), there in groups.items() if not any(there)]
    require(
        not silent,
        "nothing at all is delivered for some",
        expected="entries",
        got=silent,
        patient="flera-vardgivare",
    )


@pytest.mark.rule("ALL-004")
@pytest.mark.lane("quick")
@pytest.mark.parametrize("name", ["okand", "tom"])
def test_unknown_and_empty_records_give_an_empty_answer(exam: Exam, name: str) -> None:
    """Somebody whom the source does not know, or has nothing about, gets an empty OK answer."""
    for type_ in exam.types:
        reply = exam.ask(type_, exam.persona(name).patient_id)
        require(
            reply.status == OK and reply.json().get("entries") == [],
            f"{type_}: the answer about somebody the source has nothing about is not an empty OK answer",
            expected="200, entries: []",
            got=f"{reply.status} {reply.text()[:200]}",
            patient=name,
        )


@pytest.mark.rule("ALL-005")
@pytest.mark.lane("quick")
def test_the_manifest_tells_the_truth(exam: Exam) -> None:
    """Declared types answer, others are 404, and entries come from a source system the manifest names."""
    broken = checks.schema_errors("manifest", exam.manifest)
    require(not broken, "the manifest does not follow its schema", got=broken)
    persona = exam.persona("anna-vuxen")
    declared = exam.manifest["types"]
    for type_ in sorted({*declared, *information_types(), "does-not-exist"}):
        reply = exam.ask(type_, persona.patient_id)
        due = OK if type_ in declared else 404
        require(
            reply.status == due,
            f"the manifest {'names' if due == OK else 'does not name'} {type_}, which answers {reply.status}",
            expected=due,
            got=reply.status,
            patient=persona.name,
        )
        if reply.status == OK:
            systems = {entry["header"].get("sourceSystemHsaId") for entry in reply.json()["entries"]}
            unknown = systems - set(exam.manifest["sourceSystemHsaIds"])
            require(
                not unknown,
                f"{type_}: entries come from a source system the manifest does not name",
                expected=exam.manifest["sourceSystemHsaIds"],
                got=sorted(str(one) for one in unknown),
            )


@pytest.mark.rule("ALL-006")
def test_every_answer_follows_the_schema(exam: Exam) -> None:
    """Answers follow the contract's schema, by two validators that do not know each other."""
    names = ("anna-vuxen", "tecken", "labb-former", "relaterade-diagnoser", "flera-vardgivare")
    persons = exam.personas(*names)
    for type_ in exam.types:
        for persona in persons:
            document = exam.answer(exam.ask(type_, persona.patient_id), type_, persona.patient_id)
            broken = checks.schema_errors(f"answer:{type_}", document)
            if broken:
                fail(f"{type_}: the answer does not follow its schema", got=broken, patient=persona.name)
            second = json_schema.validator(type_)
            for entry in document["entries"][:5]:
                error = jsonschema.exceptions.best_match(second.iter_errors(entry))
                if error is not None:
                    fail(
                        f"{type_}: an entry does not follow its schema",
                        got=f"{error.json_path}: {error.validator}",
                        patient=persona.name,
                    )

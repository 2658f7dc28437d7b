"""The oracle says what is owed, and the comparison finds every way to owe it and not give it."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import anslut_contracts
import msgspec
import pytest
from anslut_conformance.compare import Comparison, compare
from anslut_conformance.oracle import Expected, expected
from anslut_simulators.truth import Actor, Atom, Code, Event, Identity, Unit
from anslut_simulators.truth.diagnoses import Diagnosis

NOTES, DIAGNOSES = "care-documentation", "diagnoses"
PROFILE = anslut_contracts.load_profile("fjallmark")
WINTER = timezone(timedelta(hours=1))
NOW = datetime(2023, 11, 15, 8, tzinfo=WINTER)
PERSON = Identity(root="1.2.752.129.2.1.3.1", extension="198405142384")
NEWBORN = Identity(root="1.2.752.74.9.1", extension="97840514AA01")
UNIT = Unit(hsa_id="SE2321000999-A1001", name="Aspens vårdcentral", care_provider_hsa_id="SE2321000999-0001")
SEEN = "Söker för hosta sedan två veckor."
HIDDEN = "Berättar om hot hemma. KX7QPLM2"


def event(**changes: Any) -> Event:
    """Return a signed note with an approved text, and an excluded one two levels down."""
    values: dict[str, Any] = {
        "id": "N1",
        "type": "care-documentation",
        "system": "kosmos",
        "patient": PERSON,
        "occurred_at": datetime(2023, 3, 4, 9, 50, tzinfo=WINTER),
        "author": Actor(
            time=datetime(2023, 3, 4, 10, tzinfo=WINTER), hsa_id="SE2321000999-P1", name="Lo Berg"
        ),
        "signature": Actor(
            time=datetime(2023, 3, 4, 11, tzinfo=WINTER), hsa_id="SE2321000999-P1", name="Lo Berg"
        ),
        "unit": UNIT,
        "template": "Läkarbesök primärvård",
        "note_code": Code(code="bes", code_system="1.2.752.129.2.2.2.11", display_name="Besöksanteckning"),
        "atoms": (
            Atom(id="a", path=("Kontaktorsak",), text=SEEN),
            Atom(
                id="b",
                path=("Socialt", " våldsutsatthet", "Frågat om"),
                text=HIDDEN,
                reason="violence",
                canary="KX7QPLM2",
            ),
        ),
    }
    return Event(**{**values, **changes})


def owed(*events: Event, profile: anslut_contracts.RegionProfile = PROFILE) -> list[Expected]:
    """Return what is owed of *events* now."""
    return expected(events, profile, asked=PERSON, system="kosmos", now=NOW)


def entry(of: Event, *, text: str, approved: bool, document_id: str) -> dict[str, Any]:
    """Return an entry that tells *of* rightly, with *text*."""
    actor = {"hsaId": "SE2321000999-P1", "name": "Lo Berg"}
    header: dict[str, Any] = {
        "documentId": document_id,
        "patientId": {"root": PERSON.root, "extension": PERSON.extension},
        "documentTime": of.occurred_at.isoformat(),
        "author": {"time": of.author.time.isoformat(), **actor},
        "careUnitHsaId": of.unit.hsa_id,
        "careProviderHsaId": of.unit.care_provider_hsa_id,
        "approvedForPatient": approved,
    }
    if of.signature is not None:
        header["signature"] = {"time": of.signature.time.isoformat(), **actor}
    code = {"code": "bes", "codeSystem": "1.2.752.129.2.2.2.11", "displayName": "Besöksanteckning"}
    return {"header": header, "body": {"clinicalDocumentNoteCode": code, "clinicalDocumentNoteText": text}}


def right() -> list[dict[str, Any]]:
    """Return a right answer: the excluded text stands apart, flagged."""
    return [
        entry(event(), text=f"Kontaktorsak\n{SEEN}", approved=True, document_id="N1"),
        entry(event(), text=f"Våldsutsatthet\nFrågat om\n{HIDDEN}", approved=False, document_id="N1-x"),
    ]


def facts(comparison: Comparison) -> set[str]:
    """Return which kinds of fact a comparison found."""
    return {
        name
        for name in (
            "missing",
            "unexpected",
            "mismatches",
            "leaks",
            "heading_leaks",
            "lost",
            "doubled",
            "undelivered",
            "wrongly_approved",
            "wrongly_flagged",
        )
        if getattr(comparison, name)
    }


def test_a_right_answer_differs_in_nothing() -> None:
    """However it is split and numbered."""
    three = [
        *right(),
        entry(event(), text="Avslutning", approved=True, document_id="whatever"),
    ]

    assert compare(owed(event()), right(), type_=NOTES).clean
    assert compare(owed(event()), three, type_=NOTES).clean


def leak(answer: list[dict[str, Any]]) -> None:
    """Put the excluded text into the approved entry."""
    answer[0]["body"]["clinicalDocumentNoteText"] += HIDDEN


def leak_canary(answer: list[dict[str, Any]]) -> None:
    """Put only the canary there."""
    answer[0]["body"]["clinicalDocumentNoteText"] += " KX7QPLM2"


def leak_heading(answer: list[dict[str, Any]]) -> None:
    """Let the title give the excluded keyword away."""
    answer[0]["body"]["clinicalDocumentNoteTitle"] = "Besök, våldsutsatthet"


def approve(answer: list[dict[str, Any]]) -> None:
    """Forget the flag of the excluded entry."""
    del answer[1]["header"]["approvedForPatient"]


def drop_flagged(answer: list[dict[str, Any]]) -> None:
    """Withhold what should be flagged."""
    del answer[1]


def cut(answer: list[dict[str, Any]]) -> None:
    """Cut the approved text short."""
    answer[0]["body"]["clinicalDocumentNoteText"] = SEEN[:-4]


def double(answer: list[dict[str, Any]]) -> None:
    """Deliver the approved text twice."""
    answer.append(deepcopy(answer[0]))


def unsign(answer: list[dict[str, Any]]) -> None:
    """Leave the signature out."""
    del answer[0]["header"]["signature"]


def shift(answer: list[dict[str, Any]]) -> None:
    """Read winter time as summer time."""
    for one in answer:
        one["header"]["documentTime"] = one["header"]["documentTime"].replace("+01:00", "+02:00")


def move(answer: list[dict[str, Any]]) -> None:
    """Name another unit."""
    for one in answer:
        one["header"]["careUnitHsaId"] = "SE2321000999-A1002"


def empty(answer: list[dict[str, Any]]) -> None:
    """Deliver nothing."""
    answer.clear()


def invent(answer: list[dict[str, Any]]) -> None:
    """Deliver an entry that nothing accounts for."""
    other = event(occurred_at=NOW - timedelta(days=9), author=Actor(time=NOW - timedelta(days=9)))
    answer.append(entry(other, text="Okänd text", approved=True, document_id="Z"))


@pytest.mark.parametrize(
    ("spoil", "found"),
    [
        (leak, {"leaks"}),
        (leak_canary, {"leaks"}),
        (leak_heading, {"heading_leaks"}),
        (approve, {"leaks", "heading_leaks", "undelivered"}),
        (drop_flagged, {"undelivered"}),
        (cut, {"lost"}),
        (double, {"doubled"}),
        (unsign, {"mismatches"}),
        (shift, {"mismatches"}),
        (move, {"mismatches"}),
        (empty, {"missing"}),
        (invent, {"unexpected"}),
    ],
)
def test_each_way_to_be_wrong_is_found_and_called_by_its_name(spoil: Any, found: set[str]) -> None:
    """A check looks at one list; a fact in the wrong list is a fact nobody sees."""
    answer = right()
    spoil(answer)

    assert facts(compare(owed(event()), answer, type_=NOTES)) == found


def test_a_moved_time_is_a_mismatch_and_not_a_loss() -> None:
    """The developer should read what is wrong with the entry, not that it is missing."""
    answer = right()
    shift(answer)

    (one, *_) = compare(owed(event()), answer, type_=NOTES).fields("header.documentTime")

    assert (one.expected, one.got) == (event().occurred_at, event().occurred_at - timedelta(hours=1))


@pytest.mark.parametrize(
    "never",
    [
        event(state="draft"),
        event(state="removed"),
        event(author=Actor(time=NOW + timedelta(seconds=1))),
    ],
)
def test_drafts_removed_and_future_entries_are_not_owed(never: Event) -> None:
    """And an answer that has them has something nobody accounts for."""
    assert owed(never) == []
    assert facts(compare(owed(never), right(), type_=NOTES)) == {"unexpected"}


def test_what_is_older_than_its_introduction_may_come_or_not() -> None:
    """Who hides it, connector or national service, is not ruled."""
    old = event(occurred_at=datetime(2014, 12, 31, 23, 59, 59, tzinfo=WINTER))
    answer = [
        entry(old, text=SEEN, approved=True, document_id="N1"),
        entry(old, text=HIDDEN, approved=False, document_id="N1-x"),
    ]

    assert compare(owed(old), answer, type_=NOTES).clean
    assert compare(owed(old), [], type_=NOTES).clean
    assert facts(compare(owed(event()), [], type_=NOTES)) == {"missing"}


@pytest.mark.parametrize(
    "whole",
    [
        event(template="Oro för att barn far illa"),
        event(
            unit=Unit(hsa_id="SE2321000999-A1009", name="Barnahus", care_provider_hsa_id="SE2321000999-0001")
        ),
        event(reason="investigation"),
    ],
)
def test_an_excluded_template_unit_or_entry_is_excluded_whole(whole: Event) -> None:
    """Not a word of it may be approved."""
    (one,) = owed(whole)

    assert one.fate == "flagged"
    assert one.approved == ()


def test_what_a_region_withholds_is_not_owed_at_all() -> None:
    """The profile says flag or withhold, reason by reason."""
    profile = replace(PROFILE, effects={**PROFILE.effects, "violence": "withhold"})

    (one,) = owed(event(), profile=profile)

    assert [atom.fate for atom in one.atoms] == ["shown", "withheld"]
    assert compare([one], right()[:1], type_=NOTES).clean
    assert owed(event(template="Oro för att barn far illa"), profile=profile) == []


def test_staff_sensitivity_hides_nothing_from_the_patient() -> None:
    """It is about other staff."""
    assert owed(event(staff_sensitivity="Extra känslig information"))[0].fate == "shown"


def test_another_identity_of_the_person_is_theirs_when_the_region_delivers_linked_identities() -> None:
    """A newborn's first days stand under a reserve number."""
    linked = event(patient=NEWBORN)

    assert [one.recorded_under for one in owed(linked)] == [NEWBORN]
    assert owed(linked, profile=replace(PROFILE, deliver_linked_identities=False)) == []


def diagnosis_event(path: tuple[str, ...] = ()) -> Event:
    """Return a main diagnosis, registered under *path*."""
    code = Code(code="I109", code_system="1.2.752.116.1.1.1.1.3", display_name="Essentiell hypertoni")
    return event(type="diagnoses", atoms=(), content=Diagnosis(code=code, kind="Huvuddiagnos", path=path))


def diagnosis_entry(**body: Any) -> dict[str, Any]:
    """Return the right entry of it."""
    made = entry(diagnosis_event(), text="", approved=True, document_id="D1")
    del made["header"]["documentTime"]
    made["header"]["blockComparisonTime"] = made["header"]["author"]["time"]
    made["body"] = {
        "typeOfDiagnosis": "Huvuddiagnos",
        "diagnosisTime": diagnosis_event().occurred_at.isoformat(),
        "diagnosisCode": {
            "code": "I109",
            "codeSystem": "1.2.752.116.1.1.1.1.3",
            "displayName": "Essentiell hypertoni",
        },
        **body,
    }
    return made


def test_a_diagnosis_is_judged_by_code_kind_and_flag() -> None:
    """One under an excluded keyword must carry the flag."""
    assert compare(owed(diagnosis_event()), [diagnosis_entry()], type_=DIAGNOSES).clean
    hidden = compare(owed(diagnosis_event(("Våldsutsatthet",))), [diagnosis_entry()], type_=DIAGNOSES)
    dotted = compare(
        owed(diagnosis_event()), [diagnosis_entry(diagnosisCode={"code": "I10.9"})], type_=DIAGNOSES
    )
    other = compare(owed(diagnosis_event()), [diagnosis_entry(typeOfDiagnosis="Bidiagnos")], type_=DIAGNOSES)

    assert facts(hidden) == {"wrongly_approved"}
    assert {one.field for one in dotted.mismatches} >= {
        "body.diagnosisCode.code",
        "body.diagnosisCode.codeSystem",
    }
    assert [one.field for one in other.mismatches] == ["body.typeOfDiagnosis"]


def test_short_texts_that_stand_everywhere_accuse_nobody() -> None:
    """A "Nej" in two entries is not a doubled text, and not a leak."""
    both = event(
        atoms=(
            Atom(id="a", path=("Rökning",), text="Nej"),
            Atom(id="b", path=("Våldsutsatthet",), text="Nej", reason="violence"),
        )
    )
    answer = [
        entry(event(), text="Rökning\nNej", approved=True, document_id="1"),
        entry(event(), text="Våldsutsatthet\nNej", approved=False, document_id="2"),
    ]

    assert compare(owed(both), answer, type_=NOTES).clean


def test_the_oracle_reads_events_as_the_control_plane_sends_them() -> None:
    """Through JSON and back nothing may change."""
    sent = Event.from_json(msgspec.json.decode(msgspec.json.encode(event().to_json())))

    assert compare(owed(sent), right(), type_=NOTES).clean

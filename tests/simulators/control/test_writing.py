"""What a tester writes is true from then on: in the truth, in Kosmos and in the change feed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from anslut_simulators import ControlError
from anslut_simulators.truth import Identity
from anslut_simulators.truth.laboratory_results import Laboratory
from small_country import ANNA, BABY, BABY_RESERVE, BO, ELSEWHERE, STRANGER

if TYPE_CHECKING:
    from anslut_simulators import ControlClient, RunningRegion
    from kosmos_caller import Caller

TYPES = ("care-documentation", "diagnoses", "laboratory-results")


@pytest.mark.parametrize("kind", TYPES)
def test_a_type_and_a_person_are_enough(control: ControlClient, kind: str) -> None:
    """Everything else is filled in: unsigned, written now, at an ordinary unit."""
    event = control.write(type=kind, patient_id=BO)

    assert control.truth(BO, kind)[-1] == event
    assert (event.patient, event.state, event.signature) == (BO, "entered", None)
    assert event.author.time == event.occurred_at == control.now()


def test_signing_changes_marks_only(control: ControlClient) -> None:
    """A signature never changes what was written, when, or its id."""
    event = control.write(type="care-documentation", patient_id=BO)
    control.advance(3600)
    signed = control.change(BO, event.id, "sign")

    assert signed.signature is not None
    assert signed.signature.time == control.now()
    assert (signed.id, signed.atoms, signed.author, signed.occurred_at) == (
        event.id,
        event.atoms,
        event.author,
        event.occurred_at,
    )


def test_an_edit_keeps_id_and_time_and_needs_a_new_signature(control: ControlClient) -> None:
    """The corrected text is the entry; the old signature does not vouch for it."""
    before = control.truth(ANNA, "care-documentation")[0]
    text = {"id": "a1", "path": ["Kontaktorsak"], "text": "Rättad text."}
    after = control.change(ANNA, before.id, "edit", atoms=[text])

    assert [atom.text for atom in after.atoms] == ["Rättad text."]
    assert (after.occurred_at, after.revisions, after.signature) == (
        before.occurred_at,
        (before.author.time,),
        None,
    )


def test_a_removed_entry_stays_in_the_truth_as_removed(control: ControlClient) -> None:
    """The oracle must know that it was there, and that it is gone."""
    event = control.write(type="diagnoses", patient_id=BO)
    control.change(BO, event.id, "remove")

    assert control.truth(BO, "diagnoses")[-1].state == "removed"
    with pytest.raises(ControlError) as refused:
        control.change(BO, event.id, "sign")
    assert refused.value.status == 409


def test_an_exclusion_gives_text_a_reason_a_keyword_and_a_canary(control: ControlClient) -> None:
    """The canary stands in the excluded text and nowhere else, so that a leak is seen."""
    atoms = [{"id": "a1", "path": ["Status"], "text": "Får synas."}]
    atoms.append({"id": "a2", "path": ["Socialt"], "text": "Får inte synas."})
    event = control.write(type="care-documentation", patient_id=BO, atoms=atoms)
    shown, hidden = control.change(BO, event.id, "exclude", reason="violence", atom_ids=["a2"]).atoms

    assert (shown.reason, shown.path) == (None, ("Status",))
    assert (hidden.reason, hidden.path) == ("violence", ("Våldsutsatthet", "Socialt"))
    assert hidden.canary is not None
    assert hidden.canary in hidden.text
    again = control.change(BO, event.id, "unexclude").atoms
    assert [(atom.reason, atom.canary) for atom in again] == [(None, None)] * 2


def test_a_moved_entry_leaves_one_person_and_reaches_the_other(
    control: ControlClient, caller: Caller
) -> None:
    """Written in the wrong record: gone from one, present in the other, told twice by the feed."""
    event = control.truth(ANNA, "care-documentation")[2]
    control.change(ANNA, event.id, "move", to_patient_id=BO)
    told = caller.get("/api/v2/andringar").json()["handelser"]

    assert event.id not in {entry["id"] for entry in caller.entries(ANNA)}
    assert event.id in {entry["id"] for entry in caller.entries(BO)}
    assert [row["handelse"] for row in told] == ["flyttad_harifran", "flyttad_hit"]
    assert [row["lopnr"] for row in told] == [1, 2]


def test_a_preliminary_answer_becomes_final_in_place(control: ControlClient) -> None:
    """One answer, one id; every analysis final, vouched for by the laboratory anew."""
    before = control.truth(ANNA, "laboratory-results")[0]
    control.advance(60)
    after = control.change(ANNA, before.id, "finalise")

    assert after.id == before.id
    assert {analysis.status for group in after.holding(Laboratory).groups for analysis in group.analyses} == {
        "final"
    }
    assert after.signature is not None
    assert after.signature.time == control.now()


def test_a_draft_is_finalised_into_an_entry(control: ControlClient) -> None:
    """Nobody has seen a draft: it is entered when it is finished."""
    draft = control.write(type="care-documentation", patient_id=BO, state="draft")
    control.advance(600)
    entered = control.change(BO, draft.id, "finalise")

    assert (entered.state, entered.author.time) == ("entered", control.now())


def test_only_a_laboratory_answer_is_countersigned(control: ControlClient) -> None:
    """Verification by the recipient is another thing than the laboratory's signature."""
    answer = control.truth(ANNA, "laboratory-results")[0]
    noted = control.truth(ANNA, "care-documentation")[0]

    assert control.change(ANNA, answer.id, "countersign").countersignature is not None
    with pytest.raises(ControlError):
        control.change(ANNA, noted.id, "countersign")


def test_truth_holds_the_events_of_every_identity(control: ControlClient) -> None:
    """Each event says under which identity it was recorded."""
    by_number = control.truth(BABY)
    by_reserve = control.truth(BABY_RESERVE)

    assert {event.id: event.patient for event in by_number} == {"baby-0": BABY_RESERVE, "baby-1": BABY}
    assert by_number == by_reserve
    assert control.change(BABY, "baby-0", "remove").patient == BABY_RESERVE


def test_every_change_is_told_with_the_next_number(control: ControlClient, caller: Caller) -> None:
    """A connector that has read up to a number has missed nothing before it."""
    event = control.write(type="care-documentation", patient_id=BO)
    for change in ("sign", "edit", "exclude", "remove"):
        control.change(BO, event.id, change)  # type: ignore[arg-type]
    told = caller.get("/api/v2/andringar?efter=2&antal=2").json()

    assert [(row["lopnr"], row["handelse"]) for row in told["handelser"]] == [
        (3, "andrad"),
        (4, "undantagen"),
    ]
    assert told["senaste"] == 5
    assert told["handelser"][0]["identitet"] == {"personnummer": "940102-2398"}


def test_written_from_many_threads_nothing_is_lost(control: ControlClient) -> None:
    """Testers run checks in parallel."""
    with ThreadPoolExecutor(8) as threads:
        written = list(
            threads.map(lambda _: control.write(type="care-documentation", patient_id=BO).id, range(40))
        )

    assert len(set(written)) == 40
    assert set(written) <= {event.id for event in control.truth(BO)}


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"type": "referrals"}, 422),
        ({"type": "care-documentation", "patient_id": ELSEWHERE}, 404),
        ({"type": "care-documentation", "patient_id": STRANGER}, 404),
        ({"type": "care-documentation", "occurred_at": "2023-01-01T10:00:00"}, 422),
        ({"type": "care-documentation", "occurred_at": "igår"}, 422),
        ({"type": "care-documentation", "content": {"kind": "Huvuddiagnos", "code": {}}}, 422),
        ({"type": "diagnoses", "content": {"kind": "Annan", "code": {"code": "I109"}}}, 422),
        ({"type": "diagnoses", "content": {"kind": "Bidiagnos", "code": {"code": "X999"}}}, 422),
        (
            {
                "type": "care-documentation",
                "unit": {"hsa_id": "SE1", "name": "x", "care_provider_hsa_id": "SE2"},
            },
            422,
        ),
        ({"type": "care-documentation", "id": "../../etc"}, 422),
        ({"type": "care-documentation", "system": "vaxreg"}, 422),
        ({"type": "care-documentation", "nonsense": 1}, 422),
        ({"type": "care-documentation", "author": "Disa"}, 422),
        ({}, 422),
    ],
)
def test_what_does_not_fit_is_refused(control: ControlClient, fields: dict[str, Any], status: int) -> None:
    """A tester's mistake is told at once, not found later as a connector's."""
    with pytest.raises(ControlError) as refused:
        control.write(**{"patient_id": BO, **fields})

    assert refused.value.status == status
    assert refused.value.problem["type"].startswith("urn:anslut:problem:")


UNSAFE = Identity(root="1.2.752.129.2.1.3.1", extension="1990" + "01022392")


@pytest.mark.parametrize(
    ("what", "document"),
    [
        ("truth", {"patientId": {"root": UNSAFE.root, "extension": UNSAFE.extension}}),
        (
            "events",
            {
                "event": {
                    "type": "diagnoses",
                    "patientId": {"root": UNSAFE.root, "extension": UNSAFE.extension},
                }
            },
        ),
        (
            "events/change",
            {
                "patientId": {"root": ANNA.root, "extension": ANNA.extension},
                "eventId": "anna-0",
                "change": "move",
                "toPatientId": {"root": UNSAFE.root, "extension": UNSAFE.extension},
            },
        ),
        (
            "events",
            {
                "event": {
                    "type": "care-documentation",
                    "patientId": {"root": BO.root, "extension": BO.extension},
                    "atoms": [{"id": "a", "path": ["Socialt"], "text": f"Bror {UNSAFE.extension}."}],
                }
            },
        ),
        (
            "faults",
            {
                "fault": "status",
                "system": "kosmos",
                "patientId": {"root": UNSAFE.root, "extension": UNSAFE.extension},
            },
        ),
    ],
)
def test_a_number_that_could_be_real_is_refused_and_never_repeated(
    region: RunningRegion, caller: Caller, what: str, document: dict[str, Any]
) -> None:
    """The guard: only the official list and the never-issued series, in fields and in free text."""
    url = f"{region.base_url}/_sim/s/{caller.scenario}/{what}"
    answer = caller.session.post(url, json=document, timeout=20)

    assert answer.status_code == 422
    assert "01022392" not in answer.text

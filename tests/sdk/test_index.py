"""The index is told what is there, after it is there, and nothing is lost on the way."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from anslut import Change, PersonId, index
from anslut.door import create_app
from anslut.errors import AnslutError, SourceDataError, SourceUnavailableError
from anslut.index import MOST_TRANSACTIONS, Announcer
from anslut.positions import PositionKeeper
from anslut_contracts.identity import NRID, PERSONNUMMER

if TYPE_CHECKING:
    from collections.abc import Callable

ANNA = PersonId(root=PERSONNUMMER, extension="199001022384")
TWIN = PersonId(root=PERSONNUMMER, extension="201103092381")
NEWBORN = PersonId(root=NRID, extension="98231009HJ54")


def test_a_change_is_posted_with_what_there_is(
    announcer: Announcer, source: Any, told: Any, make: Any
) -> None:
    """Person, category, system and the time of the latest event."""
    source.feed = [Change(patient_id=ANNA, type="diagnoses")]
    source.readers["diagnoses"] = lambda query: [
        make.diagnosis(query, "d1", entered="2023-03-04 10:00:00", signed="2023-07-01 09:00:05"),
        make.diagnosis(query, "d2", entered="2023-05-04 10:00:00", approved=False),
    ]

    announcer.announce()

    assert told.calls[0][:2] == ("POST", told.path)
    assert told.transactions() == [
        {
            "deleteFlag": False,
            "engagement": {
                "registeredResidentIdentification": "199001022384",
                "serviceDomain": "riv:clinicalprocess:healthcond:description",
                "categorization": "dia",
                "logicalAddress": "SE2321000999-K001",
                "businessObjectInstanceIdentifier": "NA",
                "clinicalProcessInterestId": "NA",
                "mostRecentContent": "20230701090005",
                "sourceSystem": "SE2321000999-K001",
                "dataController": "SE2321000999",
            },
        }
    ]


def test_only_when_nothing_is_left_is_an_engagement_deleted(
    announcer: Announcer, source: Any, told: Any, make: Any
) -> None:
    """A removed entry among others is an update; an entry that may not be shown still exists."""
    left = {"diagnoses": ["d1"]}
    source.readers["diagnoses"] = lambda query: [make.diagnosis(query, name) for name in left["diagnoses"]]
    source.feed = [Change(patient_id=ANNA, type="diagnoses")]
    announcer.announce()
    left["diagnoses"] = []
    source.feed.append(Change(patient_id=ANNA, type="diagnoses"))
    announcer.announce()

    first, second = told.transactions()
    assert (first["deleteFlag"], second["deleteFlag"]) == (False, True)
    assert "mostRecentContent" not in second["engagement"]


def test_reserve_identities_and_strange_types_are_never_posted(
    announcer: Announcer, source: Any, told: Any
) -> None:
    """The index holds national numbers only; the position moves all the same."""
    source.feed = [Change(patient_id=NEWBORN, type="diagnoses"), Change(patient_id=ANNA, type="vaccinations")]

    announcer.announce()

    assert told.calls == []
    assert announcer._keeper.position == "2"


def test_many_changes_of_one_person_are_one_post(announcer: Announcer, source: Any, told: Any) -> None:
    """What is there now says it all."""
    source.feed = [Change(patient_id=ANNA, type="diagnoses")] * 7 + [
        Change(patient_id=TWIN, type="diagnoses")
    ]

    announcer.announce()

    assert len(told.transactions()) == 2


def test_no_post_has_more_than_the_index_takes(
    announcer: Announcer, source: Any, told: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thousand at a time; here two."""
    assert MOST_TRANSACTIONS == 1000
    monkeypatch.setattr(index, "MOST_TRANSACTIONS", 2)
    source.feed = [
        Change(patient_id=person, type=type_name)
        for person in (ANNA, TWIN)
        for type_name in ("diagnoses", "care-documentation", "laboratory-results")
    ][:5]

    announcer.announce()

    assert [len(told.read(body)) for _, _, body in told.calls] == [2, 2, 1]


def test_an_identity_that_cannot_be_one_holds_nobody_up(
    announcer: Announcer, source: Any, told: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    """A feed is somebody else's data too."""
    wrong = PersonId(root=PERSONNUMMER, extension="199001022385")
    source.feed = [Change(patient_id=wrong, type="diagnoses"), Change(patient_id=TWIN, type="diagnoses")]

    announcer.announce()

    assert len(told.transactions()) == 1
    logged = capfd.readouterr().err
    assert "left out" in logged
    assert "199001022385" not in logged


def test_the_position_moves_only_after_the_index_has_acknowledged(
    announcer: Announcer, source: Any, told: Any, make: Any
) -> None:
    """What the index did not take is posted again."""
    source.feed = [Change(patient_id=ANNA, type="diagnoses")]
    source.readers["diagnoses"] = lambda query: [make.diagnosis(query)]
    told.down()
    with pytest.raises(AnslutError):
        announcer.announce()
    assert announcer._keeper.position is None
    told.up()
    told.calls.clear()

    announcer.announce()

    assert len(told.transactions()) == 1
    assert announcer._keeper.position == "1"


def test_the_source_is_asked_before_the_index_is_told(announcer: Announcer, source: Any, told: Any) -> None:
    """A source that is away means that nothing can be said yet."""

    def away(_query: object) -> Any:
        raise SourceUnavailableError("away")

    source.feed = [Change(patient_id=ANNA, type="diagnoses")]
    source.readers["diagnoses"] = away

    with pytest.raises(SourceUnavailableError):
        announcer.announce()
    assert told.calls == []
    assert announcer._keeper.position is None


def test_entries_that_cannot_be_delivered_are_announced_and_hold_nobody_up(
    announcer: Announcer, source: Any, told: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    """The person learns that something could not be fetched; the next person's news are told too."""

    def broken(query: Any) -> Any:
        if query.patient_id == ANNA:
            raise SourceDataError("odd")
        return []

    source.feed = [Change(patient_id=ANNA, type="diagnoses"), Change(patient_id=TWIN, type="diagnoses")]
    source.readers["diagnoses"] = broken

    announcer.announce()

    assert [one["deleteFlag"] for one in told.transactions()] == [False, True]
    assert told.transactions()[0]["engagement"]["mostRecentContent"] == "20231115080000"
    assert "199001022384" not in capfd.readouterr().err


def test_the_position_survives_a_restart_and_is_all_that_is_written(
    announcer: Announcer, source: Any, told: Any, make: Any
) -> None:
    """The folder's files hold no person, and the next process goes on where this one was."""
    source.feed = [Change(patient_id=ANNA, type="diagnoses")]
    source.readers["diagnoses"] = lambda query: [make.diagnosis(query)]
    announcer.announce()
    announcer.stop()
    told.calls.clear()

    again = Announcer(source)
    assert again._keeper.is_ours()
    again.announce()

    written = [path.read_text("utf-8") for path in Path(source.settings.state_dir or "").iterdir()]
    assert told.calls == []
    assert sorted(written) == ["", "1"]


def test_reads_for_the_index_are_no_lines_in_the_access_log(
    announcer: Announcer, source: Any, make: Any
) -> None:
    """Nobody has seen anything."""
    source.feed = [Change(patient_id=ANNA, type="diagnoses")]
    source.readers["diagnoses"] = lambda query: [make.diagnosis(query)]
    announcer.announce()

    assert Path(source.settings.access_log or "").read_text("utf-8") == ""


def test_one_process_at_a_time_announces(tmp_path: Path) -> None:
    """The other takes over, from the same position, when the first ends."""
    first, second = (PositionKeeper(str(tmp_path), name="feed") for _ in range(2))
    assert (first.is_ours(), second.is_ours()) == (True, False)
    first.move("17")
    first.close()

    assert second.is_ours()
    assert second.position == "17"
    assert PositionKeeper(None, name="feed").is_ours()


def until(condition: Callable[[], object]) -> bool:
    """Wait for *condition*, at most five seconds."""
    end = time.monotonic() + 5
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


def test_an_application_tells_the_index_by_itself(
    source: Any, told: Any, make: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    """A change while the index is down arrives when it is back; closing ends it."""
    source.readers["diagnoses"] = lambda query: [make.diagnosis(query)]
    told.down()
    source.feed = [Change(patient_id=ANNA, type="diagnoses")]
    app = create_app(source)
    try:
        assert until(lambda: "could not be told" in capfd.readouterr().err)
        told.calls.clear()
        told.up()
        assert until(lambda: told.calls)
        source.feed.append(Change(patient_id=TWIN, type="diagnoses"))
        assert until(lambda: any("201103092381" in str(one) for one in told.transactions()))
    finally:
        app.extensions["anslut"].close()
    source.feed.append(Change(patient_id=ANNA, type="diagnoses"))
    before = len(told.calls)
    time.sleep(0.1)

    assert len(told.calls) == before
    assert source.manifest()["index"] == {"mode": "push"}

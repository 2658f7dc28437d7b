"""The change feed of a clock that moves: complete for whom it follows, numbered once, the same for everybody."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from anslut_simulators import ControlError, feed, serve_region
from anslut_simulators.overlay import Records, Step
from anslut_simulators.scenario import Scenarios
from anslut_simulators.store import open_store
from kosmos_caller import Caller
from msgspec.structs import replace
from small_country import ANNA, BABY, BABY_RESERVE, BO, CARIN, START, SmallPerson, SmallPopulation, note

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from anslut_simulators.truth import Event

NOTES = "care-documentation"
DAY = timedelta(days=1)


class LivingPopulation(SmallPopulation):
    """The small country, where entries are signed and removed when their time comes, and a newborn gets a number."""

    def __post_init__(self) -> None:
        """Let things happen after the start: to Anna and Carin, and to a newborn on the third day."""
        super().__post_init__()
        self.removed = {"anna-ny": START + timedelta(days=3, seconds=77)}
        self.histories[ANNA] = [note("anna-ny", ANNA, START + timedelta(hours=1))]
        self.histories[BO] = []
        self.histories[CARIN] = [
            note("carin-1", CARIN, START + timedelta(hours=3)),
            note("carin-2", CARIN, START + timedelta(days=2)),
        ]
        self.histories[BABY] = [
            note("baby-0", BABY_RESERVE, START - timedelta(days=1)),
            note("baby-1", BABY, START + timedelta(days=4)),
        ]
        self.people[BABY] = SmallPerson(
            identity=BABY, linked=(BABY_RESERVE,), renumbered_at=START + timedelta(days=3)
        )
        self.people[BABY_RESERVE] = self.people[BABY]

    def history(self, person: SmallPerson, type: str, **how: Any) -> list[Event]:  # noqa: A002 - the population's word
        """Return what was recorded by then, in the state it had then."""
        until: datetime = how["until"]
        told = super().history(person, type, **how)
        signed = [
            event
            if event.signature is None or event.signature.time <= until
            else replace(event, signature=None)
            for event in told
        ]
        return [
            replace(event, state="removed") if self.removed.get(event.id, until + DAY) <= until else event
            for event in signed
        ]


class Reader:
    """Somebody who reads the feed of the state at *address*, in a worker of their own."""

    def __init__(self, address: str) -> None:
        self.store = open_store(address, region="fjallmark")
        self.scenarios = Scenarios(self.store, start=START)
        self.records = Records(LivingPopulation(), self.scenarios, region="fjallmark")

    def follow(self, patient: Any, scenario: str = "prov") -> None:
        """Ask about *patient*, as a call to a source does."""
        self.records.follow(self.scenarios.state(scenario), patient)

    def read(self, after: int = 0, *, at_most: int = 100, scenario: str = "prov") -> feed.Page:
        """Return a page of Kosmos' feed."""
        return self.records.feed.read(
            self.scenarios.state(scenario),
            system="kosmos",
            types=(NOTES, "diagnoses"),
            now=self.scenarios.now(scenario),
            after=after,
            at_most=at_most,
        )


@pytest.fixture
def reader(address: str) -> Iterator[Reader]:
    """Return a reader of an empty state."""
    reader = Reader(address)
    yield reader
    reader.store.close()


def rows(page: feed.Page) -> list[tuple[int, str, str]]:
    """Return number, event and kind of each change."""
    return [(change.number, change.event_id, change.kind) for change in page.changes]


ANNAS = [(1, "anna-ny", "skapad"), (2, "anna-ny", "signerad"), (3, "anna-ny", "borttagen")]


def test_what_the_clock_brings_is_told_once(reader: Reader) -> None:
    """A persona's note is written, signed and removed; reading again, or elsewhere, tells nothing new."""
    assert rows(reader.read()) == []
    reader.scenarios.advance("prov", 90 * 60)
    assert rows(reader.read()) == ANNAS[:1]
    reader.scenarios.advance("prov", 4 * 86_400)
    assert rows(reader.read()) == ANNAS
    assert rows(reader.read()) == ANNAS
    assert rows(reader.read(after=1, at_most=1)) == ANNAS[1:2]
    assert (rows(reader.read(after=3)), reader.read(after=3).latest) == ([], 3)
    times = [change.time - START for change in reader.read().changes]
    assert times == [timedelta(minutes=80), timedelta(hours=3), timedelta(days=3, seconds=77)]


def test_a_reset_starts_anew(reader: Reader) -> None:
    """A new generation has told nothing, and its clock is back at the start."""
    reader.scenarios.advance("prov", 4 * 86_400)
    assert reader.read().latest == 3
    reader.scenarios.reset("prov")

    assert reader.read().latest == 0
    reader.scenarios.advance("prov", 90 * 60)
    assert rows(reader.read()) == ANNAS[:1]


def test_whom_a_source_was_asked_about_is_told_of_from_then_on(reader: Reader) -> None:
    """Nobody can follow ten million; who was read at one time hears of everything after it."""
    reader.scenarios.advance("prov", 86_400)
    assert {change.person for change in reader.read().changes} == {ANNA}
    reader.follow(CARIN)
    reader.scenarios.advance("prov", 86_400 + 7200)

    assert rows(reader.read(after=2)) == [(3, "carin-2", "skapad"), (4, "carin-2", "signerad")]
    assert reader.records.feed.read(
        reader.scenarios.state("annan"), system="kosmos", types=(NOTES,), now=START, after=0, at_most=9
    ) == feed.Page(changes=[], latest=0)


def test_so_many_are_followed_and_no_more(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    """A load test asks about everybody; the feed's work stays bounded, over all workers."""
    monkeypatch.setattr(feed, "MOST_FOLLOWED", 1)
    reader.follow(BO)
    reader.follow(CARIN)
    reader.records.feed._seen.clear()  # as another worker, which has not seen the first
    reader.follow(CARIN)
    reader.scenarios.advance("prov", 86_400)

    assert {change.person for change in reader.read().changes} == {ANNA}


def test_what_a_tester_wrote_stands(reader: Reader) -> None:
    """Written about anybody, told at once, and followed; what time would have done to it is not told."""
    reader.scenarios.advance("prov", 90 * 60)
    assert reader.read().latest == 1
    (event,) = reader.records.events(
        reader.scenarios.state("prov"), ANNA, NOTES, system="kosmos", until=reader.scenarios.now("prov")
    )
    reader.records.record("prov", steps=[Step(person=ANNA, event=event, kind="andrad")])
    written = note("skriven", CARIN, reader.scenarios.now("prov"))
    reader.records.record("prov", steps=[Step(person=CARIN, event=written, kind="skapad")])
    reader.scenarios.advance("prov", 86_400)

    assert rows(reader.read(after=1)) == [
        (2, "anna-ny", "andrad"),
        (3, "skriven", "skapad"),
        (4, "carin-1", "skapad"),
        (5, "carin-1", "signerad"),
    ]


def test_workers_that_read_at_once_tell_it_once(reader: Reader, address: str) -> None:
    """Each finds that the clock has moved; one tells."""
    others = [Reader(address) for _ in range(4)]
    for turn in range(1, 9):
        reader.scenarios.advance(f"prov-{turn}", 4 * 86_400)
        with ThreadPoolExecutor(8) as threads:
            names = [f"prov-{turn}"] * 8
            pages = list(threads.map(lambda one, name: one.read(scenario=name), others * 2, names))

        assert [rows(page) for page in pages] == [ANNAS] * 8
    for other in others:
        other.store.close()


def test_much_at_once_is_told_bit_by_bit_and_nothing_lost(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A leap brings more than one answer should hold; the next reading goes on where this one ended."""
    monkeypatch.setattr(feed, "MOST_AT_ONCE", 1)
    reader.scenarios.advance("prov", 5 * 365 * 86_400)
    told = [reader.read().latest for _ in range(12)]

    assert told[:3] == [1, 2, 3]
    assert rows(reader.read()) == ANNAS
    (until,) = reader.store.read("SELECT told FROM feed")[0]
    assert until == int(reader.scenarios.now("prov").timestamp())


def test_each_system_numbers_its_own_feed(reader: Reader) -> None:
    """A reader of one system sees no gaps where another was told of something."""
    for system in ("kosmos", "vaxreg", "kosmos"):
        event = note(f"n-{system}-{reader.scenarios.state('prov').last_number}", BO, START, system=system)
        reader.records.record("prov", steps=[Step(person=BO, event=event, kind="skapad")])

    assert [change.number for change in reader.read().changes] == [1, 2]


def test_a_newborn_gets_its_number_when_the_time_comes(tmp_path: Path) -> None:
    """Before, the reserve number alone is known; after, both are, and the feed says what the new one brings."""
    with serve_region(population=LivingPopulation(), state=tmp_path / "state") as region:
        control, caller = region.control("prov"), Caller(region, "prov")
        number = {"personnummer": f"{BABY.extension[2:8]}-{BABY.extension[8:]}"}

        def search(wanted: dict[str, str]) -> Any:
            return caller.call("POST", "/api/v2/patienter/sok", json=wanted)

        assert search(number).status_code == 404
        assert search({"reservnummer": BABY_RESERVE.extension}).json()["lankade"] == []
        assert [entry["id"] for entry in caller.entries(BABY_RESERVE)] == ["baby-0"]
        assert [event.id for event in control.truth(BABY_RESERVE)] == ["baby-0"]
        assert control.truth(BABY) == []
        with pytest.raises(ControlError, match="404"):
            control.write(type=NOTES, patient_id=BABY)
        control.advance(3 * 86_400 - 1)
        assert search(number).status_code == 404
        control.advance(1)

        caller.log_in()
        assert [event.id for event in control.truth(BABY)] == ["baby-0"]
        assert len(search(number).json()["lankade"]) == 1
        assert len(search({"reservnummer": BABY_RESERVE.extension}).json()["lankade"]) == 1
        told = caller.get("/api/v2/andringar").json()["handelser"]
        linked = [row for row in told if row["handelse"] == "lankad"]
        assert [(row["id"], row["identitet"]) for row in linked] == [("baby-0", number)]
        control.advance(2 * 86_400)
        caller.log_in()
        told = caller.get(f"/api/v2/andringar?efter={len(told)}").json()
        assert ("baby-1", "skapad") in {(row["id"], row["handelse"]) for row in told["handelser"]}
        assert told["senaste"] == told["handelser"][-1]["lopnr"]


def test_a_call_to_a_source_is_what_makes_somebody_followed(tmp_path: Path) -> None:
    """Through the whole server: asked about, then told of; the truth is the examiner's and follows nobody."""
    with serve_region(population=LivingPopulation(), state=tmp_path / "state") as region:
        control = region.control("prov")
        control.truth(CARIN)
        control.advance(86_400)
        caller = Caller(region, "prov")
        assert all("carin" not in row["id"] for row in caller.get("/api/v2/andringar").json()["handelser"])
        caller.entries(CARIN)
        control.advance(2 * 86_400)
        caller.log_in()
        told = caller.get("/api/v2/andringar").json()["handelser"]

        assert [row["id"] for row in told if "carin" in row["id"]] == ["carin-2", "carin-2"]


def test_the_shipped_personas_are_told_as_they_are() -> None:
    """The feed says of the real country's personas what the truth says, before and after a day."""
    with serve_region() as region:
        control, caller = region.control("prov"), Caller(region, "prov")
        people = [persona["patientId"] for persona in control.personas()]
        before = {event.id: event for who in people for event in control.truth(who)}
        control.advance(86_400)
        after = {
            event.id: event for who in people for event in control.truth(who) if event.system == "kosmos"
        }
        told = caller.get("/api/v2/andringar").json()["handelser"]

        assert {row["id"] for row in told} == {
            event_id for event_id, event in after.items() if event != before.get(event_id)
        }
        assert {"skapad", "signerad", "andrad", "borttagen", "vidimerad"} & {row["handelse"] for row in told}
        assert [row["lopnr"] for row in told] == list(range(1, len(told) + 1))
        assert [row["tid"] for row in told] == sorted(row["tid"] for row in told)

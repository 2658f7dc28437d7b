"""Rådgivningsstödet's streams, as a connector meets them."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
import requests
from anslut_simulators import serve_region
from anslut_simulators.population import default_population
from anslut_simulators.truth.care_contacts import CareContact

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anslut_simulators import ControlClient, RunningRegion
    from anslut_simulators.truth import Identity

pytestmark = pytest.mark.slow

NOTES, CONTACTS = "care-documentation", "care-contacts"
DRAFTED = "radgivning-tre-utkast"
KINDS = {"1.2.752.129.2.1.3.1": "PNR", "1.2.752.129.2.1.3.3": "SAM", "1.2.752.74.9.1": "RES"}


@pytest.fixture(name="region", scope="module")
def running_region() -> Iterator[RunningRegion]:
    """Serve the region for all tests."""
    with serve_region("fjallmark") as region:
        yield region


@pytest.fixture(name="control")
def fresh_scenario(region: RunningRegion) -> ControlClient:
    """Return the control plane of a scenario that begins anew."""
    control = region.control("streams")
    control.reset()
    return control


@pytest.fixture(name="session", scope="module")
def with_the_key(region: RunningRegion) -> Iterator[requests.Session]:
    """Return a session that has the key."""
    with requests.Session() as session:
        session.trust_env = False
        secret = region.client_secret("streams", "radgivning")
        session.headers["Authorization"] = f"Bearer {secret}"
        yield session


@pytest.fixture(name="base")
def base_url(region: RunningRegion) -> str:
    """Return where the system is."""
    return region.source_url("radgivning", "streams")


def identity(name: str) -> Identity:
    """Return the persona's identity of today."""
    return default_population().personas()[name].identity


def person(who: Identity) -> dict[str, str]:
    """Return *who* as the system is asked."""
    number = who.extension if KINDS[who.root] == "RES" else f"{who.extension[:8]}-{who.extension[8:]}"
    return {"typ": KINDS[who.root], "nummer": number}


def lines(session: requests.Session, base: str, who: str | Identity, *parts: str) -> list[dict[str, Any]]:
    """Return a person's stream."""
    asked: dict[str, Any] = {"person": person(identity(who) if isinstance(who, str) else who)}
    if parts:
        asked["delar"] = list(parts)
    answer = session.post(f"{base}/v1/strommar", json=asked, timeout=20)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "application/x-ndjson; charset=utf-8"
    return [json.loads(line) for line in answer.content.split(b"\n")[:-1]]


def test_a_stream_begins_with_the_person_and_ends_with_a_count(
    session: requests.Session, base: str, control: ControlClient
) -> None:
    """The call, its drafts, its note, its recording."""
    del control
    found = lines(session, base, DRAFTED)

    assert [line["typ"] for line in found] == [
        "person",
        "samtal",
        "utkast",
        "utkast",
        "utkast",
        "anteckning",
        "inspelning",
        "slut",
    ]
    assert found[-1]["antal"] == len(found) - 1
    assert {line["person"] for line in found[:-1]} == {person(identity(DRAFTED))["nummer"]}
    call = found[1]
    assert {line["samtal"] for line in found[2:-1]} == {call["id"]}


def test_times_are_milliseconds_of_the_right_instant(
    session: requests.Session, base: str, control: ControlClient
) -> None:
    """Whatever the offset was that night."""
    calls = [one for one in control.truth(identity("sommartid"), CONTACTS) if one.system == "radgivning"]
    assert len(calls) == 4
    for event in calls:
        contact = event.holding(CareContact)
        call = next(
            line for line in lines(session, base, "sommartid", "samtal") if line.get("id") == event.id
        )
        assert contact.start is not None
        assert call["start"] // 1000 == int(contact.start.timestamp())
        assert call["start"] % 1000 == call["registrerat"] % 1000


def test_sections_are_flat_with_levels_and_coded(
    session: requests.Session, base: str, control: ControlClient
) -> None:
    """A heading below another follows it at a higher level."""
    del control
    headings = session.get(f"{base}/v1/kodverk/rubriker", timeout=20).content.split(b"\n")[:-2]
    terms = {row["lokal"]: row["text"] for row in map(json.loads, headings)}
    note = next(
        line for line in lines(session, base, "valdsutsatt", "anteckningar") if line["typ"] == "anteckning"
    )

    told = [(one["niva"], terms[one["kod"]]) for one in note["avsnitt"]]
    place = told.index((2, "Våldsutsatt"))
    assert told[place - 1] == (1, "Anamnes")
    assert told[place + 1] == (3, "Hänvisning")


def test_parts_are_what_was_asked_for(session: requests.Session, base: str, control: ControlClient) -> None:
    """And who called is told also without the notes."""
    del control
    kinds = [line["typ"] for line in lines(session, base, "radgivning-foralder-ringer", "samtal")]
    assert kinds == ["person", "samtal", "slut"]
    (call,) = lines(session, base, "radgivning-foralder-ringer", "samtal")[1:-1]
    assert call["uppringare"] == "ANNAN"
    kinds = [line["typ"] for line in lines(session, base, DRAFTED, "inspelningar")]
    assert kinds == ["person", "inspelning", "slut"]


def test_who_was_on_the_line_is_what_the_note_says_and_else_the_age(
    session: requests.Session, base: str, control: ControlClient
) -> None:
    """What a brother told is no call of his, and a child of eight whose note is silent has not called."""
    del control
    own = [line["uppringare"] for line in lines(session, base, "tredje-person", "samtal")[1:-1]]
    (child,) = lines(session, base, "orosanmalan", "samtal")[1:-1]

    assert own == ["ANNAN", "PATIENT"]
    assert child["uppringare"] == "ANNAN"


def test_linked_identities_are_told_and_asked_for_each(
    session: requests.Session, base: str, control: ControlClient
) -> None:
    """A stream holds what was kept under the identity that was asked for."""
    del control
    found = lines(session, base, "reservnummer", "samtal")
    (linked,) = found[0]["lankade"]
    assert linked["typ"] == "RES"
    answer = session.post(f"{base}/v1/strommar", json={"person": linked, "delar": ["samtal"]}, timeout=20)
    other = [json.loads(line) for line in answer.content.splitlines()]
    assert {line["id"] for line in found[1:-1]}.isdisjoint(line["id"] for line in other[1:-1])
    assert len(found) == len(other) == 3


def test_somebody_who_never_called_has_a_beginning_and_an_end(
    session: requests.Session, base: str, control: ControlClient
) -> None:
    """That is no error."""
    del control
    assert [line["typ"] for line in lines(session, base, "okand")] == ["person", "slut"]


def test_what_a_tester_writes_is_in_the_stream_and_in_the_feed(
    session: requests.Session, base: str, control: ControlClient
) -> None:
    """A draft that is finished becomes a note of the same id."""
    who = identity("tom")
    event = control.write(type=NOTES, patient_id=who, system="radgivning", state="draft")
    assert [line["typ"] for line in lines(session, base, "tom")] == ["person", "utkast", "slut"]

    control.change(who, event.id, "finalise")
    note = lines(session, base, "tom")[1]
    assert (note["typ"], note["id"], note["signerad"]) == ("anteckning", event.id, None)

    answer = session.get(f"{base}/v1/andringar?efter=0", timeout=20)
    feed = [json.loads(line) for line in answer.content.splitlines()]
    mine = [line for line in feed if line.get("id") == event.id]
    assert [line["handelse"] for line in mine] == ["skapad", "andrad"]
    assert mine[0]["person"] == person(who)
    assert feed[-1]["antal"] == len(feed) - 1
    assert feed[-1]["senaste"] == mine[-1]["lopnr"]


def test_recordings_are_not_given_out(session: requests.Session, base: str, control: ControlClient) -> None:
    """Whoever asks is refused and stands in the journal."""
    ref = next(line["ref"] for line in lines(session, base, DRAFTED) if line["typ"] == "inspelning")

    assert session.get(base + ref, timeout=20).status_code == 403
    assert control.journal()[-1]["path"].endswith(ref)


@pytest.mark.parametrize("key", ["", "Bearer ", "Bearer hemlig-other", "Basic aGVtbGln", "Bearer ö"])
def test_without_the_key_nothing_is_told(base: str, key: str) -> None:
    """Not even whether the person is known."""
    answer = requests.post(f"{base}/v1/strommar", headers={"Authorization": key.encode()}, timeout=20)

    assert answer.status_code == 401
    assert answer.json()["fel"] == "FEL_NYCKEL"


GOOD = person(identity(DRAFTED))


@pytest.mark.parametrize(
    ("body", "status", "word"),
    [
        (b"", 400, "OGILTIG_JSON"),
        (b"{", 400, "OGILTIG_JSON"),
        (b"\xff\xfe", 400, "OGILTIG_JSON"),
        (b"[" * 100_000, 400, "OGILTIG_JSON"),
        (b"[]", 400, "OGILTIG_JSON"),
        (b"{}", 400, "OGILTIG_JSON"),
        ({"person": GOOD, "alla": True}, 400, "OGILTIG_JSON"),
        ({"person": GOOD, "delar": []}, 400, "OGILTIGA_DELAR"),
        ({"person": GOOD, "delar": "samtal"}, 400, "OGILTIGA_DELAR"),
        ({"person": GOOD, "delar": [["samtal"]]}, 400, "OGILTIGA_DELAR"),
        ({"person": GOOD, "delar": ["remisser"]}, 400, "OGILTIGA_DELAR"),
        ({"person": GOOD["nummer"]}, 422, "OGILTIGT_NUMMER"),
        ({"person": {**GOOD, "typ": "SAM"}}, 422, "OGILTIGT_NUMMER"),
        ({"person": {**GOOD, "typ": ["PNR"]}}, 422, "OGILTIGT_NUMMER"),
        ({"person": {**GOOD, "nummer": GOOD["nummer"].replace("-", "")}}, 422, "OGILTIGT_NUMMER"),
        ({"person": {**GOOD, "nummer": GOOD["nummer"][:-1] + "0"}}, 422, "OGILTIGT_NUMMER"),
        ({"person": {**GOOD, "nummer": "19901302-2384"}}, 422, "OGILTIGT_NUMMER"),
        ({"person": {**GOOD, "nummer": "１９900102-2384"}}, 422, "OGILTIGT_NUMMER"),
        ({"person": {**GOOD, "nummer": None}}, 422, "OGILTIGT_NUMMER"),
        ({"person": {"typ": "RES", "nummer": "98231009HJ54; DROP"}}, 422, "OGILTIGT_NUMMER"),
    ],
)
def test_hostile_questions_get_a_clean_no(
    session: requests.Session, base: str, body: object, status: int, word: str
) -> None:
    """It survives them, and repeats nothing of what was sent."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    answer = session.post(f"{base}/v1/strommar", data=data, timeout=20)

    assert (answer.status_code, answer.json()["fel"]) == (status, word)
    assert GOOD["nummer"][:8] not in answer.text
    assert len(lines(session, base, DRAFTED)) == 8


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/strommar", 405),
        ("POST", "/v1/andringar", 405),
        ("POST", "/v1/kodverk/roller", 405),
        ("GET", "/v1/kodverk/personer", 404),
        ("GET", "/v1/kodverk/../roller", 404),
        ("GET", "/v2", 404),
        ("GET", "/v1/andringar?efter=-1", 400),
        ("GET", "/v1/andringar?efter=1&efter=2", 400),
        ("GET", "/v1/andringar?antal=0", 400),
        ("GET", "/v1/andringar?antal=501", 400),
        ("GET", "/v1/andringar?efter=99999999999999999999", 400),
        ("GET", "/v1/andringar?person=19900102", 400),
    ],
)
def test_hostile_addresses_get_a_clean_no(
    session: requests.Session, base: str, method: str, path: str, status: int
) -> None:
    """Each with a word that says why."""
    answer = session.request(method, base + path, timeout=20)

    assert answer.status_code == status
    assert answer.json()["fel"].isupper()


def test_every_code_list_is_a_stream_with_an_end(session: requests.Session, base: str) -> None:
    """And no local code stands twice in one."""
    for name in (
        "rubriker",
        "kontaktorsaker",
        "kontaktsatt",
        "statusar",
        "anteckningstyper",
        "roller",
        "enheter",
    ):
        rows = [
            json.loads(line)
            for line in session.get(f"{base}/v1/kodverk/{name}", timeout=20).content.splitlines()
        ]
        assert rows[-1] == {"typ": "slut", "antal": len(rows) - 1}
        assert len({row["lokal"] for row in rows[:-1]}) == len(rows) - 1


def test_a_fault_can_be_one_persons(session: requests.Session, base: str, control: ControlClient) -> None:
    """The system tells whom a call is about by its body."""
    control.fault("status", system="radgivning", status=503, patient_id=identity(DRAFTED))
    asked = {"person": person(identity(DRAFTED))}

    answer = session.post(f"{base}/v1/strommar", json=asked, timeout=20)

    assert (answer.status_code, answer.json()["fel"]) == (503, "STANGT")
    assert len(lines(session, base, "anna-vuxen")) > 2


def test_a_move_is_two_lines_of_the_feed(
    session: requests.Session, base: str, control: ControlClient
) -> None:
    """One for whom it left, one for whom it came to."""
    left, came = identity("tom"), identity(DRAFTED)
    event = control.write(type=NOTES, patient_id=left, system="radgivning")
    control.change(left, event.id, "move", to_patient_id=came)

    answer = session.get(f"{base}/v1/andringar?efter=1", timeout=20)
    told = [json.loads(line) for line in answer.content.splitlines()][:-1]

    assert [(line["handelse"], line["person"]) for line in told] == [
        ("flyttad_harifran", person(left)),
        ("flyttad_hit", person(came)),
    ]
    assert [line["typ"] for line in lines(session, base, "tom")] == ["person", "slut"]
    assert sum(line["typ"] == "anteckning" for line in lines(session, base, DRAFTED)) == 2


def test_the_guide_names_no_number(region: RunningRegion) -> None:
    """What a newcomer pastes holds no person's number, nor do addresses ever."""
    system = region.parts.systems["radgivning"]

    told = system.guide(region.source_url("radgivning", "streams"))

    assert any("/v1/strommar" in command for _, command in told)
    assert not any(re.search(r"\d{6}", command) for _, command in told)

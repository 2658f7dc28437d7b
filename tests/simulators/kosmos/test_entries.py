"""Reading entries: pages, filters, caching headers, and the dialect."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from anslut_simulators.kosmos.codes import CodeLists
from anslut_simulators.kosmos.paging import newest_first
from anslut_simulators.kosmos.render import Renderer
from anslut_simulators.kosmos.resources.anteckningar import keyword_tree
from anslut_simulators.kosmos.wall_clock import local_time
from anslut_simulators.population import default_population
from anslut_simulators.truth import Atom
from small_country import ANNA, BO, STOCKHOLM, note

if TYPE_CHECKING:
    from anslut_simulators import ControlClient
    from kosmos_caller import Caller


@pytest.mark.parametrize("size", [1, 2, 6, 13, 14, 100])
def test_pages_lose_and_double_nothing(caller: Caller, size: int) -> None:
    """Whatever the page size, all pages together are the record, newest first."""
    entries = caller.entries(ANNA, query=f"antal={size}")

    assert len({entry["id"] for entry in entries}) == len(entries) == 13
    assert [entry["handelsetid"] for entry in entries] == sorted(
        (entry["handelsetid"] for entry in entries), reverse=True
    )


@pytest.mark.parametrize("size", [1, 3, 7, 40])
def test_a_first_page_is_the_beginning_of_the_whole(size: int) -> None:
    """Only as much of a long record is computed as a page shows, and it is the same as all of it."""
    population = default_population()
    people = [persona.person for persona in population.personas().values()]
    people += population.sample(30, region="fjallmark") + population.sample(30, stratum="scale")
    until = population.world.clock_start
    for person in people:
        whole = population.history(person, "care-documentation", until=until)
        some = population.history(person, "care-documentation", until=until, newest=size)

        assert newest_first(some)[:size] == newest_first(whole)[:size]


def test_entries_of_the_same_second_are_all_paged(caller: Caller, control: ControlClient) -> None:
    """Equal times must not fall between two pages."""
    written = {control.write(type="care-documentation", patient_id=BO).id for _ in range(5)}
    entries = caller.entries(BO, query="antal=2")

    assert written <= {entry["id"] for entry in entries}
    assert len(entries) == 6


def test_a_page_is_stable_while_entries_are_added(caller: Caller, control: ControlClient) -> None:
    """A cursor is a place in time, not a count."""
    path = f"/api/v2/patienter/{caller.key(ANNA)}/anteckningar?antal=5"
    first = caller.get(path).json()
    control.write(type="care-documentation", patient_id=ANNA)
    second = caller.get(f"{path}&markor={first['nasta']}").json()

    assert {entry["id"] for entry in first["poster"]} & {entry["id"] for entry in second["poster"]} == set()
    assert second["poster"][0]["handelsetid"] < first["poster"][-1]["handelsetid"]


def test_a_cursor_belongs_to_its_query(caller: Caller) -> None:
    """A cursor of another patient, list or filter is refused, not misunderstood."""
    anna, bo = caller.key(ANNA), caller.key(BO)
    path = f"/api/v2/patienter/{anna}/anteckningar?antal=5"
    cursor = caller.get(path).json()["nasta"]
    others = [
        f"/api/v2/patienter/{bo}/anteckningar?antal=5",
        f"/api/v2/patienter/{anna}/diagnoser?antal=5",
        f"/api/v2/patienter/{anna}/anteckningar?antal=6",
        f"/api/v2/patienter/{anna}/anteckningar?antal=5&fran=2023-01-01",
    ]

    assert caller.get(f"{path}&markor={cursor}").status_code == 200
    answers = [caller.get(f"{other}&markor={cursor}") for other in others]
    assert [(answer.status_code, answer.json()["fel"]) for answer in answers] == [(400, "OGILTIG_MARKOR")] * 4


def test_dates_include_both_ends(caller: Caller) -> None:
    """`fran` and `till` are local days, midnight to midnight."""
    day = caller.entries(ANNA)[3]["handelsetid"][:10]

    assert len(caller.entries(ANNA, query=f"fran={day}&till={day}")) == 1
    assert len(caller.entries(ANNA, query=f"till={day}")) == 10
    assert len(caller.entries(ANNA, query=f"fran={day}")) == 4


def test_an_unchanged_page_is_not_sent_again(caller: Caller, control: ControlClient) -> None:
    """ETag and 304 work, and a change breaks the tag."""
    path = f"/api/v2/patienter/{caller.key(BO)}/anteckningar"
    tag = caller.get(path).headers["ETag"]
    again = caller.get(path, headers={"If-None-Match": tag})
    control.write(type="care-documentation", patient_id=BO)

    assert (again.status_code, again.content) == (304, b"")
    assert caller.get(path, headers={"If-None-Match": tag}).status_code == 200


def test_what_has_not_happened_yet_is_not_told(caller: Caller, control: ControlClient) -> None:
    """Moving the clock reveals what is entered later."""
    before = {entry["id"] for entry in caller.entries(ANNA)}
    control.advance(3 * 86_400)

    assert {entry["id"] for entry in caller.entries(ANNA)} - before == {"anna-later"}


@pytest.mark.parametrize(
    ("instant", "written"),
    [
        (datetime(2023, 7, 1, 12, tzinfo=STOCKHOLM), "2023-07-01 12:00:00"),
        (datetime.fromisoformat("2023-10-29T00:30:00+00:00"), "2023-10-29 02:30:00"),
        (datetime.fromisoformat("2023-10-29T01:30:00+00:00"), "2023-10-29 02:30:00"),
        (datetime.fromisoformat("2023-03-26T01:00:00+00:00"), "2023-03-26 03:00:00"),
    ],
)
def test_times_are_what_a_swedish_clock_shows(instant: datetime, written: str) -> None:
    """The hour that comes twice is written twice: that is the connector's trouble."""
    assert local_time(instant) == written


def test_keywords_become_a_tree() -> None:
    """Neighbours share their keywords; a keyword with text of its own is opened anew."""
    paths = [("Aktuellt",), ("Aktuellt", "Relationer", "Våld"), ("Aktuellt", "Relationer"), ("Status",)]
    paths += [("Plan", "Prover"), ("Plan", "Återbesök"), ("Råd", "Prover")]
    tree = keyword_tree(tuple(Atom(id=str(n), path=path, text=str(n)) for n, path in enumerate(paths)))

    assert tree == [
        {
            "term": "Aktuellt",
            "text": "0",
            "barn": [
                {"term": "Relationer", "barn": [{"term": "Våld", "barn": [], "text": "1"}]},
                {"term": "Relationer", "barn": [], "text": "2"},
            ],
        },
        {"term": "Status", "barn": [], "text": "3"},
        {
            "term": "Plan",
            "barn": [
                {"term": "Prover", "barn": [], "text": "4"},
                {"term": "Återbesök", "barn": [], "text": "5"},
            ],
        },
        {"term": "Råd", "barn": [{"term": "Prover", "barn": [], "text": "6"}]},
    ]


def test_a_laboratory_answer_speaks_kosmos(caller: Caller) -> None:
    """Decimal comma, local codes, and a status of one letter."""
    (answer,) = caller.entries(ANNA, "labbsvar")
    (analysis,) = answer["grupper"][0]["analyser"]

    assert (answer["svarsstatus"], answer["enhet"]) == ("P", "VC11")
    assert [analysis[name] for name in ("kod", "varde", "ref", "material")] == ["K", "4,1", "3,5-4,6", "P"]


def test_a_diagnosis_has_a_dot_and_a_letter(caller: Caller) -> None:
    """`I10.9` and `H`: the national form is for the connector to make."""
    (diagnosis,) = caller.entries(ANNA, "diagnoser")

    assert (diagnosis["kod"], diagnosis["slag"], diagnosis["kronisk"]) == ("I10.9", "H", True)


def test_signing_is_an_act_of_its_own(caller: Caller, control: ControlClient) -> None:
    """An unsigned entry has no `signerad`; a corrected one has `andrad` after `skapad`."""
    event = control.write(type="care-documentation", patient_id=BO)
    control.advance(60)
    control.change(BO, event.id, "edit", atoms=[{"id": "a1", "path": ["Status"], "text": "Rättad."}])
    control.advance(60)
    control.change(BO, event.id, "sign")
    entry = next(entry for entry in caller.entries(BO) if entry["id"] == event.id)

    assert [act["typ"] for act in entry["handelser"]] == ["skapad", "andrad", "signerad"]
    assert entry["handelsetid"] == entry["handelser"][0]["tid"]


def test_every_code_of_the_fake_country_can_be_written() -> None:
    """A code that Kosmos cannot write would be lost on the way, and blamed on the connector."""
    population = default_population()
    people = [persona.person for persona in population.personas().values()]
    people += population.sample(40, region="fjallmark")
    codes = CodeLists(population.regions["fjallmark"])
    until = population.world.clock_start
    events = [
        event
        for person in people
        for kind in ("care-documentation", "diagnoses", "laboratory-results")
        for event in population.history(person, kind, system="kosmos", until=until)
    ]
    rendered = [Renderer(codes).entry(event, "K") for event in events]

    assert {place for event in events for place in codes.missing(event)} == set()
    assert len(rendered) == len(events) > 1000


def test_a_lookup_translates_what_entries_say(caller: Caller) -> None:
    """Every local code of an entry stands in its list."""
    entry = caller.entries(ANNA)[0]
    lists = {
        name: {row["lokal"] for row in caller.get(f"/api/v2/koder/{name}").json()["koder"]}
        for name in ("anteckningstyper", "enheter", "roller")
    }

    assert entry["typ"] in lists["anteckningstyper"]
    assert entry["enhet"] in lists["enheter"]
    assert {act["av"]["roll"] for act in entry["handelser"]} <= lists["roller"]


def test_drafts_and_removed_entries_are_listed_as_such(caller: Caller, control: ControlClient) -> None:
    """Tempting: their text is there, and only `status` says that they must not be passed on."""
    draft = control.write(type="care-documentation", patient_id=BO, state="draft")
    removed = control.write(type="care-documentation", patient_id=BO)
    control.change(BO, removed.id, "remove")
    status = {entry["id"]: entry["status"] for entry in caller.entries(BO)}

    assert status == {"bo-1": "klar", draft.id: "utkast", removed.id: "borttagen"}


def test_equal_notes_are_rendered_equal() -> None:
    """Rendering has no memory: the same truth gives the same entry."""
    population = default_population()
    renderer = Renderer(CodeLists(population.regions["fjallmark"]))
    event = note("a", ANNA, datetime(2023, 1, 1, tzinfo=STOCKHOLM) + timedelta(hours=9))

    assert renderer.entry(event, "K") == renderer.entry(event, "K")

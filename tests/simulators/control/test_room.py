"""The control room: what the pages show, and what their forms do, without a browser and without scripts."""

from __future__ import annotations

import csv
import re
from hashlib import sha256
from html import unescape
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import orjson
import pytest
import requests
from anslut_simulators.control.room.readme import readme
from small_country import ANNA, BABY, BABY_RESERVE, BO

if TYPE_CHECKING:
    from anslut_simulators import ControlClient, RunningRegion
    from anslut_simulators.truth import Identity
    from kosmos_caller import Caller

PAGES = ("", "people", "clock", "faults", "journal", "index")


class Browser:
    """Somebody without scripts: follows links, fills in forms, and keeps every address that was asked for."""

    def __init__(self, region: RunningRegion, scenario: str, *, lang: str = "") -> None:
        self.root = f"{region.base_url}/_sim/room/{scenario}/"
        self.session = requests.Session()
        self.session.headers["Origin"] = region.base_url
        self.session.headers["Accept-Language"] = lang
        self.asked: list[str] = []

    def open(self, page: str = "") -> requests.Response:
        """Return a page."""
        return self._kept(self.session.get(self.root + page, timeout=10))

    def send(self, page: str, **fields: str) -> requests.Response:
        """Fill in a form and follow where it leads."""
        return self._kept(self.session.post(self.root + page, data=fields, timeout=10))

    def find(self, who: Identity) -> str:
        """Return the page of *who*, found by number."""
        return self.send("people", wanted=who.extension).url.removeprefix(self.root)

    def _kept(self, answer: requests.Response) -> requests.Response:
        self.asked += [*(one.url for one in answer.history), answer.url]
        return answer


@pytest.fixture
def browser(region: RunningRegion, scenario: str) -> Browser:
    """Return a browser in a scenario of its own."""
    return Browser(region, scenario)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("lang", ["sv", "en"])
def test_every_page_is_there_in_two_languages(
    region: RunningRegion, scenario: str, page: str, lang: str
) -> None:
    """Swedish unless English is asked for; nothing is fetched from elsewhere."""
    answer = Browser(region, scenario, lang=lang).open(page)

    assert answer.status_code == 200
    assert f'<html lang="{lang}">' in answer.text
    assert ("Kontrollrum" if lang == "sv" else "Control room") in answer.text
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    assert not re.search(r"(?:src|href|action)=\"(?:https?:)?//", answer.text)
    assert "style=" not in answer.text
    assert "built-in" not in answer.text


def test_a_chosen_language_stays(browser: Browser) -> None:
    """Asked for once, in an address."""
    assert '<html lang="sv">' in browser.open().text
    browser.open("?lang=en")

    assert '<html lang="en">' in browser.open("people").text


def test_the_words_are_there_in_both_languages() -> None:
    """No word may have the name of one of a dictionary's own methods: a page would show that instead."""
    words = orjson.loads((files("anslut_simulators.control.room") / "words.json").read_bytes())

    assert all(set(said) == {"sv", "en"} and all(said.values()) for said in words.values())
    assert not [name for name in words if hasattr({}, name)]


def test_a_system_is_shown_with_what_a_developer_needs(browser: Browser, region: RunningRegion) -> None:
    """Address, login, protocol, oddities, and commands to paste."""
    text = unescape(browser.open().text)

    for said in (
        browser.root.replace("_sim/room", "s") + "kosmos",
        "REST/JSON",
        region.system_hsa_id(),
        "hemlig-",
        "export ANSLUT_SOURCE_CLIENT_ID=kosmos-",
        "curl -s",
        "newest first, at most 100",
    ):
        assert said in text, said


def test_a_persons_number_never_stands_in_an_address(browser: Browser) -> None:
    """By every way of writing a number; the page itself shows it, to be copied."""
    for written in (
        ANNA.extension,
        "900102-2384",
        f"{ANNA.extension[:8]}-{ANNA.extension[8:]}",
        " 9001022384 ",
    ):
        page = browser.send("people", wanted=written)

        assert page.status_code == 200
        assert ANNA.extension in page.text
    browser.send(f"{browser.find(ANNA)}/entries", what="kosmos|diagnoses")
    browser.send(f"{browser.find(BABY_RESERVE)}/entries", what="kosmos|care-documentation")

    parts = {who.extension[first:] for who in (ANNA, BABY_RESERVE) for first in (0, 2)} | {
        "900102",
        "230905",
    }
    assert not [url for url in browser.asked if any(part in url.split("/_sim/")[1] for part in parts)]
    assert any("/person/" in url for url in browser.asked)


def test_people_are_searched_by_word_and_rule(browser: Browser) -> None:
    """Every word must fit."""
    assert ">bo</a>" in browser.send("people", wanted="ALL-001 prov").text
    assert ">bo</a>" not in browser.send("people", wanted="anna").text
    assert "Ingen person motsvarar" in browser.send("people", wanted="finns inte").text


def test_an_unsafe_number_is_refused_without_being_repeated(browser: Browser) -> None:
    """As everywhere."""
    answer = browser.send("people", wanted="19120101-1234")

    assert answer.status_code == 422
    assert "1234" not in answer.text
    assert "Det gick inte" in answer.text


def test_an_entry_is_written_signed_moved_and_removed(browser: Browser, control: ControlClient) -> None:
    """What a tester does all day, by pressing buttons."""
    page = browser.find(ANNA)
    known = {event.id for event in control.truth(ANNA)}
    written = browser.send(f"{page}/entries", what="kosmos|care-documentation")
    (event,) = (event for event in control.truth(ANNA) if event.id not in known)

    assert "Uppgiften är skriven." in written.text
    assert written.url.endswith(f"#{event.id}")
    assert f'id="{event.id}"' in written.text
    browser.send(f"{page}/change", event=event.id, change="sign")
    browser.send(f"{page}/change", event=event.id, change="exclude", reason="violence")
    (after,) = (one for one in control.truth(ANNA) if one.id == event.id)
    assert after.signature is not None
    assert [atom.reason for atom in after.atoms] == ["violence"]
    browser.send(f"{page}/change", event=event.id, change="unexclude")
    moved = browser.send(f"{page}/change", event=event.id, change="move", to="bo")
    assert "Uppgiften är flyttad." in moved.text
    assert event.id in {one.id for one in control.truth(BO)}
    gone = browser.send(f"{browser.find(BO)}/change", event=event.id, change="remove")
    assert "borttagen" in gone.text


def test_a_laboratory_answer_is_finalised_and_countersigned(browser: Browser, control: ControlClient) -> None:
    """The buttons are those that can be pressed."""
    page = browser.find(ANNA)
    assert 'value="finalise"' in browser.open(f"{page}?type=laboratory-results").text
    browser.send(f"{page}/change", event="anna-l1", change="finalise")
    browser.send(f"{page}/change", event="anna-l1", change="countersign")
    (answer,) = control.truth(ANNA, "laboratory-results")

    assert answer.countersignature is not None
    assert 'value="finalise"' not in browser.open(f"{page}?type=laboratory-results").text


def test_a_new_entry_can_be_filled_in_first(browser: Browser, control: ControlClient) -> None:
    """The sample is shown as JSON; what does not fit is told beside what was written, which is kept."""
    page = browser.find(BO)
    draft = browser.send(f"{page}/entries", what="kosmos|diagnoses", first="1").text
    (entry,) = re.findall(r"<textarea[^>]*>(.*?)</textarea>", draft, re.DOTALL)
    said = orjson.loads(unescape(entry))
    said["content"]["code"]["code"] = "J069"
    wrong = browser.send(f"{page}/entries", what="kosmos|diagnoses", entry='{"content": {"kind": 1}}')
    right = browser.send(f"{page}/entries", what="kosmos|diagnoses", entry=orjson.dumps(said).decode())

    assert wrong.status_code == 422
    assert "&#34;kind&#34;: 1" in wrong.text
    assert right.status_code == 200
    assert "J069" in str(control.truth(BO, "diagnoses"))


@pytest.mark.parametrize(
    ("form", "fields", "status"),
    [
        ("entries", {"what": "kosmos|okant"}, 422),
        ("entries", {"what": "okant|diagnoses"}, 422),
        ("entries", {"what": "okant|diagnoses", "first": "1"}, 422),
        ("entries", {"what": "kosmos|diagnoses", "entry": "[]"}, 400),
        ("change", {"event": "anna-1", "change": "explode"}, 422),
        ("change", {"event": "finns-inte", "change": "sign"}, 404),
        ("change", {"event": "anna-10", "change": "move", "to": "ingen"}, 422),
        ("change", {"event": "anna-10", "change": "sign"}, 409),
    ],
)
def test_what_cannot_be_done_is_told_on_a_page(
    browser: Browser, form: str, fields: dict[str, str], status: int
) -> None:
    """A person at a screen gets a page, not JSON."""
    answer = browser.send(f"{browser.find(ANNA)}/{form}", **fields)

    assert answer.status_code == status
    assert answer.headers["Content-Type"].startswith("text/html")
    assert 'role="alert"' in answer.text


def test_the_clock_is_frozen_run_advanced_and_set(browser: Browser, control: ControlClient) -> None:
    """Never back."""
    start = control.now()
    browser.send("clock", far="week")
    browser.send("clock", mode="running")
    assert control.now() >= start.replace(day=22)
    browser.send("clock", mode="frozen")
    browser.send("clock", now="2024-02-01T10:30:00")
    back = browser.send("clock", now="2023-11-16T10:30:00")

    assert f"{control.now():%Y-%m-%dT%H:%M%z}" == "2024-02-01T10:30+0100"
    assert back.status_code == 409
    assert "2024-02-01 10:30" in back.text
    assert browser.send("clock", now="i morgon").status_code == 422


def test_faults_are_asked_for_and_cleared(browser: Browser, control: ControlClient) -> None:
    """With arguments, for a person, as presets."""
    browser.send(
        "faults", system="kosmos", fault="status", status="503", retryAfter="2", nth="2", person="anna"
    )
    browser.send("faults", system="kosmos", fault="latency", seconds="0,5", probability="0.5", seed="3")
    preset = browser.send("faults/preset", system="kosmos", preset="flapping")
    first, second, *rest = control.faults()

    assert first == {
        "fault": "status",
        "system": "kosmos",
        "id": "f1",
        "status": 503,
        "retryAfter": 2,
        "nth": 2,
        "patientId": {"root": ANNA.root, "extension": ANNA.extension},
    }
    assert (second["seconds"], second["probability"], second["seed"]) == (0.5, 0.5, 3)
    assert rest
    assert "patientId: anna" in preset.text
    browser.send("faults/clear")
    assert control.faults() == []


def test_a_fault_that_cannot_be_is_told(browser: Browser) -> None:
    """Beside the forms."""
    assert browser.send("faults", system="kosmos", fault="status", status="9").status_code == 422
    assert browser.send("faults", system="kosmos", fault="status", status="många").status_code == 422
    assert browser.send("faults", system="kosmos", fault="finns-inte").status_code == 422
    assert browser.send("faults/preset", system="kosmos", preset="finns-inte").status_code == 422


def test_the_forms_are_those_of_the_chosen_system(browser: Browser) -> None:
    """The index has no cursors to go stale."""
    assert "stale-cursor" in browser.open("faults").text
    assert "stale-cursor" not in browser.open("faults?system=index").text


def test_calls_are_shown_with_why_a_fault_spared_them(
    browser: Browser, caller: Caller, control: ControlClient
) -> None:
    """The tester sees it where the calls are."""
    caller.log_in()
    control.fault("status", path="koder", nth=2)
    caller.get("/api/v2/koder/roller")
    caller.get("/api/v2/koder/roller")
    text = browser.open("journal").text

    assert "f1 status: inte det anropet i ordningen" in text
    assert "<strong>Drabbades av</strong> f1 status" in text
    assert "Inget system har fått något anrop" in browser.send("journal/clear").text


def test_the_index_is_shown(browser: Browser, region: RunningRegion, scenario: str) -> None:
    """What a connector has told."""
    engagement = {
        "registeredResidentIdentification": ANNA.extension,
        "serviceDomain": "riv:clinicalprocess:healthcond:description",
        "categorization": "voo",
        "logicalAddress": region.system_hsa_id(),
        "businessObjectInstanceIdentifier": "NA",
        "clinicalProcessInterestId": "NA",
        "mostRecentContent": "20231114093500",
        "sourceSystem": region.system_hsa_id(),
        "dataController": "SE2321000999-0001",
    }
    told = requests.post(
        f"{region.index_url(scenario)}/v1/engagements",
        json={"transactions": [{"deleteFlag": False, "engagement": engagement}]},
        timeout=10,
    )

    assert told.status_code == 200, told.text
    assert "20231114093500" in browser.open("index").text
    assert "Indexet är tomt" in browser.send("index/clear").text


def test_a_scenario_is_chosen_and_reset(browser: Browser, control: ControlClient) -> None:
    """By name, in a form: a name that could be a number is refused."""
    start = browser.root.partition("room/")[0]
    chosen = browser.session.post(start, data={"scenario": "min-egen"}, timeout=10)
    refused = browser.session.post(start, data={"scenario": ANNA.extension}, timeout=10)
    control.fault("status")
    browser.send("reset")

    assert chosen.url.endswith("/room/min-egen/")
    assert refused.status_code == 422
    assert control.faults() == []
    assert browser.open("../199001022384/").status_code == 404


def test_a_strangers_key_opens_nothing(browser: Browser, region: RunningRegion) -> None:
    """Keys are a scenario's own; a linked person is shown with both numbers."""
    page = browser.find(BABY)

    assert BABY_RESERVE.extension in browser.open(page).text
    assert Browser(region, "ett-annat").open(page).status_code == 404
    assert browser.open("person/K" + "A" * 32).status_code == 404


def test_the_vendored_scripts_are_what_they_say() -> None:
    """Unchanged since they were taken in, each with its licence beside it."""
    for folder in (
        Path(str(files("anslut_simulators.control.room"))) / "static",
        Path(__file__).parent / "axe",
    ):
        with (folder / "PROVENANCE.csv").open(encoding="utf-8", newline="") as table:
            for row in csv.DictReader(table):
                assert sha256((folder / row["file"]).read_bytes()).hexdigest() == row["sha256"]
                assert (folder / f"{row['file'].partition('.')[0]}.LICENSE.txt").is_file()


@pytest.mark.parametrize("program", ["kosmos", "vaxreg", "natal", "elevjournal", "radgivning"])
def test_a_readme_becomes_a_page(program: str) -> None:
    """Headings, lists and tables are marked up, and nothing of the marks is left."""
    text = str(readme(program))

    assert "<h3>" in text
    assert "<table>" in text or "<ul>" in text
    assert "```" not in text
    assert not re.search(r"(?m)^(?:#|\|)", re.sub(r"(?s)<pre.*?</pre>", "", text))
    assert "<script" not in text


def test_a_system_without_a_readme_has_no_oddities() -> None:
    """A system of a test's own, say."""
    assert str(readme("finns_inte")) == ""


def test_a_care_contact_is_not_called_unsigned(browser: Browser, control: ControlClient) -> None:
    """Nobody signs a visit: a mark that everybody carries would say nothing."""
    control.write(type="care-contacts", patient_id=BO)
    control.write(type="diagnoses", patient_id=BO)
    page = browser.find(BO)

    mark = '<span class="tag warn">osignerad</span>'
    assert mark not in browser.open(f"{page}?type=care-contacts").text
    assert mark in browser.open(f"{page}?type=diagnoses").text

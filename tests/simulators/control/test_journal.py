"""The journal tells which calls came, and nobody's number."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from anslut_simulators.journal import KEPT, Journal, pseudonym, redact
from anslut_simulators.scenario import Scenarios
from anslut_simulators.store import open_store
from small_country import ANNA, BO, START, SmallPopulation

if TYPE_CHECKING:
    from pathlib import Path

    from anslut_simulators import ControlClient
    from kosmos_caller import Caller


def test_calls_are_listed_in_order_with_a_pseudonym(caller: Caller, control: ControlClient) -> None:
    """Two calls about one person can be told to be that."""
    caller.entries(ANNA)
    caller.get("/api/v2/koder/roller", headers={"x-rivta-original-serviceconsumer-hsaid": "SE1-JOURNALEN"})
    login, search, read, codes = control.journal()

    assert [call["path"] for call in (login, search, read, codes)] == [
        "/kosmos/oauth/token",
        "/kosmos/api/v2/patienter/sok",
        "/kosmos/api/v2/patienter/{patientnyckel}/anteckningar",
        "/kosmos/api/v2/koder/roller",
    ]
    assert search["patientKey"] == read["patientKey"] == pseudonym(ANNA)
    assert (read["status"], read["consumer"]) == (200, f"kosmos-{caller.scenario}")
    assert codes["consumer"] == "SE1-JOURNALEN"
    assert read["bytes"] > 1000
    assert login["n"] < search["n"] < read["n"] < codes["n"]


def test_a_number_in_a_url_does_not_reach_the_journal(caller: Caller, control: ControlClient) -> None:
    """A careless client puts numbers everywhere; the journal keeps none of them."""
    places = [
        "/api/v2/patienter/199001022384/anteckningar?antal=900102&fran=19900102",
        "/api/v2/patienter/900102-2384",
        "/api/v2/koder/19900102-2384?markor=9001022384&efter=900102-2384",
        "/199001022384",
        "/api/v2/patienter/%31%39%39%30%30%31%30%32%32%33%38%34/diagnoser",
    ]
    for place in places:
        caller.get(place, headers={"x-rivta-original-serviceconsumer-hsaid": "199001022384"})
    told = json.dumps(control.journal())

    assert len(control.journal()) == len(places) + 1
    assert "900102" not in told
    assert "2384" not in told


def test_redaction_takes_control_characters_too() -> None:
    """A log line must not be forged with a line break."""
    assert redact("a\r\nb\x00c 19900102-2384") == "a??b?c?#"


def test_the_journal_is_bounded(tmp_path: Path) -> None:
    """A load test must not fill the disk."""
    store = open_store(tmp_path / "state", region="fjallmark")
    state = Scenarios(store, start=START).state("prov")
    journal = Journal(store)
    for number in range(KEPT + 50):
        journal.append(
            state,
            "GET",
            f"/{number}",
            "",
            system="kosmos",
            status=200,
            microseconds=1,
            length=2,
            patient=BO,
            consumer="c",
        )
    calls = journal.calls(state)
    rows = store.read("SELECT COUNT(*) FROM call")

    assert (len(calls), calls[-1]["path"]) == (KEPT, f"/kosmos/{KEPT + 49}")
    assert rows == [(KEPT,)]
    journal.close()
    store.close()


def test_a_cleared_journal_is_empty(caller: Caller, control: ControlClient) -> None:
    """Each check counts its own calls."""
    caller.log_in()
    control.clear_journal()

    assert control.journal() == []


def test_the_small_country_is_on_the_list() -> None:
    """Our own tests obey the guard as well."""
    from anslut_simulators.population import default_population  # noqa: PLC0415 - only here

    for identity in SmallPopulation().people:
        default_population().guard(identity)

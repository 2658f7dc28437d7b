"""Presets: bad days as data files, good for any system."""

from __future__ import annotations

from html import unescape
from importlib import resources
from typing import TYPE_CHECKING

import jsonschema
import orjson
import pytest
import requests
from anslut_simulators import ControlError, faults
from anslut_simulators.calls import KeepsCopy
from anslut_simulators.faults.preset import presets
from anslut_simulators.faults.reading import read_fault
from plain_system import PlainSystem, ask
from small_country import ANNA, BO

if TYPE_CHECKING:
    from anslut_simulators import ControlClient, RunningRegion
    from kosmos_caller import Caller

FOLDER = resources.files(faults)
FILES = sorted(file.name for file in FOLDER.joinpath("presets").iterdir())


@pytest.mark.parametrize("name", FILES)
def test_a_preset_follows_its_schema_and_its_faults_can_be_asked_for(name: str) -> None:
    """A file that nobody can use would lie in wait."""
    schema = orjson.loads(FOLDER.joinpath("preset.schema.json").read_bytes())
    preset = orjson.loads(FOLDER.joinpath("presets", name).read_bytes())
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(preset, schema)

    assert name == f"{preset['preset']}.json"
    for fault in preset["faults"]:
        read_fault(orjson.dumps({**fault, "system": "kosmos"}))


def test_every_preset_can_strike_kosmos(control: ControlClient) -> None:
    """All of each: Kosmos can have whatever a preset says."""
    for name, preset in presets().items():
        control.clear_faults()
        ids = control.preset(name)
        assert len(ids) == len(preset.faults)
        assert [fault["id"] for fault in control.faults()] == ids


def test_a_preset_holds_for_one_person_one_path_and_one_seed(caller: Caller, control: ControlClient) -> None:
    """What is asked for with the preset goes for all its faults."""
    caller.log_in()
    anna, bo = caller.key(ANNA), caller.key(BO)
    control.preset("flapping", patient_id=ANNA, path="anteckningar", seed=3)
    control.preset("flapping", path="diagnoser")
    kept = control.faults()

    assert [fault.get("seed") for fault in kept] == [3, 3, None, None]
    assert {fault["path"] for fault in kept} == {"anteckningar", "diagnoser"}
    assert len({fault["id"] for fault in kept}) == 4
    for _ in range(8):
        assert caller.get(f"/api/v2/patienter/{bo}/anteckningar").status_code == 200
    for _ in range(5):
        assert caller.get(f"/api/v2/patienter/{anna}/anteckningar").status_code == 200
    with pytest.raises(requests.ConnectionError):
        caller.get(f"/api/v2/patienter/{anna}/anteckningar")


def test_flapping_over_a_socket(plain: ControlClient) -> None:
    """Five good, two reset, one 503, and again."""
    plain.preset("flapping", system="plain")

    assert [ask(plain).status for _ in range(16)] == [200, 200, 200, 200, 200, 0, 0, 503] * 2


def test_maintenance_begins_and_ends_by_the_scenarios_clock(plain: ControlClient) -> None:
    """Cut just before, closed for three hours, open again."""
    plain.preset("maintenance-window", system="plain")
    seen = [ask(plain).status]
    plain.advance(16 * 3600 + 59 * 60)  # 00:59
    cut = ask(plain)
    plain.advance(60)
    seen.append(ask(plain).status)
    plain.advance(3 * 3600)
    seen.append(ask(plain).status)

    assert len(cut.body) < int(cut.headers["content-length"])
    assert seen == [200, 503, 200]


def test_what_a_system_cannot_have_is_left_out_and_told(plain_region: RunningRegion, scenario: str) -> None:
    """The plain system has cursors, but no fields and no feed."""
    url = f"{plain_region.base_url}/_sim/s/{scenario}/faults"
    answer = requests.post(url, json={"preset": "monday-after-upgrade", "system": "plain"}, timeout=20)

    assert answer.status_code == 201
    assert answer.json()["leftOut"] == ["expire-tokens", "missing-field", "types-that-lie"]
    assert len(answer.json()["ids"]) == 3


@pytest.mark.parametrize(
    ("order", "said"),
    [
        ({"preset": "earthquake", "system": "plain"}, "flapping"),
        ({"preset": "flapping"}, "takes"),
        ({"preset": "flapping", "system": "vaxreg"}, "plain"),
        ({"preset": "flapping", "system": "plain", "nth": 1}, "takes"),
        ({"preset": "flapping", "system": "plain", "path": "(a+)+"}, "repetition"),
        ({"preset": ["flapping"], "system": "plain"}, "takes"),
        (
            {
                "preset": "flapping",
                "system": "plain",
                "patientId": {"root": "1", "extension": "199001022385"},
            },
            "",
        ),
    ],
)
def test_an_impossible_preset_is_refused(
    plain_region: RunningRegion, scenario: str, order: dict[str, object], said: str
) -> None:
    """With what would do, without repeating what was sent, and nothing is kept of it."""
    url = f"{plain_region.base_url}/_sim/s/{scenario}/faults"
    answer = requests.post(url, json=order, timeout=20)

    assert answer.status_code == 422
    assert said in answer.json().get("detail", "")
    assert "199001022385" not in answer.text
    assert requests.get(url, timeout=20).json() == {"faults": []}


def test_a_preset_goes_in_whole_or_not_at_all(plain: ControlClient) -> None:
    """A hundred faults are the most."""
    for _ in range(99):
        plain.fault("bom", system="plain", nth=1000)
    with pytest.raises(ControlError) as refused:
        plain.preset("flapping", system="plain")

    assert refused.value.status == 409
    assert len(plain.faults()) == 99
    plain.preset("down", system="plain")


def test_presets_and_faults_are_listed(region: RunningRegion) -> None:
    """Where people look: on the page, and as data with what each system can have."""
    page = unescape(requests.get(f"{region.base_url}/_sim/room/demo/faults", timeout=20).text)
    listed = requests.get(f"{region.base_url}/_sim/faults", timeout=20).json()

    assert [preset["preset"] for preset in listed["presets"]] == [
        name.removesuffix(".json") for name in FILES
    ]
    assert "endless-pages" in listed["systems"]["kosmos"]
    assert listed["systems"]["index"] == []
    assert all(preset["preset"] in page and preset["sv"] in page for preset in listed["presets"])
    assert "Dåliga dagar" in page


def test_a_system_that_is_read_directly_has_its_own_faults_only(
    plain: ControlClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody sees the calls to a database: a fault that waits for the third of them would never strike."""
    for name in _members(KeepsCopy):
        monkeypatch.setattr(PlainSystem, name, print, raising=False)
    for order in (
        {"fault": "truncate"},
        {"fault": "stale-cursor", "nth": 3},
        {"fault": "stale-cursor", "path": "x"},
    ):
        with pytest.raises(ControlError) as refused:
            plain.fault(system="plain", **order)
        assert refused.value.status == 422
    with pytest.raises(ControlError, match="none of its faults"):
        plain.preset("monday-after-upgrade", system="plain")
    plain.fault("stale-cursor", system="plain", daily="02:00-04:00")

    assert len(plain.faults()) == 1


def _members(protocol: type) -> list[str]:
    return [name for name, member in vars(protocol).items() if callable(member) and not name.startswith("_")]

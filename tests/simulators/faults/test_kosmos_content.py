"""Kosmos' own faults: answers in good order whose content is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from anslut_simulators.faults.lies import lie
from anslut_simulators.kosmos.spoil import FAULTS
from small_country import ANNA, BABY, CARIN

if TYPE_CHECKING:
    from anslut_simulators import ControlClient
    from anslut_simulators.truth import Identity
    from kosmos_caller import Caller


def _page(caller: Caller, patient: Identity, resource: str = "anteckningar", query: str = "") -> Any:
    return caller.get(f"/api/v2/patienter/{caller.key(patient)}/{resource}?{query}")


def _struck(
    caller: Caller, control: ControlClient, fault: str, resource: str = "anteckningar", **more: Any
) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Return the entries that a fault changed, as they were and as they are."""
    before = _page(caller, ANNA, resource).json()["poster"]
    control.fault(fault, path=resource, **more)
    after = _page(caller, ANNA, resource).json()["poster"]
    assert len(before) == len(after)
    return [pair for pair in zip(before, after, strict=True) if pair[0] != pair[1]]


def test_a_note_from_next_month(caller: Caller, control: ControlClient) -> None:
    """One entry, all its times, so many days after the scenario's now."""
    [(before, after)] = _struck(caller, control, "future-dates", days=40)

    assert after["handelsetid"] == "2023-12-25 08:00:00"
    assert {act["tid"] for act in after["handelser"]} == {"2023-12-25 08:00:00"}
    assert {**after, "handelsetid": 0, "handelser": 0} == {**before, "handelsetid": 0, "handelser": 0}


@pytest.mark.parametrize("field", [None, "patientnyckel", "handelser", "sokord"])
def test_a_field_that_is_missing(caller: Caller, control: ControlClient, field: str | None) -> None:
    """The one that was named, in one entry; the time if none was."""
    [(before, after)] = _struck(caller, control, "missing-field", **({"field": field} if field else {}))

    assert before.keys() - after.keys() == {field or "handelsetid"}


def test_a_value_of_another_type(caller: Caller, control: ControlClient) -> None:
    """In good JSON: no parser notices."""
    [(before, after)] = _struck(caller, control, "types-that-lie", field="version")

    assert after["version"] == str(before["version"])


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, "null"),
        (True, "ja"),
        (False, "nej"),
        (7, "7"),
        (1.5, "1.5"),
        ("a", ["a"]),
        ([1, "b"], {"0": 1, "1": "b"}),
        ({"a": 1}, [1]),
    ],
)
def test_every_type_can_be_written_as_another(value: object, written: object) -> None:
    """A truth is not taken for a number."""
    assert lie(value) == written


@pytest.mark.parametrize(
    ("resource", "field", "listed"),
    [
        ("anteckningar", "typ", "anteckningstyper"),
        ("diagnoser", "kod", "diagnoser"),
        ("labbsvar", "enhet", "enheter"),
    ],
)
def test_a_code_of_the_wrong_list(
    caller: Caller, control: ControlClient, resource: str, field: str, listed: str
) -> None:
    """A code that exists, but not where the entry says it is from."""
    [(_, after)] = _struck(caller, control, "wrong-code-system", resource)
    codes = caller.get(f"/api/v2/koder/{listed}").json()["koder"]

    assert after[field] not in {row.get("kod") for row in codes} | {row.get("lokal") for row in codes}


def test_an_entry_of_a_megabyte(caller: Caller, control: ControlClient) -> None:
    """So many bytes, in good JSON."""
    [(_, after)] = _struck(caller, control, "giant-line", size=1_000_000)

    assert len(after["mall"].encode()) == 1_000_000


@pytest.mark.parametrize("seconds", [3600, -3600])
def test_tokens_live_by_a_clock_that_is_wrong(caller: Caller, control: ControlClient, seconds: int) -> None:
    """A clock that jumps ahead kills them; one that is wrong when they are issued and when they are used does not."""
    caller.log_in()
    control.fault("clock-skew", seconds=seconds)

    assert caller.get("/api/v2/koder/roller").status_code == (401 if seconds > 0 else 200)
    caller.log_in()
    assert caller.get("/api/v2/koder/roller").status_code == 200
    control.clear_faults()
    assert caller.get("/api/v2/koder/roller").status_code == (200 if seconds > 0 else 401)


def test_a_cursor_goes_stale(caller: Caller, control: ControlClient) -> None:
    """Refused as a wrong one is; the first page is not touched."""
    control.fault("stale-cursor", path="anteckningar")
    first = _page(caller, ANNA, query="antal=5")
    second = _page(caller, ANNA, query=f"antal=5&markor={first.json()['nasta']}")

    assert first.status_code == 200
    assert (second.status_code, second.json()["fel"]) == (400, "OGILTIG_MARKOR")


@pytest.mark.parametrize(("patient", "query"), [(ANNA, "antal=5"), (BABY, "")])
def test_pages_without_end(caller: Caller, control: ControlClient, patient: Identity, query: str) -> None:
    """Every page has a next one, which is good: only a client that counts or looks at the content gets out."""
    control.fault("endless-pages", path="anteckningar")
    cursors, more = [], query
    for _ in range(8):
        page = _page(caller, patient, query=more).json()
        assert page["nasta"] is not None
        cursors.append(page["nasta"])
        more = f"{query}&markor={page['nasta']}".lstrip("&")

    assert cursors[-1] == cursors[-2]


def test_nothing_is_spoilt_where_there_is_nothing(caller: Caller, control: ControlClient) -> None:
    """A patient without entries gets an empty page, whatever strikes."""
    for fault in sorted(FAULTS - {"expire-tokens", "foreign-entry"}):
        control.fault(fault, path="anteckningar")

    assert _page(caller, CARIN).json() == {"poster": [], "nasta": None}


def test_the_same_seed_spoils_the_same_entry(caller: Caller, control: ControlClient) -> None:
    """Repeatable, and another call draws another entry."""

    def spoilt() -> list[int]:
        control.clear_faults()
        control.fault("missing-field", path="anteckningar", seed=9)
        pages = [_page(caller, ANNA).json()["poster"] for _ in range(6)]
        return [index for page in pages for index, entry in enumerate(page) if "handelsetid" not in entry]

    first = spoilt()

    assert first == spoilt()
    assert len(set(first)) > 2

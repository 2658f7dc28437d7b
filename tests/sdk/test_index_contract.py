"""What the SDK tells the engagement index is what the index contract allows, for every information type."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from anslut import Change, Changes, PersonId, connectors
from anslut.connector import Connector
from anslut.index import Announcer
from anslut.kinds import kinds
from anslut_contracts import FrozenClock, information_types, validation
from anslut_contracts.identity import PERSONNUMMER, SAMORDNINGSNUMMER
from anslut_contracts.time_form import from_local

if TYPE_CHECKING:
    from pathlib import Path

    from anslut import Settings

PERSONS = [
    PersonId(root=PERSONNUMMER, extension="199001022384"),
    PersonId(root=SAMORDNINGSNUMMER, extension="191401682396"),
]
OK = (200, {"Content-Type": "application/json"}, b'{"result": "OK"}')


def following(kind: str, feed: list[Change], settings: Settings) -> Connector:
    """Return a connector of *kind* that reads nothing and has had *feed* happen."""
    from importlib import import_module  # noqa: PLC0415 - only here
    from pkgutil import iter_modules  # noqa: PLC0415 - only here

    for module in iter_modules(connectors.__path__):
        import_module(f"anslut.connectors.{module.name}")
    (base,) = (
        cls
        for cls in Connector.__subclasses__()
        if cls.__module__.startswith("anslut.") and cls.kind.name == kind
    )
    members: dict[str, Any] = {
        "product": "P", "vendor": "V", "version": "1", "system": "s",
        "capabilities": frozenset({"index-updates"}),
        "read_changes": lambda _self, _position: Changes(items=tuple(feed), position="1"),
        **dict.fromkeys([*base.kind.owes.values(), *base.kind.may.values()], lambda _self, _query: []),
    }  # fmt: skip
    made: Any = type("Mine", (base,), members)
    connector: Connector = made(settings)
    return connector


@pytest.mark.parametrize("kind", sorted(kinds()))
def test_every_category_is_one_that_the_index_knows(
    kind: str, settings: Settings, fake_index: Any, tmp_path: Path
) -> None:
    """A category that is misspelt would hide a source from everybody."""
    fake_index.answers = lambda *_: OK
    told = [*kinds()[kind].owes, *kinds()[kind].may]
    feed = [Change(patient_id=person, type=name) for person in PERSONS for name in told]
    followed = replace(
        settings,
        index_url=fake_index.url,
        state_dir=str(tmp_path),
        source_system_id="SE2321000999-K001,SE2321000999-K002",
    )
    announcer = Announcer(
        following(kind, feed, followed), clock=FrozenClock(from_local("2023-11-15 08:00:00"))
    )
    assert announcer._keeper.is_ours()

    announcer.announce()

    ((_, path, body),) = fake_index.calls
    document = json.loads(body)
    assert path == "/v1/engagements"
    assert validation.errors("engagements", document) == []
    assert len(document["transactions"]) == len(feed) * 2
    assert {one["engagement"]["categorization"] for one in document["transactions"]} == {
        information_types()[name].index_category for name in told
    }


def test_an_update_with_content_is_one_the_contract_allows(
    settings: Settings, fake_index: Any, tmp_path: Path, make: Any
) -> None:
    """The time of the latest event is local, without offset."""
    fake_index.answers = lambda *_: OK
    followed = replace(settings, index_url=fake_index.url, state_dir=str(tmp_path))
    source = following("phone", [Change(patient_id=PERSONS[0], type="care-documentation")], followed)
    source.__class__.read_care_documentation = lambda _self, query: [make.note(query)]  # type: ignore[attr-defined]
    announcer = Announcer(source, clock=FrozenClock(from_local("2023-11-15 08:00:00")))
    assert announcer._keeper.is_ours()

    announcer.announce()

    document = json.loads(fake_index.calls[0][2])
    assert validation.errors("engagements", document) == []
    assert document["transactions"][0]["engagement"]["mostRecentContent"] == "20230304100000"

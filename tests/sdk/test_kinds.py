"""Each kind of source system is a row of data and a class; what a connector answers for is what it reads."""

from __future__ import annotations

import ast
import inspect
import json
import re
from importlib import import_module, resources
from pathlib import Path
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any

import anslut
import pytest
import requests
from anslut import (
    PhoneAdviceConnector,
    Query,
    RecordConnector,
    SchoolHealthConnector,
    Settings,
    connector,
    connectors,
)
from anslut.connector import Connector
from anslut.errors import ConnectorDefinitionError, UnknownTypeError
from anslut.kinds import Kind, kinds
from anslut.server import running
from anslut_contracts import information_types, validation
from anslut_contracts.identity import PERSONNUMMER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from anslut import Caller, Entry

MODULES = sorted(module.name for module in iter_modules(connectors.__path__))
KINDS = {"record", "vaccination", "maternity", "school-health", "phone"}


def abstract(module: str) -> type[Connector]:
    """Return the abstract connector that a module of `anslut.connectors` defines."""
    names = vars(import_module(f"anslut.connectors.{module}"))
    (found,) = (
        item
        for item in names.values()
        if isinstance(item, type) and item.__module__ == f"anslut.connectors.{module}"
    )
    assert issubclass(found, Connector)
    return found


def made(base: type[Connector], settings: Settings, **readers: Any) -> Connector:
    """Return a connector of *base* with a reader for each type it owes, and *readers* beside them."""
    texts = {"product": "P", "vendor": "V", "version": "1", "system": "s"}
    owed: dict[str, Any] = dict.fromkeys(base.kind.owes.values(), lambda _self, _query: [])
    mine: Any = type("Mine", (base,), {**texts, **owed, **readers})
    connector: Connector = mine(settings)
    return connector


def test_there_is_one_connector_for_each_kind() -> None:
    """A row without a class cannot be used, and a class that `anslut` does not show is not found."""
    found = {abstract(module).kind.name: abstract(module) for module in MODULES}

    assert set(found) == set(kinds()) == KINDS
    assert len(MODULES) == len(KINDS)
    assert {getattr(anslut, cls.__name__) for cls in found.values()} == set(found.values())


@pytest.mark.parametrize("module", MODULES)
def test_the_owed_readers_come_from_the_data(module: str) -> None:
    """A kind's abstract methods are what it owes in kinds.json, each described."""
    cls = abstract(module)

    assert cls.__abstractmethods__ == frozenset(cls.kind.owes.values())
    for type_name, reader in cls.kind.owes.items():
        assert type_name in str(getattr(cls, reader).__doc__)


@pytest.mark.parametrize("module", MODULES)
def test_what_type_checkers_are_told_is_what_is_owed(module: str) -> None:
    """The methods written out for editors are the data's, no more and no fewer."""
    tree = ast.parse(inspect.getsource(import_module(f"anslut.connectors.{module}")))
    written = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}

    assert written == set(abstract(module).kind.owes.values())


def test_no_kind_names_a_type_twice_and_the_manifest_knows_them_all() -> None:
    """A type is owed or optional; a kind that the manifest's schema refuses could not present itself."""
    text = resources.files("anslut_contracts").joinpath("schemas/v1/manifest.json").read_text("utf-8")
    known = json.loads(text)["properties"]["sourceSystem"]["properties"]["kind"]["enum"]

    assert set(kinds()) <= set(known)
    for kind in kinds().values():
        assert not set(kind.owes) & set(kind.may)


def test_the_readme_says_what_each_kind_owes() -> None:
    """Authors choose their connector by the table."""
    text = (Path(__file__).parents[2] / "sdk" / "README.md").read_text("utf-8")
    rows = re.findall(r"^\| `(\w+Connector)` [^|]*\| ([^|]+) \| ([^|]+) \|$", text, re.MULTILINE)
    told = {name: [cell.replace("–", "").strip() for cell in cells] for name, *cells in rows}

    assert told == {
        abstract(module).__name__: [
            ", ".join(abstract(module).kind.owes),
            ", ".join(abstract(module).kind.may),
        ]
        for module in MODULES
    }


def test_every_information_type_is_somebodys() -> None:
    """A type that no kind has could never be asked for."""
    assert {name for kind in kinds().values() for name in (*kind.owes, *kind.may)} == set(information_types())


@pytest.mark.parametrize("module", MODULES)
def test_a_manifest_names_the_kind_and_what_it_owes(module: str, settings: Settings) -> None:
    """Whoever calls chooses by the manifest what to ask for."""
    cls = abstract(module)

    found = made(cls, settings).manifest()

    assert found["sourceSystem"] == {"kind": cls.kind.name}
    assert found["types"] == list(cls.kind.owes)
    assert validation.errors("manifest", found) == []


def test_an_optional_type_is_declared_by_writing_its_reader(
    settings: Settings, caller: Caller, make: Any, query: Query
) -> None:
    """The manifest lists it and a search is answered; nothing else has to be said."""

    def read(_self: Connector, asked: Query) -> Iterable[Entry]:
        return [make.note(asked)]

    school = made(SchoolHealthConnector, settings, read_care_documentation=read)
    answer = school.search("care-documentation", {"patientId": query.patient_id.to_json()}, caller=caller)

    assert "care-documentation" in school.manifest()["types"]
    assert [entry["header"]["documentId"] for entry in answer["entries"]] == ["n1"]


def test_an_optional_type_without_a_reader_is_unknown(
    settings: Settings, caller: Caller, query: Query
) -> None:
    """An empty answer would say that the person has no notes; the source was never asked."""
    school = made(SchoolHealthConnector, settings)

    assert "care-documentation" not in school.manifest()["types"]
    with pytest.raises(UnknownTypeError):
        school.search("care-documentation", {"patientId": query.patient_id.to_json()}, caller=caller)


def test_a_subclass_can_take_an_optional_type_away(settings: Settings) -> None:
    """A region that buys the product without its notes runs the same code."""
    whole = type(made(SchoolHealthConnector, settings, read_care_documentation=lambda _self, _query: []))

    without: Any = type("Without", (whole,), {"read_care_documentation": None})

    assert "care-documentation" in whole.serves
    assert "care-documentation" not in without.serves


def test_an_old_source_that_never_had_an_owed_type_says_so(
    settings: Settings, caller: Caller, query: Query
) -> None:
    """An empty answer would say that nothing was ever found in the person's blood."""
    old = made(RecordConnector, settings, read_laboratory_results=None)

    assert old.manifest()["types"][:2] == ["care-documentation", "diagnoses"]
    assert "laboratory-results" not in old.manifest()["types"]
    with pytest.raises(UnknownTypeError):
        old.search("laboratory-results", {"patientId": query.patient_id.to_json()}, caller=caller)


def test_a_connector_that_reads_nothing_is_refused(settings: Settings) -> None:
    """It would look like a source without patients."""
    nothing: dict[str, Any] = dict.fromkeys(RecordConnector.kind.owes.values())

    with pytest.raises(ConnectorDefinitionError, match="reads nothing at all"):
        made(RecordConnector, settings, **nothing)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("read_diagnoses", "a connector of the kind phone has no diagnoses"),
        ("read_care_documentations", "did you mean read_care_documentation?"),
        ("read_pages", "is called by nobody"),
    ],
)
def test_a_reader_that_the_kind_does_not_have_is_refused(settings: Settings, name: str, message: str) -> None:
    """A reader that nobody calls is a promise that nobody keeps."""
    with pytest.raises(ConnectorDefinitionError) as caught:
        made(PhoneAdviceConnector, settings, **{name: lambda _self, _query: []})

    assert message in str(caught.value)


@pytest.mark.parametrize("module", MODULES)
def test_every_kind_can_be_served(module: str, settings: Settings) -> None:
    """The door asks the connector what it answers for; what it does not is unknown, and says so."""
    cls = abstract(module)
    consumer = {"x-rivta-original-serviceconsumer-hsaid": "SE2321000999-C001"}
    asked = {"patientId": {"root": PERSONNUMMER, "extension": "199001022384"}}

    with running(made(cls, settings)) as url:
        told = requests.get(f"{url}/v1/connector", timeout=20).json()
        statuses = {
            name: requests.post(
                f"{url}/v1/{name}/search", json=asked, headers=consumer, timeout=20
            ).status_code
            for name in information_types()
        }

    assert validation.errors("manifest", told) == []
    assert {name for name, status in statuses.items() if status == 200} == set(told["types"])
    assert {status for name, status in statuses.items() if name not in told["types"]} == {404}


def test_a_new_kind_is_a_row_and_a_class(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, caller: Caller, make: Any, query: Query
) -> None:
    """The mechanism knows nothing of the kinds there are."""
    dental = Kind(
        name="dental",
        sv="Tandvård",
        en="Dental care",
        owes={"care-documentation": "read_care_documentation"},
        may={"diagnoses": "read_diagnoses"},
    )
    monkeypatch.setattr(connector, "kinds", lambda: {"dental": dental})

    class DentalConnector(Connector, kind="dental"):
        pass

    read: Callable[..., Iterable[Entry]] = lambda _self, asked: [make.diagnosis(asked)]  # noqa: E731 - as an author's
    mine = made(DentalConnector, settings, read_diagnoses=read)

    assert DentalConnector.__abstractmethods__ == frozenset({"read_care_documentation"})
    assert dict(DentalConnector.serves) == dental.owes
    assert dict(mine.serves) == {**dental.owes, **dental.may}
    assert mine.search("diagnoses", {"patientId": query.patient_id.to_json()}, caller=caller)["entries"]


def test_a_record_system_owes_what_it_did(settings: Settings) -> None:
    """Connectors that were written before there were other kinds still run."""
    types = made(RecordConnector, settings).manifest()["types"]

    assert types[:3] == ["care-documentation", "diagnoses", "laboratory-results"]

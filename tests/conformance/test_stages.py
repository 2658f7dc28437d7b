"""Which simulated system a connector meets, and who plays which part in it."""

from __future__ import annotations

import anslut
import msgspec
import pytest
from anslut_conformance import persons, stages
from anslut_conformance.errors import ConfigurationError
from anslut_conformance.matrix import examples
from anslut_conformance.order import Order
from anslut_conformance.stages import described, system_of
from anslut_simulators.systems import described_systems


class Cosmic(anslut.RecordConnector):
    """A vendor's own connector: no simulated system is called what it is for."""

    product, vendor, version, system = "Cosmic connector", "A vendor", "1", "cosmic"


class Vaccines(anslut.VaccinationConnector):
    """As above, of another kind."""

    product, vendor, version, system = "MittVaccin connector", "A vendor", "1", "mittvaccin"


@pytest.mark.parametrize(
    ("order", "system"),
    [
        (Order(connector="anslut_examples.kosmos:KosmosConnector"), "kosmos"),
        (Order(connector="anslut_examples.careless:CarelessConnector"), "kosmos"),
        (Order(connector=f"{__name__}:Cosmic"), "kosmos"),
        (Order(connector="http://127.0.0.1:1"), "kosmos"),
        (Order(start="node server.js"), "kosmos"),
        (Order(start="node server.js", system="kosmos"), "kosmos"),
        (Order(start="node server.js", system="kosmos-tand"), "kosmos-tand"),
        (Order(connector=f"{__name__}:Vaccines"), "vaxreg"),
    ],
)
def test_a_connector_meets_the_system_it_is_for(order: Order, system: str) -> None:
    """Said, told by its class, or by its class's kind; else the usual one."""
    assert system_of(order) == system


def test_a_new_system_of_a_kind_is_not_suddenly_the_usual_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Vendors' connectors must not meet another system because its name comes first in the alphabet."""
    known = described_systems()
    first = msgspec.structs.replace(known["kosmos"], name="aaa", personas="kosmos")
    monkeypatch.setattr(stages, "described_systems", lambda: {"aaa": first, **known})

    assert system_of(Order(connector=f"{__name__}:Cosmic")) == "kosmos"


def test_an_unknown_system_is_told_which_there_are() -> None:
    """A typing error must not be examined against something else."""
    with pytest.raises(ConfigurationError) as refused:
        system_of(Order(start="node server.js", system="cosmos"))

    assert "kosmos" in refused.value.hint


def test_every_example_is_for_a_system_that_exists() -> None:
    """The kill matrix and the certification of the examples stand on this table."""
    kinds = {one.kind for one in described_systems().values()}

    assert {described("fjallmark", system).kind for system in examples()} <= kinds
    for system, target in examples().items():
        assert system_of(Order(connector=target)) == system


def test_a_part_is_played_by_who_was_made_for_it_or_has_something_there() -> None:
    """An adult of the record system is no pupil, and nobody is silently somebody else."""
    anna = persons.playing("anna-vuxen", system="kosmos")
    nowhere = persons.playing("labb-former", system="vaxreg")

    assert anna is not None
    assert anna.name == "anna-vuxen"
    assert nowhere is None
    with pytest.raises(KeyError):
        persons.playing("finns-inte", system="kosmos")

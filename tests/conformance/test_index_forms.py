"""A connector that tells the index in RIV-TA is judged by the same rules, and falls on the same faults."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from anslut.door import create_app
from anslut.errors import IndexRefusedError, SourceRefusedError
from anslut.index import Announcer
from anslut_conformance.commands.running import order_of
from anslut_conformance.examine import examine
from anslut_conformance.order import Order
from anslut_conformance.report.document import command
from anslut_conformance.setting import Setting
from anslut_conformance.verdicts import Verdict
from anslut_contracts import identity
from anslut_contracts.clock import SystemClock
from anslut_examples.kosmos import KosmosConnector

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anslut import Settings

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

GOOD = "anslut_examples.kosmos:KosmosConnector"
RULES = frozenset({"NOW-003", "NOW-004", "NOW-005", "NOW-006"})


@pytest.fixture(scope="module", name="setting")
def open_setting() -> Iterator[Setting]:
    """One region for the module."""
    with Setting() as setting:
        yield setting


class _Talkative(Announcer):
    """Tells of those who have a reserve number only, before it tells of the others as it should."""

    def announce(self) -> bool:
        for change in self._connector.read_changes(self._keeper.position).items:
            if identity.is_reserve(change.patient_id):
                with suppress(IndexRefusedError, SourceRefusedError):
                    self._form.post([self._transaction(change, self._systems[0])])
        return super().announce()


def talkative(settings: Settings) -> Any:
    """Return a good door whose index is told of reserve numbers too."""
    made = KosmosConnector(settings)
    app = create_app(made, settings=settings)
    door: Any = app.extensions["anslut"]
    door.announcer.stop()
    door.announcer = _Talkative(made)
    door.announcer.start()
    return app


def verdicts(setting: Setting, *, rules: frozenset[str] = RULES, **order: Any) -> dict[str, Verdict]:
    """Return the verdict of each of *rules*."""
    outcome = examine(Order(rules=rules, **order), setting=setting, clock=SystemClock())
    assert outcome.set_up_fault is None
    return {result.rule: result.verdict for result in outcome.judgement.rules if result.rule in rules}


def test_a_good_connector_is_judged_alike_in_either_form(setting: Setting) -> None:
    """Told at once, nothing too early, deletions only at the end, nothing lost."""
    found = verdicts(setting, connector=GOOD, index="rivta", scenario="rivta-good")

    assert found == verdicts(setting, connector=GOOD, scenario="json-good")
    assert {found[rule] for rule in ("NOW-004", "NOW-005", "NOW-006")} == {Verdict.PASS}
    posted = [call for call in setting.control("rivta-good").journal() if call["path"].startswith("/index/")]
    assert posted
    assert all("/Update/1/rivtabp21" in call["path"] for call in posted)


@pytest.mark.parametrize(
    ("index", "factory", "rule"),
    [
        ("rivta", "anslut_conformance.mutants.now:eager_deletion", "NOW-005"),
        ("rivta", "anslut_conformance.mutants.now:position_first", "NOW-006"),
        ("rivta", "test_index_forms:talkative", "NOW-005"),
        ("json", "test_index_forms:talkative", "NOW-005"),
    ],
)
def test_a_wrong_connector_is_red_in_either_form(
    setting: Setting, monkeypatch: pytest.MonkeyPatch, index: str, factory: str, rule: str
) -> None:
    """What the examiner sees of the index does not depend on how the index is told."""
    monkeypatch.syspath_prepend(__file__.rpartition("/")[0])
    scenario = f"{index}-{factory.rpartition(':')[2].replace('_', '-')}"
    rules = frozenset({"NOW-004", rule})

    found = verdicts(setting, rules=rules, connector=factory, index=index, scenario=scenario)

    assert found == {"NOW-004": Verdict.PASS, rule: Verdict.FAIL}


def test_the_form_is_an_option_and_stands_in_the_command_that_repeats_a_run() -> None:
    """A report that leaves it out would be repeated as something else."""
    order = order_of({"connector": GOOD, "index": "rivta"})

    assert order.index == "rivta"
    assert "--index rivta" in command(order)
    assert "--index" not in command(order_of({"connector": GOOD}))
    assert order.about() != order_of({"connector": GOOD}).about()

"""The kill matrix: every deliberately wrong connector is examined, and must be red exactly where it says.

A rule that no mutant has made red is a rule whose check may be unable to fail: it counts as not covered.
"""

from __future__ import annotations

import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from functools import lru_cache
from multiprocessing import get_context
from multiprocessing.util import Finalize
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anslut_contracts
import orjson
from anslut_contracts import validation
from anslut_contracts.clock import SystemClock

from anslut_conformance.errors import ConfigurationError, ExaminerError
from anslut_conformance.examine import examine
from anslut_conformance.order import RIVTA, Order
from anslut_conformance.report.document import rules_digest, suite_digest
from anslut_conformance.runner import SUITE
from anslut_conformance.setting import Setting
from anslut_conformance.verdicts import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

#: The connectors that must be green everywhere, by the source system they are for.
EXAMPLES = Path(__file__).with_name("examples.json")

#: The recorded result that comes with the package.
RECORDED = Path(__file__).with_name("kill_matrix.json")

MUTANTS = Path(__file__).with_name("mutants")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """A connector that is wrong in exactly one way: *kills* is the rule it was made for, *also* what falls with it."""

    name: str
    sv: str
    en: str
    kills: tuple[str, ...]
    also: tuple[str, ...]
    doors: tuple[str, ...]
    factory: str
    lane: str = "full"
    system: str | None = None

    @property
    def named(self) -> frozenset[str]:
        """Every rule that must be red."""
        return frozenset((*self.kills, *self.also))


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What became of one mutant: rules seen *red*, those that should have been (*missed*) or should not (*extra*)."""

    name: str
    kills: tuple[str, ...]
    also: tuple[str, ...]
    red: tuple[str, ...]
    missed: tuple[str, ...]
    extra: tuple[str, ...]
    broke: tuple[str, ...]
    seconds: float

    @property
    def exact(self) -> bool:
        """Whether the mutant is red exactly where declared, and nothing of ours broke."""
        return not (self.missed or self.extra or self.broke)


def examples() -> dict[str, str]:
    """Return the good connectors, `module:Class` by source system."""
    found: dict[str, str] = orjson.loads(EXAMPLES.read_bytes())
    return found


def _declared(path: Path) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = orjson.loads(path.read_bytes())
    broken = validation.errors("mutants", items)
    if broken:
        raise ConfigurationError(f"{path.name}: {broken[0].path}: {broken[0].rule}")
    return items


@lru_cache(maxsize=1)
def mutants() -> tuple[Mutant, ...]:
    """Return the declared mutants, of every file; raise `ConfigurationError` when one is wrong or names no rule."""
    found = []
    for item in (item for path in sorted(MUTANTS.glob("*.json")) for item in _declared(path)):
        unknown = {*item["kills"], *item["also"]} - set(anslut_contracts.rules())
        if unknown:
            raise ConfigurationError(f"mutant {item['name']} names no rule: {sorted(unknown)}")
        values: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in item.items()
        }
        found.append(Mutant(**values))
    names = [one.name for one in found]
    if len(set(names)) != len(names):
        raise ConfigurationError("two mutants have one name")
    return tuple(found)


def try_mutant(mutant: Mutant, setting: Setting) -> Row:
    """Examine one mutant in process, in SOAP if that is its door, and hold what is red against its declaration."""
    begun = time.monotonic()
    outcome = examine(
        Order(
            connector=(RIVTA if mutant.doors == ("rivta",) else "") + mutant.factory,
            lane=mutant.lane,
            scenario=f"mutant-{mutant.name}",
            region=setting.region,
            system=mutant.system,
        ),
        setting=setting,
        clock=SystemClock(),
    )
    results = outcome.judgement.rules
    red = {r.rule for r in results if r.verdict is Verdict.FAIL}
    broke = [f"{r.rule}: {r.reason}" for r in results if r.verdict in {Verdict.ERROR, Verdict.CONFIG}]
    if outcome.set_up_fault is not None:
        broke.append(f"set-up: {outcome.set_up_fault} {outcome.hint}")
    return Row(
        name=mutant.name,
        kills=mutant.kills,
        also=mutant.also,
        red=tuple(sorted(red)),
        missed=tuple(sorted(mutant.named - red)),
        extra=tuple(sorted(red - mutant.named)),
        broke=tuple(broke),
        seconds=round(time.monotonic() - begun, 2),
    )


def run(
    chosen: Iterable[Mutant], *, jobs: int = 2, on_row: Callable[[Row, int, int], None] = lambda *_: None
) -> list[Row]:
    """Try the good connectors and *chosen* in *jobs* processes, several mutants each; rows in the order given."""
    queue = [*good(), *chosen]
    rows: dict[str, Row] = {}
    with ProcessPoolExecutor(max_workers=jobs, mp_context=get_context("spawn")) as pool:
        waiting = {pool.submit(_in_worker, mutant): mutant for mutant in queue}
        for future in as_completed(waiting):
            mutant = waiting[future]
            try:
                row = future.result()
            except Exception as error:  # noqa: BLE001 - one mutant that breaks us must not hide the others
                row = _broken(mutant, error)
            rows[mutant.name] = row
            on_row(row, len(rows), len(queue))
    return [rows[mutant.name] for mutant in queue]


def good() -> list[Mutant]:
    """Return the good connectors as mutants that are red nowhere."""
    return [
        Mutant(
            name=f"good-{system}",
            sv="Felfri",
            en="Without fault",
            kills=(),
            also=(),
            doors=("in-process",),
            factory=factory,
            system=system,
        )
        for system, factory in examples().items()
    ]


def _broken(mutant: Mutant, error: Exception) -> Row:
    return Row(
        name=mutant.name,
        kills=mutant.kills,
        also=mutant.also,
        red=(),
        missed=tuple(sorted(mutant.named)),
        extra=(),
        broke=(f"{type(error).__name__}: {str(error)[:400]}",),
        seconds=0.0,
    )


_worker_settings: list[Setting] = []


def _in_worker(mutant: Mutant) -> Row:
    """Try a mutant in this process, whose region is started once and lives as long as the process."""
    if not _worker_settings:
        setting = Setting()
        _worker_settings.append(setting.__enter__())
        # A server cannot be ended once the interpreter has taken its thread away: end it before.
        Finalize(None, setting.__exit__, args=(None, None, None), exitpriority=1)
    return try_mutant(mutant, _worker_settings[0])


def digests() -> dict[str, str]:
    """Return what a matrix holds for: the checks, rules and mutants as they are now."""
    return {
        "suiteDigest": suite_digest(SUITE),
        "rulesDigest": rules_digest(),
        "mutantsDigest": suite_digest(MUTANTS),
    }


def to_document(rows: Iterable[Row], *, seconds: float, made_with: Mapping[str, str]) -> dict[str, Any]:
    """Return a matrix as JSON values; *made_with* are the `digests` taken before the first mutant was tried."""
    return {
        "schemaVersion": "1.0",
        **made_with,
        "seconds": round(seconds, 1),
        "rows": [asdict(row) | {"exact": row.exact} for row in rows],
    }


def recorded(path: Path = RECORDED) -> dict[str, Any] | None:
    """Return a recorded matrix, or None when there is none; raise `ExaminerError` when it is no such file."""
    try:
        document: dict[str, Any] = orjson.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    except orjson.JSONDecodeError as error:
        raise ExaminerError(f"{path} is not a recorded matrix") from error
    return document


def stale(document: dict[str, Any]) -> bool:
    """Tell whether a recorded matrix was made with other checks, rules or mutants than today's."""
    return any(document.get(key) != value for key, value in digests().items())


def killers(document: dict[str, Any] | None, rule: str) -> list[str]:
    """Return the mutants made for *rule* that a recorded matrix shows to be red exactly where declared."""
    if document is None:
        return []
    return [
        row["name"]
        for row in document["rows"]
        if rule in row["kills"] and rule in row["red"] and row["exact"]
    ]


def select(names: Collection[str]) -> list[Mutant]:
    """Return the mutants called *names*, or all when none is named; raise `ConfigurationError` for an unknown one."""
    known = {mutant.name: mutant for mutant in mutants()}
    unknown = sorted(set(names) - set(known))
    if unknown:
        raise ConfigurationError(f"no such mutant: {', '.join(unknown)}")
    return [known[name] for name in names] if names else list(known.values())

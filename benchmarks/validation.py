"""Validation: entries a second by the contract's own path, by plain jsonschema, and by parsing alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
from anslut_conformance.json_schema import validator
from anslut_contracts import information_types, validation
from anslut_contracts.documents import folder

from benchmarks.report import Section
from benchmarks.timing import microseconds_each

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from benchmarks.measure import Setup


def run(setup: Setup) -> Section:
    """Measure over the contract's valid examples, every information type in turn."""
    entries = [(name, text) for name in information_types() for text in _examples(name)]
    documents = [(name, orjson.loads(text)) for name, text in entries]

    def ours(one: tuple[str, object]) -> None:
        if validation.errors(f"entry:{one[0]}", one[1]):
            raise ValueError("a valid example is refused")

    def parse_and_ours(one: tuple[str, bytes]) -> None:
        ours((one[0], orjson.loads(one[1])))

    def plain(one: tuple[str, Any]) -> None:
        validator(one[0]).validate(one[1])

    def parse(one: tuple[str, bytes]) -> None:
        orjson.loads(one[1])

    def timed(work: Callable[[Any], object], inputs: Sequence[object]) -> float:
        return microseconds_each(work, inputs, seconds=setup.seconds, again=True)

    parsing, checking = timed(parse, entries), timed(ours, documents)
    both, slow = timed(parse_and_ours, entries), timed(plain, documents)
    took = [
        ("parsing alone (orjson)", parsing),
        ("contract's validation", checking),
        ("parsing and contract's validation", both),
        ("plain jsonschema, formats checked", slow),
    ]
    mean = sum(len(text) for _, text in entries) / len(entries)
    return Section(
        title="Validation of entries",
        how=f"{len(entries)} valid examples, mean {mean:.0f} bytes, one thread",
        figures=[(name, 1e6 / each, f"entries/s ({each:.1f} µs each)") for name, each in took],
        notes=[
            f"contract's validation / plain jsonschema: {slow / checking:.0f} × as fast",
            f"parsing and validation / parsing alone: {both / parsing:.1f} × the time",
        ],
    )


def _examples(name: str) -> list[bytes]:
    place = folder(f"examples/v1/{name}/valid")
    texts = [file.read_bytes() for file in place.iterdir() if file.name.endswith(".json")]
    return sorted(text for text in texts if "header" in orjson.loads(text))

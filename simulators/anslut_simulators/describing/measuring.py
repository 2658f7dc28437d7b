"""Counting over a sample, in as many processes as there are cores: the same sample gives the same counts."""

from __future__ import annotations

import multiprocessing
import os
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from typing import TYPE_CHECKING, Final

import msgspec

from anslut_simulators.describing.figures import Told
from anslut_simulators.describing.topic import Subject, Tally, Topic, topics
from anslut_simulators.population import default_population
from anslut_simulators.population.people import Stratum
from anslut_simulators.population.printing import named

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

_STRETCH: Final = 1000
_ASKED: Final = "asked"
_LABEL: Final = "describe"


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """The first *persons* of a stratum, in one region or all, in an order that never changes."""

    persons: int
    stratum: Stratum = "scale"
    region: str | None = None


class _Stretch(msgspec.Struct, frozen=True, kw_only=True):
    """A part of the sample, and the topics to count over it."""

    first: int
    last: int
    stratum: Stratum
    region: str | None
    names: tuple[str, ...]


Counted = dict[str, tuple[Tally, float]]
"""Each topic's counts, and the CPU seconds they took."""


def measure(
    sample: Sample,
    *,
    only: Sequence[str] = (),
    processes: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> list[Told]:
    """Return what every topic tells of *sample*, or those named in *only*.

    *progress* is told how many of how many parts are done. Raise `LookupError` for an unknown topic or region.
    """
    chosen = [named(name, topics(), "topic") for name in only] or list(topics().values())
    if sample.region is not None:
        named(sample.region, default_population().regions, "region")
    kept = [topic for topic in chosen if topic.is_kept]
    tallies: dict[str, tuple[Tally, float]] = {topic.name: (Tally(), 0.0) for topic in kept}
    stretches = list(_stretches(sample, kept))
    for done, counted in enumerate(_counted(stretches, processes or os.cpu_count() or 1), start=1):
        for name, (tally, seconds) in counted.items():
            known, before = tallies[name]
            known.update(tally)
            tallies[name] = (known, before + seconds)
        if progress is not None:
            progress(done, len(stretches))
    return [_told(topic, *tallies[topic.name], sample) for topic in kept]


def not_kept(only: Sequence[str] = ()) -> list[Topic]:
    """Return the topics that no source system has anything to tell of."""
    return [topic for topic in topics().values() if not topic.is_kept and (not only or topic.name in only)]


def _told(topic: Topic, tally: Tally, seconds: float, sample: Sample) -> Told:
    return Told(
        name=topic.name,
        title=topic.title,
        people=tally.pop((_ASKED,), 0),
        stratum=topic.stratum or sample.stratum,
        seconds=round(seconds, 1),
        figures=tuple(topic.figures(tally)),
    )


def _stretches(sample: Sample, chosen: Sequence[Topic]) -> Iterable[_Stretch]:
    """Yield the parts, those with most topics first: the last ones to finish should be short."""
    strata: tuple[Stratum, ...] = ("official", "scale")
    for stratum in strata:
        mine = [topic for topic in chosen if (topic.stratum or sample.stratum) == stratum]
        for first in range(0, sample.persons, _STRETCH):
            last = min(first + _STRETCH, sample.persons)
            names = tuple(topic.name for topic in mine if first < topic.people)
            if names:
                yield _Stretch(first=first, last=last, stratum=stratum, region=sample.region, names=names)


def _counted(stretches: Sequence[_Stretch], processes: int) -> Iterable[Counted]:
    if processes == 1 or len(stretches) == 1:
        yield from map(_count, stretches)
        return
    # Fresh processes, not forks: the progress bar has a thread of its own.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(processes, len(stretches)), mp_context=context) as pool:
        for future in as_completed([pool.submit(_count, stretch) for stretch in stretches]):
            yield future.result()


def _count(stretch: _Stretch) -> Counted:
    population = default_population()
    now = population.world.clock_start
    chosen = [topics()[name] for name in stretch.names]
    found: Counted = {topic.name: (Tally(), 0.0) for topic in chosen}
    tallies = {topic.name: found[topic.name][0] for topic in chosen}
    spent = dict.fromkeys(tallies, 0.0)
    places = range(stretch.first, stretch.last)
    for person in population.stretch(places, region=stretch.region, stratum=stretch.stratum, label=_LABEL):
        if person.birth_date > now.date():
            continue
        subject = Subject(population, person, now)
        for topic in chosen:
            before = time.process_time()
            topic.count(subject, tallies[topic.name])
            tallies[topic.name][_ASKED,] += 1
            spent[topic.name] += time.process_time() - before
    return {name: (tally, spent[name]) for name, tally in tallies.items()}

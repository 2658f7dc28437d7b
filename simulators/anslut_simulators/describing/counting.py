"""Turning counts into shares, means and percentiles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anslut_simulators.describing.figures import Bar, Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from anslut_simulators.describing.figures import Published
    from anslut_simulators.describing.topic import Tally


def share(
    tally: Tally, part: tuple[str | int, ...], whole: int, label: Text, *, beside: Published | None = None
) -> Bar:
    """Return a bar that says how many percent of *whole* the count *part* is; none of nothing is 0."""
    value = 100 * tally[part] / whole if whole else 0.0
    return Bar(label=label, value=round(value, 2), count=whole, published=beside)


def counts_under(tally: Tally, *head: str | int) -> dict[str | int, int]:
    """Return the counts whose keys are *head* and one thing more, by that thing."""
    size = len(head)
    return {key[size]: count for key, count in tally.items() if len(key) == size + 1 and key[:size] == head}


def percentile(counts: dict[int, int], percent: int) -> int:
    """Return the value below which *percent* of the counted lie (nearest rank); raise `ValueError` for none."""
    whole = sum(counts.values())
    if not whole:
        raise ValueError("nothing was counted")
    wanted, seen = max(1, -(-whole * percent // 100)), 0
    for value in sorted(counts):
        seen += counts[value]
        if seen >= wanted:
            return value
    raise AssertionError("the counts changed while they were read")


def numbers_under(tally: Tally, *head: str | int) -> dict[int, int]:
    """Return the counts of whole numbers under *head*, by the number."""
    return {int(value): count for value, count in counts_under(tally, *head).items()}


def mean(counts: dict[int, int]) -> float:
    """Return the mean of the counted numbers; 0 of nothing."""
    whole = sum(counts.values())
    return sum(value * count for value, count in counts.items()) / whole if whole else 0.0


def age_band(age: int, starts: Sequence[int]) -> int:
    """Return the last of the rising *starts* that *age* has reached."""
    return max(start for start in starts if start <= age)


def band_text(start: int, starts: Sequence[int]) -> Text:
    """Return the name of the band of ages that begins at *start*."""
    after = [other for other in starts if other > start]
    if not after:
        return Text(f"{start} år och äldre", f"{start} and over")
    last = after[0] - 1
    span = f"{start}" if last == start else f"{start}–{last}"
    return Text(f"{span} år", f"{span} years")

"""What a topic tells: bars and curves, each beside the published figure where there is one."""

from __future__ import annotations

import msgspec


class Text(msgspec.Struct, frozen=True):
    """The same words in Swedish and English."""

    sv: str
    en: str


class Published(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A figure to compare with: *basis* says how sure it is, *source* where it comes from.

    *basis* is published, sourced, memory, estimate or invented; *about* says how it differs from what is counted here.
    """

    value: float
    basis: str
    source: str
    about: Text | None = None


class Bar(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One *value* found among *count* persons, entries or measurements, and what it should be near.

    *count* is None where the value is not a share of so many and has no sampling error to speak of.
    """

    label: Text
    value: float
    count: int | None = None
    published: Published | None = None


class Bars(msgspec.Struct, frozen=True, kw_only=True, tag="bars", omit_defaults=True):
    """Values under each other, all in *unit* (`%`, `kg`, …) with so many *decimals*."""

    title: Text
    unit: str
    bars: tuple[Bar, ...]
    decimals: int = 1
    note: Text | None = None


class Line(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A curve of points (x, y); *published* ones are references, drawn behind the found ones."""

    label: Text
    points: tuple[tuple[float, float], ...]
    published: bool = False


class Curves(msgspec.Struct, frozen=True, kw_only=True, tag="curves", omit_defaults=True):
    """Curves in one diagram; *basis* and *source* tell about the published ones."""

    title: Text
    across: Text
    up: Text
    lines: tuple[Line, ...]
    basis: str
    source: str
    note: Text | None = None


Figure = Bars | Curves


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """A topic's answer: over how many *people* of which *stratum* it was counted, in how many CPU *seconds*."""

    name: str
    title: Text
    people: int
    stratum: str
    seconds: float
    figures: tuple[Figure, ...]


def is_off(bar: Bar, unit: str) -> bool:
    """Tell whether *bar* differs from the published figure by more than both chance and a tenth of it.

    Of a share, a tenth of what is the smaller: the share or the rest.
    """
    if bar.published is None:
        return False
    gap, size, chance = abs(bar.value - bar.published.value), abs(bar.published.value), 0.0
    if unit == "%" and bar.count:
        share = min(max(bar.published.value / 100, 0.0), 1.0)
        chance = 200 * (share * (1 - share) / bar.count) ** 0.5
        size = 100 * min(share, 1 - share)
    return gap > max(chance, size / 10)

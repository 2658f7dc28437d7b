"""How a delivery went: when, how, how long, and what the mother had to bear; all from the pregnancy's own draws."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, cast

import msgspec

from anslut_simulators.histories.calendar import DAY, wall_day
from anslut_simulators.population.draws import below
from anslut_simulators.population.tables import read_table
from anslut_simulators.truth.maternity_records import Mode

if TYPE_CHECKING:
    from anslut_simulators.histories.maternity_pregnancies import Child, Pregnancy

FEEDS: Final = 92
STILL_FEEDS: Final = 78
"""How many of a hundred mothers breastfeed at the ward, and two months later."""

_PER_MILLE: Final = 1000
_FRIDAY: Final = 5
_MINUTE: Final = 60
_HOUR: Final = 3600
_NO_HOUR: Final = 2
"""Nobody is born between two and three, an hour that may be missing or come twice."""

_QUICK, _LONG = 180, 720
"""Labour that is told of as quick is shorter than this, as long longer; in minutes."""

_RIPENS: Final = 180
"""It takes so many minutes at least until an induction leads to labour."""


class Delivery(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """*at* is when the first child was born (wall seconds), *minutes* how long labour was, 0 without labour.

    *called* is the second of the day that she is asked to come at when she is induced.
    """

    at: int
    mode: Mode
    minutes: int
    blood_loss: int
    tear: int | None
    analgesia: tuple[str, ...]
    induced: bool
    called: int
    flags: frozenset[str]
    children_at: tuple[int, ...]

    @property
    def is_section(self) -> bool:
        """Whether it was a caesarean."""
        return self.mode in {"planerat kejsarsnitt", "akut kejsarsnitt"}

    @property
    def began(self) -> int:
        """When she came to the delivery ward, in wall seconds; for an induction in the daytime before."""
        if self.induced:
            latest = self.at - (self.minutes + _RIPENS) * _MINUTE
            return (latest - self.called) // DAY * DAY + self.called
        came = self.at - max(40, self.minutes * 3 // 4) * _MINUTE
        return came - _HOUR if came % DAY // _HOUR == _NO_HOUR else came


def _mode(pregnancy: Pregnancy) -> Mode:
    table = read_table("maternity.json")
    shares = table["mode_per_mille_twins" if len(pregnancy.children) > 1 else "mode_per_mille"]
    rest = below(pregnancy.went[0], _PER_MILLE)
    for mode, share in shares.items():
        rest -= share
        if rest < 0:
            weekend = wall_day(pregnancy.born * DAY).isoweekday() > _FRIDAY
            early = pregnancy.days < 266  # noqa: PLR2004 - 38+0: none is planned earlier
            if mode == "planerat kejsarsnitt" and (weekend or early):
                return "akut kejsarsnitt" if early else "spontan"
            return cast("Mode", mode)
    return "spontan"


def _clock(pregnancy: Pregnancy, mode: Mode) -> int:
    """Return the second of the day at which the first child was born."""
    if mode == "planerat kejsarsnitt":
        return 8 * 3600 + below(pregnancy.went[1], 300) * _MINUTE
    minute = below(pregnancy.went[1], 1340)
    return (minute + (60 if minute >= _NO_HOUR * 60 else 0)) * _MINUTE


def _analgesia(pregnancy: Pregnancy, mode: Mode) -> tuple[str, ...]:
    if mode == "planerat kejsarsnitt":
        return ("spinalbedövning",)
    table = read_table("maternity.json")["epidural_per_mille"]
    found = ["lustgas"] if below(pregnancy.went[3], 100) < 82 else []  # noqa: PLR2004 - percent
    if below(pregnancy.went[4], _PER_MILLE) < table["forst" if pregnancy.first_time else "om"]:
        found.append("epiduralbedövning")
    elif below(pregnancy.went[5], 100) < 30:  # noqa: PLR2004 - percent
        found.append("bad")
    if mode == "akut kejsarsnitt" and "epiduralbedövning" not in found:
        found.append("spinalbedövning")
    return tuple(found)


def _tear(pregnancy: Pregnancy) -> int:
    rest = below(pregnancy.went[6], _PER_MILLE)
    for degree, share in enumerate(read_table("maternity.json")["tear_per_mille"]):
        rest -= share
        if rest < 0:
            return degree if pregnancy.first_time or degree < 3 else 2  # noqa: PLR2004 - degrees
    return 0


@lru_cache(maxsize=256)
def delivery_of(pregnancy: Pregnancy) -> Delivery:
    """Return how *pregnancy* ended."""
    mode = _mode(pregnancy)
    section = "kejsarsnitt" in mode
    at = pregnancy.born * DAY + _clock(pregnancy, mode)
    longest, shortest = (960, 300) if pregnancy.first_time else (480, 90)
    minutes = 0 if mode == "planerat kejsarsnitt" else shortest + below(pregnancy.went[2], longest - shortest)
    losses = read_table("maternity.json")["blood_loss_ml"]["snitt" if section else "vaginal"]
    analgesia = _analgesia(pregnancy, mode)
    per_mille = read_table("maternity.json")["induced_per_mille"]
    # Nobody is induced before the day, unless there is a reason; after 41 weeks nearly everybody is.
    overdue = pregnancy.days >= 290  # noqa: PLR2004 - 41+3
    induced = (
        mode != "planerat kejsarsnitt"
        and pregnancy.days >= 259  # noqa: PLR2004 - 37+0
        and below(pregnancy.went[7], _PER_MILLE) < (850 if overdue else per_mille)
    )
    flags = {mode, *(analgesia or ("utan",))}
    flags |= {"snitt"} if section else {"vaginal"}
    flags |= {"forst"} if pregnancy.first_time else {"om"}
    if induced:
        flags |= {"igang", f"igang {mode}"}
    elif mode == "spontan" and minutes < _QUICK:
        flags.add("snabbt")
    if minutes > _LONG:
        flags.add("utdraget")
    if len(pregnancy.children) > 1:
        flags.add("tvilling")
    tear = None if section else _tear(pregnancy)
    if tear is not None:
        flags.add(f"bristning{tear}")
    feeds = below(pregnancy.went[13], 100)
    flags |= {"ammar"} if feeds < STILL_FEEDS else set()
    flags |= {"flaska"} if feeds >= FEEDS else set()
    gap = 2 * _MINUTE if section else (5 + below(pregnancy.went[9], 16)) * _MINUTE
    return Delivery(
        at=at,
        mode=mode,
        minutes=minutes,
        blood_loss=losses[below(pregnancy.went[8], len(losses))],
        tear=tear,
        analgesia=analgesia,
        induced=induced,
        called=8 * _HOUR + below(pregnancy.went[14], 85) * 5 * _MINUTE,
        flags=frozenset(flags),
        children_at=tuple(at + gap * place for place in range(len(pregnancy.children))),
    )


def after_birth(at: int, minutes: int) -> int:
    """Return the time so long after *at*, and an hour more when that is between two and three."""
    then = at + minutes * _MINUTE
    return then + _HOUR if then % DAY // _HOUR == _NO_HOUR else then


def apgar(child: Child) -> tuple[int, ...]:
    """Return the Apgar score at one, five and ten minutes; children born early start lower."""
    scores = read_table("maternity.json")["apgar"]
    one, five, ten = scores[below(child.words[0], len(scores))]
    early = child.size.weeks < 34  # noqa: PLR2004 - weeks
    return (max(1, one - 2), max(3, five - 2), max(5, ten - 1)) if early else (one, five, ten)

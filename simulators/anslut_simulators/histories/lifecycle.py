"""What happens to an entry after the visit: written, signed or not, corrected, removed; all as seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import msgspec

from anslut_simulators.histories.calendar import DAY, office_time
from anslut_simulators.population.draws import below

if TYPE_CHECKING:
    from anslut_simulators.population.draws import Section

_NEVER: Final = 1 << 62
_PER_MILLE: Final = 1000

State = Literal["draft", "entered", "removed"]


class LifeCycle(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """When an entry was written, signed, corrected and removed; far beyond time when it never was."""

    entered: int
    finished: int
    signed: int
    corrected: int
    removed: int

    def state(self, now: int) -> State:
        """Return the entry's state at *now*."""
        if now >= self.removed:
            return "removed"
        return "entered" if now >= self.finished else "draft"


def life_cycle(start: int, words: Section) -> LifeCycle:
    """Return the life of an entry about a visit at *start*.

    Of a thousand entries about 50 are never signed, 20 are corrected, 8 are removed and 6 remain drafts.
    """
    entered = start + 600 + below(words[0], 50) * 60
    turn = below(words[1], _PER_MILLE)
    day = start // DAY
    if turn < 50:  # noqa: PLR2004 - per mille, here and below
        signed = _NEVER
    elif turn < 650:  # noqa: PLR2004
        signed = max(entered + 60, day * DAY + 15 * 3600 + below(words[2], 9000))
    elif turn < 900:  # noqa: PLR2004
        signed = _open(day + 1 + below(words[2], 3)) * DAY + 8 * 3600 + below(words[3], 28_000)
    else:
        signed = _open(day + 4 + below(words[2], 10)) * DAY + 8 * 3600 + below(words[3], 28_000)
    odd = below(words[4], _PER_MILLE)
    finished, corrected, removed = entered, _NEVER, _NEVER
    if odd < 6:  # noqa: PLR2004
        finished, signed = _NEVER, _NEVER
    elif odd < 26:  # noqa: PLR2004
        if signed < _NEVER:
            corrected = (
                _open(signed // DAY + 1 + below(words[5], 4)) * DAY + 9 * 3600 + below(words[3], 20_000)
            )
    elif odd < 34:  # noqa: PLR2004
        removed = _open(entered // DAY + 1 + below(words[5], 3)) * DAY + 10 * 3600 + below(words[3], 20_000)
    return LifeCycle(entered=entered, finished=finished, signed=signed, corrected=corrected, removed=removed)


def _open(day: int) -> int:
    """Return *day*, or the next one on which somebody is at work."""
    return office_time(day, 0) // DAY

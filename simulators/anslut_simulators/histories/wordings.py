"""Which wordings suit whom: the mark before `|` says ages and sex.

`v|` is for those of twelve and over, `b|` for younger children. `18-|`, `-17|`, `1-11|` give ages in whole years, both
included; `k` for women or `m` for men may stand before them, or alone: `k50-|`, `m|`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import msgspec

from anslut_simulators.population.identities import Sex

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Sentences = tuple[tuple[str, ...], ...]

CHILD_UNTIL: Final = 12
_OLDEST: Final = 150
_SEXES: Final[dict[str, Sex]] = {"k": "F", "m": "M"}
_MARK: Final = re.compile(r"(?:(v)|(b)|(?=[\dkm-])([km]?)(?:(\d*)-(\d*))?)\|")


class Wording(msgspec.Struct, frozen=True, kw_only=True):
    """One wording, for those from *first* to *last* years of age and of *sex*; None is either."""

    text: str
    first: int = 0
    last: int = _OLDEST
    sex: Sex | None = None

    def suits(self, age: int, sex: Sex) -> bool:
        """Tell whether it can be said of somebody."""
        return self.first <= age <= self.last and self.sex in {None, sex}


@lru_cache(maxsize=8192)
def wording(marked: str) -> Wording:
    """Return *marked* without its mark, and what the mark says."""
    mark = _MARK.match(marked)
    if mark is None:
        return Wording(text=marked)
    text = marked[mark.end() :]
    if mark[1]:
        return Wording(text=text, first=CHILD_UNTIL)
    if mark[2]:
        return Wording(text=text, last=CHILD_UNTIL - 1)
    return Wording(
        text=text, first=int(mark[4] or 0), last=int(mark[5] or _OLDEST), sex=_SEXES.get(mark[3] or "")
    )


def suiting(marked: Iterable[str], age: int, sex: Sex) -> tuple[str, ...]:
    """Return those of the *marked* wordings that suit somebody, without their marks; perhaps none."""
    return tuple(one.text for one in map(wording, marked) if one.suits(age, sex))


class Choices(msgspec.Struct, frozen=True, kw_only=True):
    """Sentences worked out for everybody: at each age of *changes* other wordings begin to suit."""

    changes: tuple[int, ...]
    by_sex: dict[Sex, tuple[Sentences, ...]]

    def to(self, age: int, sex: Sex) -> Sentences:
        """Return the sentences with the wordings that suit; one that has none is left out."""
        place = 0
        for change in self.changes:
            if change > age:
                break
            place += 1
        return self.by_sex[sex][place]


def choices_of(sentences: Sequence[Sequence[str]]) -> Choices:
    """Return *sentences*, each a choice of marked wordings, worked out for everybody."""
    every = [wording(one) for sentence in sentences for one in sentence]
    changes = sorted({one.first for one in every} | {one.last + 1 for one in every} - {0})
    changes = [age for age in changes if 0 < age <= _OLDEST]
    return Choices(
        changes=tuple(changes),
        by_sex={
            sex: tuple(
                tuple(kept for sentence in sentences if (kept := suiting(sentence, age, sex)))
                for age in (0, *changes)
            )
            for sex in _SEXES.values()
        },
    )

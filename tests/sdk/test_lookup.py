"""A code list is fetched when needed, and not more often."""

from __future__ import annotations

import time

import pytest
from anslut import Lookup
from anslut.errors import SourceUnavailableError


class Source:
    """A code list that counts how often it is fetched."""

    def __init__(self) -> None:
        self.rows = {"a": 1}
        self.fetched = 0

    def __call__(self) -> dict[str, int]:
        """Return the list."""
        self.fetched += 1
        return dict(self.rows)


def test_a_list_is_fetched_once_for_many_codes() -> None:
    """Also for a code that is not in it, for a while."""
    source = Source()
    lookup = Lookup(source)

    assert [lookup.get(code) for code in ("a", "a", "b", "b")] == [1, 1, None, None]
    assert source.fetched == 1


def test_a_new_code_is_found_after_a_while() -> None:
    """A unit that opened today is not unknown until tomorrow."""
    source = Source()
    lookup = Lookup(source, least_seconds_between=0.05)
    lookup.get("a")
    source.rows["b"] = 2
    time.sleep(0.06)

    assert lookup.get("b") == 2


def test_an_old_list_is_fetched_anew() -> None:
    """A code may change its meaning."""
    source = Source()
    lookup = Lookup(source, keep_seconds=0.05)
    lookup.get("a")
    source.rows["a"] = 9
    time.sleep(0.06)

    assert lookup.get("a") == 9


def test_a_list_that_cannot_be_fetched_is_not_an_empty_one() -> None:
    """The failure comes through, and the next call tries again."""
    down = [True]

    def load() -> dict[str, int]:
        if down[0]:
            raise SourceUnavailableError("away")
        return {"a": 1}

    lookup = Lookup(load)
    with pytest.raises(SourceUnavailableError):
        lookup.get("a")
    down[0] = False

    assert lookup.get("a") == 1

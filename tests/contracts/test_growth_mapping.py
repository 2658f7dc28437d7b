"""What only growth needs of the codec: partial times, days as moments, and lists of one."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anslut_contracts
import pytest
from anslut_contracts.errors import CodecError
from anslut_contracts.rivta import from_elements, query_from_elements, query_to_elements, to_elements
from lxml import etree

if TYPE_CHECKING:
    from collections.abc import Callable

EXAMPLES = Path(anslut_contracts.__file__).parent / "examples/v1/growth-observations/valid"
CORE = "{urn:riv:clinicalprocess:healthcond:basic:1}"
TYPE = "growth-observations"


def example(name: str) -> dict[str, Any]:
    """Return a valid example."""
    found: dict[str, Any] = json.loads((EXAMPLES / f"{name}.json").read_text("utf-8"))
    return found


def texts(element: etree._Element, *path: str) -> list[str | None]:
    """Return the texts at a path of elements."""
    return [found.text for found in element.findall("/".join(f"{CORE}{step}" for step in path))]


def test_a_time_says_how_exact_it_is() -> None:
    """A consumer must not draw midnight where only the day is known."""
    exact = to_elements(TYPE, example("entry-langd"))
    by_day = to_elements(TYPE, example("entry-huvudomfang-bara-datum"))

    assert texts(exact, "observation", "time", "start", "format") == ["YYYYMMDDhhmmss"]
    assert texts(exact, "observation", "time", "start", "value") == ["20231005103000"]
    assert texts(by_day, "observation", "time", "start", "format") == ["YYYYMMDD"]
    assert texts(by_day, "observation", "time", "start", "value") == ["20120911"]


def test_a_period_is_whole_days() -> None:
    """The contract asks for moments; both days are included."""
    element = query_to_elements(TYPE, example("query-alla-filter") | {"hasMoreReference": []})

    assert [found.text for found in element.iter(f"{CORE}start", f"{CORE}end")] == [
        "20230101000000",
        "20231231235959",
    ]


def test_a_list_of_two_is_refused_where_the_contract_takes_one() -> None:
    """Asking for one unit of two would be an answer with half of what was asked for."""
    query = example("query-alla-filter") | {"hasMoreReference": []}
    query["careUnitIds"] = ["SE2321000999-A1", "SE2321000999-A2"]

    with pytest.raises(CodecError, match="no place for more than one careUnitId, as in /careUnitIds"):
        query_to_elements(TYPE, query)


def put(name: str, text: str, *, at: int = 0) -> Callable[[etree._Element], None]:
    """Return the change that puts *text* into the element *name*, the first or the one counted by *at*."""

    def change(element: etree._Element) -> None:
        list(element.iter(f"{CORE}{name}"))[at].text = text

    return change


def one_more(element: etree._Element) -> None:
    """Put a second observation into the group."""
    element.append(deepcopy(element[-1]))


BROKEN: dict[str, tuple[Callable[[etree._Element], None], str]] = {
    "format of another time": (put("format", "YYYYMMDD", at=1), "does not fit what it describes"),
    "unknown format": (put("format", "YYMMDD", at=2), "does not fit what it describes"),
    "hour without minutes": (put("value", "2023100510", at=1), "cannot be read as moment"),
    "owner of the id": (put("root", "SE2321000999-V9", at=6), "is not what another element says"),
    "two observations": (one_more, "stands more than once"),
}


@pytest.mark.parametrize("name", sorted(BROKEN))
def test_xml_that_contradicts_itself_is_refused(name: str) -> None:
    """What cannot be read surely is not read at all."""
    change, message = BROKEN[name]
    element = etree.fromstring(etree.tostring(to_elements(TYPE, example("entry-langd"))))
    change(element)

    with pytest.raises(CodecError, match=message):
        from_elements(TYPE, element)


@pytest.mark.parametrize("end", ["20231231120000", "20231231", "20231231000000"])
def test_a_period_that_is_not_whole_days_is_refused(end: str) -> None:
    """The contract's periods are days; half of one would be read as a whole."""
    element = query_to_elements(TYPE, example("query-alla-filter") | {"hasMoreReference": []})
    put("end", end)(element)

    with pytest.raises(CodecError, match="cannot be read as dayEnd"):
        query_from_elements(TYPE, element)

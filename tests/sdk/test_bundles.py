"""Reading FHIR Bundles: all pages or an error, and never anywhere but at the source."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest
from anslut.errors import SourceDataError
from anslut.source.bundles import bundle_entries

if TYPE_CHECKING:
    from collections.abc import Mapping

    from anslut import SourceClient

BASE = "https://journal.example/s/prov/natal"


class Pages:
    """A source that answers with given documents by path."""

    base_url = BASE
    source = "SE2321000999-N001"

    def __init__(self, pages: Mapping[str, Any]) -> None:
        self.pages = pages
        self.asked: list[tuple[str, object]] = []

    def get(self, path: str, *, params: object = None) -> Any:
        """Return the document at *path*."""
        self.asked.append((path, params))
        return self.pages[path]


def bundle(*ids: str, following: str | None = None, kind: str = "searchset", **more: Any) -> dict[str, Any]:
    """Return a page."""
    found: dict[str, Any] = {
        "resourceType": "Bundle",
        "type": kind,
        "link": [{"relation": "self", "url": "x"}],
    }
    if ids:
        found["entry"] = [{"resource": {"id": one}} for one in ids]
    if following is not None:
        found["link"].append({"relation": "next", "url": following})
    return {**found, **more}


def read(pages: Mapping[str, Any], **more: Any) -> list[str]:
    """Return the ids of all entries at /fhir/X."""
    source = cast("SourceClient", Pages(pages))
    return [entry["resource"]["id"] for entry in bundle_entries(source, "/fhir/X", **more)]


@pytest.mark.parametrize("link", [f"{BASE}/fhir/X?p=2", "/s/prov/natal/fhir/X?p=2", "X?p=2", "?p=2"])
def test_all_pages_are_read_however_their_links_are_written(link: str) -> None:
    """A link may be whole, or relative to the page."""
    assert read({"/fhir/X": bundle("1", "2", following=link), "/fhir/X?p=2": bundle("3")}) == ["1", "2", "3"]


def test_parameters_are_sent_once() -> None:
    """The next link has its own."""
    pages = Pages({"/fhir/X": bundle("1", following="?p=2"), "/fhir/X?p=2": bundle()})
    list(bundle_entries(cast("SourceClient", pages), "/fhir/X", params={"_count": 10}))

    assert pages.asked == [("/fhir/X", {"_count": 10}), ("/fhir/X?p=2", None)]


@pytest.mark.parametrize(
    "link",
    [
        "https://annan.example/s/prov/natal/fhir/X?p=2",
        "http://journal.example/s/prov/natal/fhir/X?p=2",
        "https://journal.example:8443/s/prov/natal/fhir/X?p=2",
        "https://journal.example@annan.example/s/prov/natal/fhir/X",
        "//annan.example/fhir/X",
        "https://journal.example/s/annan/natal/fhir/X",
        "https://journal.example/s/prov/natalie/fhir/X",
        "file:///etc/passwd",
        "javascript:alert(1)",
    ],
)
def test_a_link_away_from_the_source_is_refused(link: str) -> None:
    """The token would go with it."""
    with pytest.raises(SourceDataError, match="leads away"):
        read({"/fhir/X": bundle("1", following=link)})


def test_a_circle_is_refused() -> None:
    """To itself, or by way of another page."""
    with pytest.raises(SourceDataError, match="circles"):
        read({"/fhir/X": bundle("1", following="?p=2"), "/fhir/X?p=2": bundle("2", following="?p=2")})
    with pytest.raises(SourceDataError, match="circles"):
        read(
            {
                "/fhir/X": bundle("1", following="?p=2"),
                "/fhir/X?p=2": bundle(following="?p=3"),
                "/fhir/X?p=3": bundle(following="?p=2"),
            }
        )


def test_a_list_without_end_is_refused() -> None:
    """By its pages, and by its entries."""
    endless = {"/fhir/X": bundle("0", following="?p=0")} | {
        f"/fhir/X?p={number}": bundle(str(number), following=f"?p={number + 1}") for number in range(50)
    }
    with pytest.raises(SourceDataError, match="no end"):
        read(endless, most_pages=20)
    with pytest.raises(SourceDataError, match="no end"):
        read(endless, most_entries=20)


@pytest.mark.parametrize(
    "page",
    [
        [],
        None,
        "Bundle",
        {"resourceType": "OperationOutcome"},
        bundle(kind="history"),
        bundle(entry={"resource": {}}),
        bundle(entry=["text"]),
        bundle(link={"next": "x"}),
        bundle(link=["x"]),
        bundle(link=[{"relation": "next"}]),
        bundle(link=[{"relation": "next", "url": 7}]),
        bundle(link=[{"relation": "next", "url": "?a"}, {"relation": "next", "url": "?b"}]),
    ],
)
def test_what_is_no_page_is_refused(page: Any) -> None:
    """A half list is never taken for a whole."""
    with pytest.raises(SourceDataError):
        read({"/fhir/X": page})

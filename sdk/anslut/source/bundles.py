"""Reading FHIR Bundles: a searchset's or a history's pages, from the first to the last, or an error."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from anslut.errors import SourceDataError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from anslut.source.client import SourceClient

_MOST_PAGES = 10_000
_MOST_RESOURCES = 1_000_000


def bundle_entries(  # noqa: PLR0913 - what a search depends on, named at the call
    source: SourceClient,
    path: str,
    *,
    params: Mapping[str, str | int] | None = None,
    kind: str = "searchset",
    most_pages: int = _MOST_PAGES,
    most_entries: int = _MOST_RESOURCES,
) -> Iterator[dict[str, Any]]:
    """Yield the entries of all pages of the Bundle at *path*, in the server's order.

    Links to the next page are followed below the source's own address only: a token must not be carried
    anywhere else. Raise `SourceDataError` when a page is no Bundle of *kind*, when the pages go round in
    circles or have no end, and when a link leads away from the source; a page that cannot be had raises too,
    so that no half list is taken for a whole.
    """
    base = f"{source.base_url}/"
    seen: set[str] = set()
    asked: Mapping[str, str | int] | None = params
    count = 0
    for _ in range(most_pages):
        page = source.get(path, params=asked)
        for entry in _entries(page, kind, source=source.source):
            count += 1
            if count > most_entries:
                raise SourceDataError("the source's list has no end", source=source.source)
            yield entry
        link = next_link(page, source=source.source)
        if link is None:
            return
        here = source.base_url + path
        seen |= {urljoin(here, own) for own in _links(page, "self", source=source.source)}
        address = urljoin(here, link)
        if not address.startswith(base):
            raise SourceDataError("a page of the source's list leads away from it", source=source.source)
        if address in seen:
            raise SourceDataError("the source's list goes round in circles", source=source.source)
        seen.add(address)
        path, asked = address[len(source.base_url) :], None
    raise SourceDataError("the source's list has no end", source=source.source)


def next_link(page: Mapping[str, Any], *, source: str) -> str | None:
    """Return the address of the page after *page*, or None when it is the last."""
    found = _links(page, "next", source=source)
    if len(found) > 1:
        raise SourceDataError("a page of the source's list has more than one next page", source=source)
    return found[0] if found else None


def _links(page: Mapping[str, Any], relation: str, *, source: str) -> list[str]:
    links = page.get("link", [])
    if not isinstance(links, list) or not all(isinstance(link, dict) for link in links):
        raise SourceDataError("a page of the source's list has links that are none", source=source)
    found = [link.get("url") for link in links if link.get("relation") == relation]
    if not all(isinstance(url, str) for url in found):
        raise SourceDataError("a page of the source's list has a link that leads nowhere", source=source)
    return found


def _entries(page: Any, kind: str, *, source: str) -> list[dict[str, Any]]:  # noqa: ANN401 - plain JSON
    if not isinstance(page, dict) or page.get("resourceType") != "Bundle" or page.get("type") != kind:
        raise SourceDataError(f"the source's answer is not a Bundle of type {kind}", source=source)
    entries = page.get("entry", [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise SourceDataError("a Bundle's entries are not what they should be", source=source)
    return entries

"""What a JSON Schema cannot say of an update of the engagement index."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from anslut_contracts import identity, time_form
from anslut_contracts.breach import Breach
from anslut_contracts.errors import IdentityError, LocalTimeError
from anslut_contracts.types import information_types

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["engagement_errors"]

_SAME = (
    "registeredResidentIdentification",
    "serviceDomain",
    "categorization",
    "sourceSystem",
    "dataController",
)
_FIRST_COORDINATION_DAY = 60


def engagement_errors(update: dict[str, Any]) -> Iterator[Breach]:
    """Yield what is wrong in *update*, which its schema accepts; nothing quotes what is in it."""
    seen: set[tuple[str, ...]] = set()
    for place, transaction in enumerate(update["transactions"]):
        engagement, path = transaction["engagement"], f"/transactions/{place}/engagement"
        yield from _person(engagement, path)
        if (engagement["serviceDomain"], engagement["categorization"]) not in _categories():
            yield Breach(
                path=f"{path}/categorization",
                rule="index-category",
                message="must be the category of an information type in its service domain",
            )
        if engagement["logicalAddress"] != engagement["sourceSystem"]:
            yield Breach(
                path=f"{path}/logicalAddress",
                rule="logical-address-is-source-system",
                message="must be the same as sourceSystem",
            )
        yield from _latest(engagement, path)
        key = tuple(engagement[name] for name in _SAME)
        if key in seen:
            yield Breach(path=path, rule="unique-engagement", message="must stand only once")
        seen.add(key)


def _person(engagement: dict[str, Any], path: str) -> Iterator[Breach]:
    number = engagement["registeredResidentIdentification"]
    coordination = int(number[6:8]) >= _FIRST_COORDINATION_DAY
    try:
        identity.parse(identity.SAMORDNINGSNUMMER if coordination else identity.PERSONNUMMER, number)
    except IdentityError as error:
        yield Breach(
            path=f"{path}/registeredResidentIdentification",
            rule=f"identity-{error.rule}",
            message="does not have the form of its series",
        )


def _latest(engagement: dict[str, Any], path: str) -> Iterator[Breach]:
    try:
        if (latest := engagement.get("mostRecentContent")) is not None:
            time_form.from_local(latest)
    except LocalTimeError:
        yield Breach(
            path=f"{path}/mostRecentContent", rule="local-time", message="must be a time in Stockholm"
        )


@cache
def _categories() -> frozenset[tuple[str, str]]:
    return frozenset((known.service_domain, known.index_category) for known in information_types().values())

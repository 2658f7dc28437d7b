"""The search parameters that Natal takes; an unknown, repeated or misspelt one is an error, never ignored."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl

from anslut_simulators.natal.outcome import outcome

if TYPE_CHECKING:
    from collections.abc import Mapping

_USUAL: Final = 50
_MOST: Final = 200
_HIGHEST: Final = 1 << 53
_KEY: Final = re.compile(r"(?:Patient/)?([A-Za-z0-9.-]{1,64})\Z")
_PREFIX: Final = re.compile(r"(eq|ge|gt|le|lt)?(.*)\Z", re.DOTALL)
_FORM: Final = "application/x-www-form-urlencoded"
DOCUMENTS: Final = frozenset({"Composition", "Observation"})
BESIDE: Final = frozenset({"Condition", "Encounter", "EpisodeOfCare", "Procedure", "Provenance"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Which resources: of *types*, last updated in [*since*, *until*) (UTC, ISO 8601), *at_most* to a page."""

    types: frozenset[str]
    patient: str | None = None
    since: str | None = None
    until: str | None = None
    at_most: int = _USUAL
    page: str | None = None
    with_acts: bool = False

    @property
    def binding(self) -> str:
        """What a page's token belongs to, beside whose it is."""
        types = ",".join(sorted(self.types))
        return f"{types}|{self.since}|{self.until}|{self.at_most}|{self.with_acts}"


@lru_cache(maxsize=256)
def read_search(kind: str, text: str) -> Query:
    """Read the parameters of a search for resources of *kind*."""
    given = _read(text, "patient", "subject", "_lastUpdated", "_count", "_page", "_revinclude")
    patient = given.get("patient", given.get("subject"))
    if patient is None or ("patient" in given and "subject" in given):
        raise _invalid("Ange patient, en gång, som id")
    key = _KEY.match(patient)
    if key is None:
        raise _invalid("patient ska vara ett id: Patient/…")
    if given.get("_revinclude", "Provenance:target") != "Provenance:target":
        raise _invalid("_revinclude kan bara vara Provenance:target")
    since, until = _span(given.get("_lastUpdated"))
    return Query(
        types=frozenset({kind}),
        patient=key[1],
        since=since,
        until=until,
        at_most=_count(given),
        page=given.get("_page"),
        with_acts="_revinclude" in given,
    )


@lru_cache(maxsize=256)
def read_everything(text: str) -> Query:
    """Read the parameters of `$everything`."""
    given = _read(text, "_type", "_since", "_count", "_page")
    types = frozenset(given["_type"].split(",")) if "_type" in given else DOCUMENTS | BESIDE | {"Patient"}
    if not types <= DOCUMENTS | BESIDE | {"Patient", "Organization"}:
        raise _invalid("_type: en resurstyp som Natal inte har")
    since = _moment(given["_since"])[0] if "_since" in given else None
    return Query(types=types, since=since, at_most=_count(given), page=given.get("_page"))


@lru_cache(maxsize=256)
def read_history(text: str) -> tuple[int, int]:
    """Read the parameters of the change feed: the number after which, and how many at most."""
    given = _read(text, "_after", "_count")
    return _number(given.get("_after", "0"), "_after", lowest=0, highest=_HIGHEST), _count(given)


def read_form(body: bytes, content_type: str) -> str:
    """Return the form of a POST search as the text of a query; raise 415 and 400 for anything else."""
    media_type, _, parameters = content_type.partition(";")
    charset = parameters.partition("charset=")[2].strip().strip('"').lower()
    if media_type.strip().lower() != _FORM or charset not in {"", "utf-8"}:
        raise outcome(415, "not-supported", f"En sökning med POST skickas som {_FORM} i UTF-8")
    try:
        return body.decode("ascii")
    except ValueError:
        raise _invalid("Formuläret kan inte läsas") from None


def read_identifier(text: str) -> tuple[str, str]:
    """Return system and value of the one `identifier` in a search for a person."""
    given = _read(text, "identifier", "_count")
    system, bar, value = given.get("identifier", "").partition("|")
    if not bar or not system or not value:
        raise _invalid("Ange identifier som system|värde")
    return system, value


def _read(text: str, *allowed: str) -> Mapping[str, str]:
    try:
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=20) if text else []
    except ValueError:
        raise _invalid("Parametrarna kan inte läsas") from None
    pairs = [pair for pair in pairs if pair != ("_format", "json")]
    given = dict(pairs)
    if len(given) < len(pairs) or not given.keys() <= set(allowed):
        raise _invalid(f"Tillåtna parametrar, högst en gång var: {', '.join(allowed)}")
    return given


def _span(text: str | None) -> tuple[str | None, str | None]:
    if text is None:
        return None, None
    match = _PREFIX.match(text)
    prefix, value = (match[1] or "eq", match[2]) if match else ("eq", text)
    first, after = _moment(value)
    return {
        "eq": (first, after),
        "ge": (first, None),
        "gt": (after, None),
        "le": (None, after),
        "lt": (None, first),
    }[prefix]


def _moment(text: str) -> tuple[str, str]:
    """Return the first moment of *text* (a date, or an instant with offset) and the first after it, in UTC."""
    try:
        if len(text) == len("2023-01-01"):
            first = datetime.combine(date.fromisoformat(text), datetime.min.time(), tzinfo=UTC)
            after = first + timedelta(days=1)
        else:
            first = datetime.fromisoformat(text.replace(" ", "+"))
            after = first + timedelta(seconds=1)
        if first.tzinfo is None:
            raise _invalid("En tidpunkt ska ha en tidszon")
        return _utc(first), _utc(after)
    except (ValueError, OverflowError):
        raise _invalid("En tidpunkt skrivs ÅÅÅÅ-MM-DD eller med klockslag och tidszon") from None


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC).replace(tzinfo=None, microsecond=0).isoformat()}Z"


def _count(given: Mapping[str, str]) -> int:
    return _number(given.get("_count", str(_USUAL)), "_count", lowest=1, highest=_MOST)


def _number(text: str, name: str, *, lowest: int, highest: int) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 16 and lowest <= int(text) <= highest):  # noqa: PLR2004 - digits of the highest
        raise _invalid(f"{name} ska vara ett heltal, {lowest}-{highest}")
    return int(text)


def _invalid(text: str) -> Exception:
    return outcome(400, "invalid", text)

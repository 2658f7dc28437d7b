"""The region profile: what provably varies between regions, from a TOML file, as frozen values."""

from __future__ import annotations

import hashlib
import json
import tomllib
import unicodedata
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from anslut_contracts.documents import folder
from anslut_contracts.errors import ProfileError
from anslut_contracts.validation import errors

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "AgeFramework",
    "ExcludedConsumer",
    "ExcludedKeyword",
    "ExcludedTemplate",
    "ExcludedUnit",
    "NotDelivered",
    "RegionProfile",
    "Rollout",
    "VisibleFrom",
    "load_profile",
    "profile_names",
    "same_term",
]

_ANY = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class AgeFramework:
    """Ages in years that hold from *valid_from*: own access, and until when a guardian has it."""

    valid_from: date
    own_age: int
    guardian_until_age: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VisibleFrom:
    """Entries of *type* in *system* are shown from *date*; `*` is any."""

    system: str
    type: str
    date: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollout:
    """*unit* shows entries of *type* from *from_date*; `*` is any."""

    unit: str
    type: str
    from_date: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ExcludedKeyword:
    """A keyword (sökord) in *system* whose whole subtree is excluded."""

    system: str
    term: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExcludedTemplate:
    """A template (mall) in *system* whose entries are excluded as a whole."""

    system: str
    template: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExcludedUnit:
    """A care unit whose entries are excluded as a whole."""

    hsa_id: str
    sv: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExcludedConsumer:
    """A consumer that gets no entries, whoever they are about."""

    hsa_id: str
    sv: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NotDelivered:
    """A subtype that *system* does not deliver, and why."""

    system: str
    type: str
    subtype: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionProfile:
    """One region's choices. Lookups compare terms as `same_term` does; `*` as system is every system."""

    name: str
    sv: str
    direct_access: bool
    show_unsigned: bool
    respite_days: int
    frameworks: tuple[AgeFramework, ...]
    effects: Mapping[str, str]
    visible_from: tuple[VisibleFrom, ...]
    rollout: tuple[Rollout, ...]
    excluded_keywords: tuple[ExcludedKeyword, ...]
    excluded_templates: tuple[ExcludedTemplate, ...]
    excluded_units: tuple[ExcludedUnit, ...]
    excluded_consumers: tuple[ExcludedConsumer, ...]
    not_delivered: tuple[NotDelivered, ...]
    deliver_linked_identities: bool
    document: Mapping[str, Any] = field(repr=False)

    def digest(self) -> str:
        """Return the SHA-256 in hexadecimal of the profile's `canonical` bytes."""
        return hashlib.sha256(self.canonical()).hexdigest()

    def canonical(self) -> bytes:
        """Return the profile as canonical JSON in UTF-8: sorted keys, no white space.

        A connector in any language is given a file with exactly these bytes: it needs no TOML reader, and its
        digest is that of the file.
        """
        return json.dumps(self.document, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()

    def keyword_reason(self, system: str, term: str) -> str | None:
        """Return why the keyword *term* is excluded in *system*, or None when it is not."""
        for keyword in self.excluded_keywords:
            if keyword.system in (_ANY, system) and same_term(keyword.term, term):
                return keyword.reason
        return None

    def template_reason(self, system: str, template: str) -> str | None:
        """Return why entries made from *template* in *system* are excluded, or None when they are not."""
        for excluded in self.excluded_templates:
            if excluded.system in (_ANY, system) and same_term(excluded.template, template):
                return excluded.reason
        return None

    def unit_reason(self, hsa_id: str) -> str | None:
        """Return why the care unit's entries are excluded, or None when they are not."""
        return next((unit.reason for unit in self.excluded_units if unit.hsa_id == hsa_id), None)

    def excludes_consumer(self, hsa_id: str) -> bool:
        """Say whether the consumer of that HSA-id, in any letter case, gets no entries."""
        return any(consumer.hsa_id.upper() == hsa_id.upper() for consumer in self.excluded_consumers)


def same_term(one: str, other: str) -> bool:
    """Say whether two keywords or templates are the same: letter case, white space and Unicode form aside."""
    return _term(one) == _term(other)


def profile_names() -> tuple[str, ...]:
    """Return the names of the profiles that come with this package, sorted."""
    names = (child.name for child in folder("profiles").iterdir())
    return tuple(sorted(name.removesuffix(".toml") for name in names if name.endswith(".toml")))


def load_profile(path_or_name: str | Path) -> RegionProfile:
    """Return the profile in the TOML or JSON file at a path, or the one of that name that comes with us.

    Raise `ProfileError`, saying where in the file, when there is none or it does not follow its schema.
    """
    try:
        if str(path_or_name) in profile_names():
            text = (folder("profiles") / f"{path_or_name}.toml").read_text(encoding="utf-8")
        else:
            text = Path(path_or_name).read_text(encoding="utf-8")
        is_json = str(path_or_name).endswith(".json")
        document = json.loads(text) if is_json else _plain(tomllib.loads(text))
    except OSError:
        known = ", ".join(profile_names())
        raise ProfileError(
            f"no region profile {str(path_or_name)!r}; give a path, or one of: {known}"
        ) from None
    except ValueError as error:
        raise ProfileError(
            f"region profile {str(path_or_name)!r} is neither TOML nor JSON: {error}"
        ) from error
    if found := errors("profile", document):
        places = "; ".join(f"{error.path or '/'} {error.message}" for error in found)
        raise ProfileError(f"region profile {str(path_or_name)!r}: {places}")
    return _profile(document)


def _profile(document: dict[str, Any]) -> RegionProfile:
    def each(key: str) -> list[dict[str, Any]]:
        return [dict(item) for item in document.get(key, ())]

    return RegionProfile(
        name=document["name"],
        sv=document["sv"],
        direct_access=document["direct_access"],
        show_unsigned=document["show_unsigned"],
        respite_days=document["respite_days"],
        frameworks=tuple(
            AgeFramework(**{**item, "valid_from": date.fromisoformat(item["valid_from"])})
            for item in each("framework")
        ),
        effects=dict(document["effects"]),
        visible_from=tuple(
            VisibleFrom(**{**item, "date": date.fromisoformat(item["date"])}) for item in each("visible_from")
        ),
        rollout=tuple(
            Rollout(unit=item["unit"], type=item["type"], from_date=date.fromisoformat(item["from"]))
            for item in each("rollout")
        ),
        excluded_keywords=tuple(ExcludedKeyword(**item) for item in each("excluded_keywords")),
        excluded_templates=tuple(ExcludedTemplate(**item) for item in each("excluded_templates")),
        excluded_units=tuple(ExcludedUnit(**item) for item in each("excluded_units")),
        excluded_consumers=tuple(ExcludedConsumer(**item) for item in each("excluded_consumers")),
        not_delivered=tuple(NotDelivered(**item) for item in each("not_delivered")),
        deliver_linked_identities=document["linked_identities"]["deliver"],
        document=document,
    )


def _term(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def _plain(value: Any) -> Any:  # noqa: ANN401 - TOML of any shape
    """Return TOML values as JSON values: dates become text."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value

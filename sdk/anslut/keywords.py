"""Notes written under keywords (sökord), and what of them the resident must not see.

A record system keeps a note as a tree of keywords with text. The region's profile names the keywords,
templates and units whose information is excluded, each with one of four reasons (or `unit`). What is excluded
never stands in an approved entry: neither its text, nor its heading, nor anything below it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING

from anslut_contracts.profile import same_term

from anslut.errors import SourceDataError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from anslut_contracts.profile import RegionProfile

FLAG = "flag"
_DEEPEST = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyword:
    """A keyword, its text if any, and the keywords below it."""

    term: str
    text: str | None = field(default=None, repr=False)
    children: tuple[Keyword, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class KeywordNote:
    """A note as the record system keeps it: *unit* is an HSA-id, *system* its name in region profiles."""

    id: str
    system: str
    keywords: tuple[Keyword, ...]
    template: str | None = None
    title: str | None = field(default=None, repr=False)
    unit: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Exclusion:
    """Why something is excluded, and what the profile wants done: `flag` delivers it as not approved."""

    reason: str
    effect: str

    @property
    def is_delivered(self) -> bool:
        """Whether it is delivered, with `approvedForPatient` false, rather than withheld."""
        return self.effect == FLAG


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of a note that becomes an entry of its own.

    `document_id` stays the same for as long as the note has this part. `reason` is `None` in the
    approved part.
    """

    document_id: str
    approved: bool
    reason: str | None
    title: str | None = field(repr=False)
    keywords: tuple[Keyword, ...]

    @property
    def text(self) -> str:
        """Headings and texts, one to a line, in the note's order; empty when nothing is written."""
        return "\n".join(_lines(self.keywords))


def exclusion_of(
    profile: RegionProfile,
    system: str,
    *,
    keyword: str | None = None,
    template: str | None = None,
    unit: str | None = None,
) -> Exclusion | None:
    """Return why an entry under *keyword*, in *template*, at *unit* (HSA-id) is excluded, or `None`."""
    reason = (
        (template and profile.template_reason(system, template))
        or (unit and profile.unit_reason(unit))
        or (keyword and profile.keyword_reason(system, keyword))
        or None
    )
    return Exclusion(reason=reason, effect=profile.effects[reason]) if reason else None


def split_excluded(note: KeywordNote, profile: RegionProfile) -> tuple[Part, ...]:
    """Return the parts of *note* to deliver: the approved one first, then one for each reason to exclude.

    A keyword excludes everything below it; a template or unit excludes the whole note. Parts that the profile
    wants withheld are left out, so there may be none. The approved part's title is left out when it names
    anything excluded. Raise `SourceDataError` for a tree nested beyond reason.
    """
    whole = exclusion_of(profile, note.system, template=note.template, unit=note.unit)
    if whole is not None:
        rest = tuple(_without_withheld(note.keywords, note.system, profile))
        part = Part(document_id=note.id, approved=False, reason=whole.reason, title=note.title, keywords=rest)
        return (part,) if whole.is_delivered else ()
    excluded: dict[str, list[Keyword]] = {}
    approved = tuple(_sift(note.keywords, note.system, profile, excluded, depth=0))
    parts: list[Part] = []
    if approved or not excluded:
        title = None if _names_excluded(note.title, note.system, profile) else note.title
        parts.append(Part(document_id=note.id, approved=True, reason=None, title=title, keywords=approved))
    parts.extend(
        Part(
            document_id=_part_id(note.id, reason),
            approved=False,
            reason=reason,
            title=None,
            keywords=tuple(_without_withheld(found, note.system, profile)),
        )
        for reason, found in sorted(excluded.items())
        if profile.effects[reason] == FLAG
    )
    return tuple(parts)


def _sift(
    keywords: Iterable[Keyword],
    system: str,
    profile: RegionProfile,
    excluded: dict[str, list[Keyword]],
    *,
    depth: int,
) -> Iterator[Keyword]:
    """Yield what may stay, and put what may not into *excluded* by reason."""
    if depth > _DEEPEST:
        raise SourceDataError("a note's keywords are nested beyond reason")
    for keyword in keywords:
        reason = profile.keyword_reason(system, keyword.term)
        if reason is not None:
            excluded.setdefault(reason, []).append(keyword)
            continue
        children = tuple(_sift(keyword.children, system, profile, excluded, depth=depth + 1))
        emptied = bool(keyword.children) and not children and not keyword.text
        if not emptied:
            yield Keyword(term=keyword.term, text=keyword.text, children=children)


def _without_withheld(
    keywords: Iterable[Keyword], system: str, profile: RegionProfile, *, depth: int = 0
) -> Iterator[Keyword]:
    """Yield what may be delivered flagged: something withheld stays so inside something flagged."""
    if depth > _DEEPEST:
        raise SourceDataError("a note's keywords are nested beyond reason")
    for keyword in keywords:
        reason = profile.keyword_reason(system, keyword.term)
        if reason is None or profile.effects[reason] == FLAG:
            children = tuple(_without_withheld(keyword.children, system, profile, depth=depth + 1))
            yield Keyword(term=keyword.term, text=keyword.text, children=children)


def _names_excluded(title: str | None, system: str, profile: RegionProfile) -> bool:
    if not title:
        return False
    names = [row.term for row in profile.excluded_keywords if row.system in ("*", system)]
    names += [row.template for row in profile.excluded_templates if row.system in ("*", system)]
    words = title.split()
    return any(
        same_term(" ".join(words[start:end]).strip(".,:;!?()\"'"), name)
        for name in names
        for start in range(len(words))
        for end in range(start + 1, len(words) + 1)
    )


def _part_id(note_id: str, reason: str) -> str:
    """Return an id that says nothing of the reason, and is the same every time."""
    digest = blake2b(f"{note_id}\n{reason}".encode(), digest_size=6).hexdigest()
    return f"{note_id}~{digest.translate(str.maketrans('0123456789', 'ghijklmnop'))}"


def _lines(keywords: Iterable[Keyword], *, depth: int = 0) -> Iterator[str]:
    if depth > _DEEPEST:
        raise SourceDataError("a note's keywords are nested beyond reason")
    for keyword in keywords:
        yield keyword.term
        if keyword.text:
            yield keyword.text
        yield from _lines(keyword.children, depth=depth + 1)

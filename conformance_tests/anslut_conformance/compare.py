"""Holds an answer's entries against what is owed, by meaning: how notes are split and numbered is the author's.

Entries meet expectations by unit, times and author (and code, where the type has one); texts are
judged by atoms. `meaning` says what each type is recognised by. What a comparison says is a list of facts; which
rule a fact breaks is for the checks to say.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from anslut_conformance import fields
from anslut_conformance.text import betrays, entry_text, heading_text, shows, squeeze

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from anslut_conformance.oracle import Expected, ExpectedAtom

    Entry = Mapping[str, Any]
    Key = tuple[object, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mismatch:
    """A field that says something else than the truth: *field* is its path in the entry (`header.signature`)."""

    field: str
    expected: object
    got: object
    event_id: str
    document_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AtomFault:
    """A piece of text in the wrong place, or in none; *where* are the documentIds it stands in."""

    event_id: str
    atom_id: str
    path: tuple[str, ...]
    text: str
    where: tuple[str, ...] = ()


@dataclass(slots=True, kw_only=True)
class Comparison:
    """What differs; every list empty means that the answer says what the truth says.

    `missing`: owed and not met · `unexpected`: entries nothing accounts for · `mismatches`: fields ·
    `leaks`: excluded text in an approved entry · `heading_leaks`: an excluded heading there ·
    `lost`: approved text in no approved entry · `doubled`: in more than one · `undelivered`: flagged text in no
    unapproved entry · `wrongly_approved`/`wrongly_flagged`: whole entries · `pairs`: who met whom.
    """

    missing: list[Expected] = field(default_factory=list)
    unexpected: list[Entry] = field(default_factory=list)
    mismatches: list[Mismatch] = field(default_factory=list)
    leaks: list[AtomFault] = field(default_factory=list)
    heading_leaks: list[AtomFault] = field(default_factory=list)
    lost: list[AtomFault] = field(default_factory=list)
    doubled: list[AtomFault] = field(default_factory=list)
    undelivered: list[AtomFault] = field(default_factory=list)
    wrongly_approved: list[Mismatch] = field(default_factory=list)
    wrongly_flagged: list[Mismatch] = field(default_factory=list)
    pairs: list[tuple[Expected, list[Entry]]] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        """Whether nothing at all differs."""
        return not any(
            (
                self.missing,
                self.unexpected,
                self.mismatches,
                self.leaks,
                self.heading_leaks,
                self.lost,
                self.doubled,
                self.undelivered,
                self.wrongly_approved,
                self.wrongly_flagged,
            )
        )

    def fields(self, *prefixes: str) -> list[Mismatch]:
        """Return the mismatches whose field is, or lies under, one of *prefixes*."""
        return [
            one
            for one in self.mismatches
            if any(one.field == prefix or one.field.startswith(f"{prefix}.") for prefix in prefixes)
        ]

    def document_ids(self, event_id: str) -> list[str]:
        """Return the documentIds that carry an event."""
        return [
            str(entry["header"]["documentId"])
            for one, entries in self.pairs
            if one.event_id == event_id
            for entry in entries
        ]


def compare(expected: Sequence[Expected], entries: Sequence[Entry], *, type_: str) -> Comparison:
    """Return how *entries* (of one person and the type *type_*) differ from *expected*."""
    result = Comparison()
    owed: dict[Key, list[Expected]] = defaultdict(list)
    got: dict[Key, list[Entry]] = defaultdict(list)
    for one in expected:
        owed[fields.expected_key(one)].append(one)
    for entry in entries:
        got[fields.entry_key(entry, type_)].append(entry)
    _rematch(owed, got)
    for key, group in owed.items():
        found = got.pop(key, [])
        if group[0].atoms:
            _compare_notes(group, found, result)
        else:
            _compare_one_to_one(group, found, result)
    for rest in got.values():
        result.unexpected.extend(rest)
    related = {one.event_id: {e["header"]["documentId"] for e in met} for one, met in result.pairs}
    for one, met in result.pairs:
        for entry in met:
            result.mismatches.extend(fields.differences(one, entry, related))
    return result


def _rematch(owed: dict[Key, list[Expected]], got: dict[Key, list[Entry]]) -> None:
    """Let what found no partner meet by fewer and fewer facts, so that a wrong field is a mismatch and not a loss."""
    for keep in fields.looser_keys():
        lonely_owed = [key for key in owed if key not in got]
        lonely_got = {keep(key): key for key in got if key not in owed}
        for key in lonely_owed:
            partner = lonely_got.get(keep(key))
            if partner is not None and partner in got:
                got[key] = got.pop(partner)


def _compare_one_to_one(group: Sequence[Expected], found: Sequence[Entry], result: Comparison) -> None:
    for one, entry in zip(group, found, strict=False):
        result.pairs.append((one, [entry]))
        _flag(one, entry, result)
    result.missing.extend(one for one in group[len(found) :] if not one.optional)
    result.unexpected.extend(found[len(group) :])


def _flag(one: Expected, entry: Entry, result: Comparison) -> None:
    approved = entry["header"].get("approvedForPatient")
    fact = Mismatch(
        field="header.approvedForPatient",
        expected=one.fate == "shown",
        got=approved,
        event_id=one.event_id,
        document_id=str(entry["header"]["documentId"]),
    )
    if one.fate == "flagged" and approved is not False:
        result.wrongly_approved.append(fact)
    elif one.fate == "shown" and approved is not True:
        result.wrongly_flagged.append(fact)


def _compare_notes(group: Sequence[Expected], found: Sequence[Entry], result: Comparison) -> None:
    """Judge the texts of notes that share unit, times and author: they cannot be told apart, nor need they be."""
    if not found:
        result.missing.extend(one for one in group if not one.optional)
        return
    approved = [(str(e["header"]["documentId"]), squeeze(entry_text(e))) for e in found if _is_approved(e)]
    others = [(str(e["header"]["documentId"]), squeeze(entry_text(e))) for e in found if not _is_approved(e)]
    headings = [(str(e["header"]["documentId"]), squeeze(heading_text(e))) for e in found if _is_approved(e)]
    everything = [squeeze(a.atom.text) for one in group for a in one.atoms]
    for one in group:
        for atom in one.atoms:
            _judge_atom(one, atom, approved, others, everything, result)
            if atom.fate != "shown" and atom.term is not None:
                _judge_heading(one, atom, approved + headings, everything, result)
    met: set[int] = set()
    for one in group:
        mine = [e for e in found if _carries(e, one)] if len(group) > 1 else list(found)
        if mine:
            result.pairs.append((one, mine))
            met.update(id(entry) for entry in mine)
        elif not one.optional:
            result.missing.append(one)
    result.unexpected.extend(entry for entry in found if id(entry) not in met)


def _is_approved(entry: Entry) -> bool:
    # Anything but an explicit False can reach the patient's eyes.
    return entry["header"].get("approvedForPatient") is not False


def _carries(entry: Entry, one: Expected) -> bool:
    text = squeeze(entry_text(entry))
    return any(shows(text, atom.atom) for atom in one.atoms)


def _judge_atom(  # noqa: PLR0913, PLR0917 - one atom with all it is judged by
    one: Expected,
    atom: ExpectedAtom,
    approved: Sequence[tuple[str, str]],
    others: Sequence[tuple[str, str]],
    everything: Sequence[str],
    result: Comparison,
) -> None:
    if atom.fate == "shown":
        seen = tuple(name for name, text in approved if shows(text, atom.atom))
        if not seen:
            result.lost.append(_fault(one, atom, ()))
        elif len(seen) > 1 and _distinct(atom, everything):
            result.doubled.append(_fault(one, atom, seen))
        return
    seen = tuple(name for name, text in approved if betrays(text, atom.atom))
    if seen and (atom.atom.canary is not None or _distinct(atom, everything)):
        result.leaks.append(_fault(one, atom, seen))
    if atom.fate == "flagged" and not any(shows(text, atom.atom) for _, text in others):
        result.undelivered.append(_fault(one, atom, ()))


def _judge_heading(
    one: Expected,
    atom: ExpectedAtom,
    places: Iterable[tuple[str, str]],
    everything: Sequence[str],
    result: Comparison,
) -> None:
    term = squeeze(atom.term or "").casefold()
    if any(term in text.casefold() for text in everything):
        return  # the word is also said in plain text somewhere: nobody can tell which one is seen
    where = tuple(dict.fromkeys(name for name, text in places if term in text.casefold()))
    if where:
        result.heading_leaks.append(_fault(one, atom, where))


def _distinct(atom: ExpectedAtom, everything: Sequence[str]) -> bool:
    """Tell whether finding this text says anything: short phrases and repeated ones stand in many places."""
    text = squeeze(atom.atom.text)
    return len(text) >= _TELLING and sum(text in other for other in everything) == 1


#: Characters a text must have before finding it twice means that it was delivered twice.
_TELLING = 12


def _fault(one: Expected, atom: ExpectedAtom, where: tuple[str, ...]) -> AtomFault:
    return AtomFault(
        event_id=one.event_id, atom_id=atom.atom.id, path=atom.atom.path, text=atom.atom.text, where=where
    )

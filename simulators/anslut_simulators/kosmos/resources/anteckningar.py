"""Notes: trees of keywords."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anslut_simulators.kosmos.codes import CodeLists
    from anslut_simulators.truth import Atom, Event

TYPE: Final = "care-documentation"
NAME: Final = "anteckning"


def write(event: Event, entry: dict[str, Any], codes: CodeLists) -> None:
    """Add the kind of note, its heading and its tree of keywords."""
    entry["typ"] = codes.local("anteckningstyper", event.note_code)
    if event.title is not None:
        entry["rubrik"] = event.title
    entry["sokord"] = keyword_tree(event.atoms)
    entry["bilagor"] = []


def lacking(event: Event, codes: CodeLists) -> Iterator[str]:
    """Yield nothing: the kind of note may stand on any entry, and is looked at there."""
    del event, codes
    yield from ()


def keyword_tree(atoms: tuple[Atom, ...]) -> list[dict[str, Any]]:
    """Return *atoms* as Kosmos' tree of keywords: `{"term", "text"?, "barn"}`, in the atoms' order.

    Neighbours share the keywords they have in common; a keyword that already has its text is opened anew.
    """
    roots: list[dict[str, Any]] = []
    branch: list[dict[str, Any]] = []
    for atom in atoms:
        path = atom.path or ("Anteckning",)
        shared = 0
        while shared < min(len(branch), len(path) - 1) and branch[shared]["term"] == path[shared]:
            shared += 1
        del branch[shared:]
        for term in path[shared:]:
            node = {"term": term, "barn": []}
            (branch[-1]["barn"] if branch else roots).append(node)
            branch.append(node)
        branch[-1]["text"] = atom.text
    return roots

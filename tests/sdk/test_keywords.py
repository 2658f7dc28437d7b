"""What a region excludes never stands in an approved part, and everything else does."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from anslut import Keyword, KeywordNote, exclusion_of, split_excluded
from anslut.errors import SourceDataError
from anslut_contracts import load_profile
from hypothesis import given
from hypothesis import settings as trying
from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Iterator

PROFILE = load_profile("fjallmark")
EXCLUDED = {row.term: row.reason for row in PROFILE.excluded_keywords if row.system == "kosmos"}
BARNAHUS = "SE2321000999-A1009"


def note(*keywords: Keyword, **changed: Any) -> KeywordNote:
    """Return a note."""
    return KeywordNote(**({"id": "A1", "system": "kosmos", "keywords": keywords, "title": "Besök"} | changed))


def test_a_note_without_anything_excluded_is_one_approved_part() -> None:
    """It keeps its id, its title and all of its text in order."""
    (part,) = split_excluded(
        note(Keyword(term="Kontaktorsak", text="Hosta"), Keyword(term="Bedömning", text="Virus")), PROFILE
    )

    assert (part.document_id, part.approved, part.title) == ("A1", True, "Besök")
    assert part.text == "Kontaktorsak\nHosta\nBedömning\nVirus"


def test_an_excluded_keyword_takes_its_whole_subtree_and_nothing_else() -> None:
    """Two levels down it is still excluded, and what stands beside it is still shown."""
    hidden = Keyword(term="Våldsutsatthet", children=(Keyword(term="Detaljer", text="CANARY"),))
    social = Keyword(term="Socialt", text="Bor ensam", children=(hidden,))

    approved, excluded = split_excluded(note(Keyword(term="Status", text="Gott"), social), PROFILE)

    assert approved.text == "Status\nGott\nSocialt\nBor ensam"
    assert (excluded.approved, excluded.reason, excluded.title) == (False, "violence", None)
    assert excluded.text == "Våldsutsatthet\nDetaljer\nCANARY"


def test_a_heading_left_without_anything_goes_too() -> None:
    """An empty heading would tell that something was taken away."""
    hidden = Keyword(term="Våldsutsatthet", text="CANARY")

    parts = split_excluded(note(Keyword(term="Socialt", children=(hidden,))), PROFILE)

    assert [(part.approved, part.text) for part in parts] == [(False, "Våldsutsatthet\nCANARY")]


@pytest.mark.parametrize("term", ["våldsutsatthet", " VÅLDSUTSATTHET ", "Va\u030aldsutsatthet"])
def test_a_keyword_is_known_however_it_is_written(term: str) -> None:
    """Letter case, white space and Unicode form do not open a hole."""
    parts = split_excluded(note(Keyword(term=term, text="CANARY")), PROFILE)

    assert [part.approved for part in parts] == [False]


def test_an_excluded_template_excludes_the_whole_note_under_its_own_id() -> None:
    """Also keywords that are excluded nowhere else, and the title."""
    (part,) = split_excluded(
        note(Keyword(term="Kontaktorsak", text="CANARY"), template="Oro för att barn far illa"), PROFILE
    )

    assert (part.document_id, part.approved, part.reason) == ("A1", False, "violence")


def test_an_excluded_unit_excludes_the_whole_note() -> None:
    """The unit is known by its HSA-id."""
    (part,) = split_excluded(note(Keyword(term="Status", text="x"), unit=BARNAHUS), PROFILE)

    assert (part.approved, part.reason) == (False, "unit")


@pytest.mark.parametrize(
    ("title", "kept"),
    [
        ("Besök", True),
        ("Våldsutsatthet", False),
        ("Besök: våldsutsatthet.", False),
        ("Uppgift från tredje person, telefon", False),
        ("Oro för att barn far illa", False),
        ("Våldsutsatthetens historia", True),
    ],
)
def test_an_approved_part_s_title_does_not_name_what_is_excluded(title: str, kept: bool) -> None:  # noqa: FBT001 - a column
    """A title can tell as much as a text."""
    approved = split_excluded(note(Keyword(term="Status", text="x"), title=title), PROFILE)[0]

    assert approved.title == (title if kept else None)


def test_each_reason_has_a_part_of_its_own_with_an_id_that_stays_and_tells_nothing() -> None:
    """The ids are the same at every call, and do not name the reason."""
    written = note(
        Keyword(term="Våldsutsatthet", text="a"),
        Keyword(term="Tidiga hypoteser", text="b"),
        Keyword(term="Status", text="c"),
        Keyword(term="Våldsutsatthet", text="d"),
    )

    parts = split_excluded(written, PROFILE)
    ids = [part.document_id for part in parts]

    assert [(part.reason, part.text.count("\n")) for part in parts] == [
        (None, 1),
        ("ongoing-care", 1),
        ("violence", 3),
    ]
    assert len(set(ids)) == 3
    assert ids == [part.document_id for part in split_excluded(written, PROFILE)]
    assert not any(reason in "".join(ids) for reason in EXCLUDED.values())
    assert not any(character.isdigit() for name in ids[1:] for character in name.partition("~")[2])


def with_effect(reason: str, effect: str) -> Any:
    """Return the profile with another effect for a reason."""
    return replace(PROFILE, effects={**PROFILE.effects, reason: effect})


def test_what_the_profile_withholds_is_not_delivered_at_all() -> None:
    """Neither by keyword nor, inside something that is delivered flagged, by nesting."""
    profile = with_effect("violence", "withhold")
    inner = Keyword(term="Våldsutsatthet", text="CANARY")
    outer = Keyword(term="Tidiga hypoteser", text="kanske", children=(inner,))

    parts = split_excluded(note(Keyword(term="Status", text="x"), inner, outer), profile)

    assert [part.reason for part in parts] == [None, "ongoing-care"]
    assert "CANARY" not in "".join(part.text for part in parts)
    assert split_excluded(note(inner, template="Oro för att barn far illa"), profile) == ()


def test_a_withheld_keyword_in_a_flagged_unit_is_withheld() -> None:
    """The stricter of two wins."""
    inner = Keyword(term="Våldsutsatthet", text="CANARY")

    (part,) = split_excluded(note(inner, unit=BARNAHUS), with_effect("violence", "withhold"))

    assert part.text == ""


def test_a_tree_without_bottom_is_the_source_s_failure() -> None:
    """Not a crash of the connector."""
    tree = Keyword(term="a", text="x")
    for _ in range(300):
        tree = Keyword(term="a", children=(tree,))

    with pytest.raises(SourceDataError):
        split_excluded(note(tree), PROFILE)


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ({}, None),
        ({"keyword": "Status", "template": "Besök", "unit": "SE2321000999-A1001"}, None),
        ({"keyword": "tidiga hypoteser"}, "ongoing-care"),
        ({"template": "Oro för att barn far illa"}, "violence"),
        ({"unit": BARNAHUS}, "unit"),
        ({"keyword": None, "template": None, "unit": None}, None),
    ],
)
def test_an_entry_that_is_not_split_is_excluded_by_where_it_was_registered(
    where: dict[str, Any], expected: str | None
) -> None:
    """A diagnosis under an excluded keyword is as telling as a text."""
    found = exclusion_of(PROFILE, "kosmos", **where)

    assert (found.reason if found else None) == expected
    assert found is None or found.is_delivered


def test_another_system_s_keywords_do_not_count() -> None:
    """A profile speaks of each system by name."""
    assert exclusion_of(PROFILE, "vaxreg", keyword="Våldsutsatthet") is None


TERMS = st.sampled_from(["Status", "Bedömning", "Socialt", *EXCLUDED])


@st.composite
def trees(draw: Any, depth: int = 3) -> Keyword:
    """Draw a keyword tree."""
    children = draw(st.lists(trees(depth=depth - 1), max_size=3)) if depth else []
    return Keyword(term=draw(TERMS), text=draw(st.sampled_from([None, "x"])), children=tuple(children))


def atoms(keywords: tuple[Keyword, ...], path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield the path of every text."""
    for keyword in keywords:
        here = (*path, keyword.term)
        if keyword.text:
            yield here
        yield from atoms(keyword.children, here)


@trying(max_examples=200, deadline=None)
@given(st.lists(trees(), max_size=4))
def test_every_text_stands_in_exactly_one_part_of_the_right_kind(keywords: list[Keyword]) -> None:
    """Approved texts have nothing excluded above them; all others stand in a part that is not approved."""
    written = note(*keywords)
    paths = list(atoms(written.keywords))

    parts = split_excluded(written, PROFILE)
    approved = [path for part in parts if part.approved for path in atoms(part.keywords)]
    excluded = [path for part in parts if not part.approved for path in atoms(part.keywords)]

    assert sorted(approved) == sorted(path for path in paths if not EXCLUDED.keys() & set(path))
    assert len(approved) + len(excluded) == len(paths)
    assert len({part.document_id for part in parts}) == len(parts)

"""Region profiles: read strictly, compared by meaning, told apart by digest."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

import anslut_contracts
import pytest
from anslut_contracts import load_profile, profile_names
from anslut_contracts.errors import ProfileError
from anslut_contracts.profile import same_term

if TYPE_CHECKING:
    from pathlib import Path


def text(name: str = "fjallmark") -> str:
    """Return the text of a profile that comes with the package."""
    return (anslut_contracts.documents.folder("profiles") / f"{name}.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", profile_names())
def test_every_profile_is_named_as_its_file(name: str) -> None:
    """A region is asked for by name: the file and what it says must agree."""
    assert load_profile(name).name == name


def test_a_profile_says_what_its_file_says() -> None:
    """The made-up region's choices, by example."""
    found = load_profile("fjallmark")

    assert found.sv == "Region Fjällmark"
    assert [(f.valid_from, f.own_age, f.guardian_until_age) for f in found.frameworks][-1] == (
        date(2016, 9, 22),
        16,
        13,
    )
    assert found.keyword_reason("kosmos", "  våldsutsatthet\n") == "violence"
    assert found.keyword_reason("kosmos", "Våld") is None
    assert found.keyword_reason("arkiv", "Våldsutsatthet") is None
    assert found.template_reason("kosmos", "Oro  för att barn far illa") == "violence"
    assert found.unit_reason("SE2321000999-A1009") == "unit"
    assert found.unit_reason("SE2321000999-A1001") is None
    assert found.excludes_consumer("SE2321000999-C0009")
    assert found.excludes_consumer("se2321000999-c0009")
    assert not found.excludes_consumer("SE2321000999-1177")
    assert not load_profile("standard").excludes_consumer("SE2321000999-C0009")
    assert set(found.effects.values()) == {"flag"}
    assert found.deliver_linked_identities


def test_terms_are_compared_without_case_space_and_unicode_form() -> None:
    """Record systems write keywords in more than one way; a miss shows what must be hidden."""
    assert same_term("Våldsutsatthet", "Va\u030aldsutsatthet")
    assert same_term("TIDIGA HYPOTESER", " tidiga\u00a0hypoteser ")
    assert not same_term("Tidiga hypoteser", "Tidig hypotes")


def test_the_digest_follows_the_meaning_not_the_writing(tmp_path: Path) -> None:
    """Connector and examiner compare digests: comments and order of lines must not matter, values must."""
    original = load_profile("fjallmark")
    rewritten = tmp_path / "annan.toml"

    rewritten.write_text("# kommentar\n" + re.sub(r"#.*", "", text()), "utf-8")
    assert load_profile(rewritten).digest() == original.digest()

    rewritten.write_text(text().replace("respite_days = 0", "respite_days = 14"), "utf-8")
    assert load_profile(rewritten).digest() != original.digest()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("respite_days = 0", "respite_days = -1"), "/respite_days must be at least 0"),
        (('violence = "flag"', 'violence = "hide"'), "/effects/violence must be one of"),
        (('violence = "flag"\n', ""), "/effects lacks the field 'violence'"),
        (("show_unsigned", "show_unsinged"), "a field that the contract does not know"),
        (("2016-09-22", '"snart"'), "/framework/1/valid_from"),
        (("[effects]", "[effects"), "is neither TOML nor JSON"),
    ],
)
def test_a_wrong_profile_is_refused_with_its_place(
    tmp_path: Path, change: tuple[str, str], message: str
) -> None:
    """A misspelt exclusion that is ignored is text shown to the wrong eyes."""
    path = tmp_path / "fel.toml"
    path.write_text(text().replace(*change), "utf-8")

    with pytest.raises(ProfileError, match=re.escape(message)):
        load_profile(path)


def test_a_profile_that_is_not_there_is_named_with_those_that_are() -> None:
    """The message says what to try."""
    with pytest.raises(ProfileError, match="fjallmark"):
        load_profile("fjallmak")

"""A region profile as JSON: what a connector in another language is given."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest
from anslut_contracts import load_profile
from anslut_contracts.errors import ProfileError

if TYPE_CHECKING:
    from pathlib import Path


def test_a_profile_written_as_canonical_json_is_the_same_profile(tmp_path: Path) -> None:
    """Any language can read JSON and hash a file: that is all a connector needs for its manifest."""
    profile = load_profile("fjallmark")
    path = tmp_path / "profile.json"
    path.write_bytes(profile.canonical())

    again = load_profile(path)

    assert again == profile
    assert hashlib.sha256(path.read_bytes()).hexdigest() == profile.digest()


@pytest.mark.parametrize("text", ["{", "[]", '{"name": "x"}', "\x00"])
def test_a_json_file_that_is_no_profile_is_refused_by_name(text: str, tmp_path: Path) -> None:
    """A broken file is told by its own name, before anything runs with half a profile."""
    path = tmp_path / "profile.json"
    path.write_text(text, "utf-8")

    with pytest.raises(ProfileError, match=r"profile\.json"):
        load_profile(path)

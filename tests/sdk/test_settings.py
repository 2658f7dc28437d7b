"""Settings come from the environment over a file, and say what is wrong with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from anslut import Settings
from anslut.errors import SettingsError

if TYPE_CHECKING:
    from pathlib import Path


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    """What is started differently from the file says so in its environment."""
    file = tmp_path / "anslut.toml"
    file.write_text('[settings]\nsource_url = "http://a"\npage_size = 7\nindex_interval = 0.5\n', "utf-8")

    settings = Settings.from_environment({"ANSLUT_SOURCE_URL": "http://b", "ANSLUT_DEADLINE": "3"}, file=file)

    assert (settings.source_url, settings.page_size) == ("http://b", 7)
    assert (settings.index_interval_seconds, settings.deadline_seconds) == (0.5, 3.0)


def test_an_empty_variable_is_not_set() -> None:
    """Shells leave them behind."""
    assert Settings.from_environment({"ANSLUT_JWKS_URL": ""}).jwks_url is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[settings]\nsource_ulr = "x"\n', "source_ulr"),
        ("settings = 3\n", "table"),
        ("[settings\n", "TOML"),
        ('[settings]\npage_size = "many"\n', "page_size"),
        ("[settings]\npage_size = 0\n", "ANSLUT_PAGE_SIZE"),
        ("[settings]\ndeadline = 0\n", "ANSLUT_DEADLINE"),
    ],
)
def test_a_mistake_in_the_file_is_named(tmp_path: Path, text: str, message: str) -> None:
    """A setting that nobody reads is a spelling mistake."""
    file = tmp_path / "anslut.toml"
    file.write_text(text, "utf-8")

    with pytest.raises(SettingsError, match=message):
        Settings.from_environment({}, file=file)


def test_a_file_that_is_asked_for_must_be_there(tmp_path: Path) -> None:
    """Without a file asked for, none is needed."""
    with pytest.raises(SettingsError, match=r"missing\.toml"):
        Settings.from_environment({}, file=tmp_path / "missing.toml")


def test_secrets_are_not_shown() -> None:
    """Somebody will print the settings."""
    settings = Settings(source_client_secret="hemlig", pseudonym_key="nyckel")

    assert "hemlig" not in repr(settings)
    assert "nyckel" not in repr(settings)


def test_keys_differ_by_purpose_and_stay_with_the_secret() -> None:
    """Two processes with the same secrets understand each other; one purpose's key is not another's."""
    one, other = Settings(source_client_secret="s"), Settings(source_client_secret="s")

    assert one.key("a") == other.key("a") != one.key("b")
    assert Settings().key("a") != Settings().key("a")
    assert Settings(pseudonym_key="k", source_client_secret="s").key("a") != one.key("a")


def test_the_source_system_must_be_named() -> None:
    """The message names the variable."""
    with pytest.raises(SettingsError, match="ANSLUT_SOURCE_SYSTEM_ID"):
        _ = Settings().source_system_ids

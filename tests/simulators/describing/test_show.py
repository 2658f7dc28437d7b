"""`anslut population show`: by system, with every mark, and no number unless asked for."""

from __future__ import annotations

import pytest
from anslut_simulators.commands.population import population as command
from anslut_simulators.population import default_population
from click.testing import CliRunner


def shown(*arguments: str) -> str:
    """Return what the command prints."""
    return CliRunner().invoke(command, ["show", *arguments]).output


def test_a_typing_error_is_met_with_the_nearest_name() -> None:
    """Personas' names are long, and easily mistyped."""
    assert "did you mean anna-vuxen" in shown("anna-vuxn")


def test_numbers_are_shown_only_on_request() -> None:
    """Even a test person's number is a habit not to get into."""
    number = default_population().personas()["anna-vuxen"].identity.extension

    assert number not in shown("anna-vuxen")
    assert number in shown("anna-vuxen", "--numbers")


def test_a_system_can_be_chosen() -> None:
    """Natal's entries, and nobody else's."""
    told = shown("natal-vanlig", "--system", "natal")

    assert "\nNatal\n" in told
    assert "\nKosmos\n" not in told


def test_drafts_and_missing_signatures_are_marked() -> None:
    """What a resident must not see stands out."""
    assert "UTKAST" in shown("utkast")
    assert "osignerad" in shown("osignerad")


def test_a_system_answers_in_its_own_words() -> None:
    """The register's envelope, as it is sent."""
    assert "<SokVaccinationerSvar" in shown("anna-vuxen", "--native", "vaxreg")


@pytest.mark.parametrize(
    ("persona", "said"), [("tc5", "HTTP 500"), ("tc6", "HTTP 403"), ("tc8", "går inte att läsa")]
)
def test_a_system_that_fails_on_purpose_is_told_of(persona: str, said: str) -> None:
    """Some of the classic test persons are made for a source that fails: that is what is to be seen."""
    result = CliRunner().invoke(command, ["show", persona, "--native", "kosmos"])

    assert result.exit_code == 0
    assert said in result.output


def test_a_system_is_asked_about_every_identity_and_for_every_page() -> None:
    """What was written under a newborn's first number, and what stands after the first page, is part of the answer."""
    newborn = shown("elev-reservnummer", "--native", "elevjournal")
    long = shown("manga-poster", "--native", "kosmos")

    assert newborn.count("Frågat med ") == 2
    under_reserve = newborn.partition("Frågat med nationellt reservnummer")[2]
    assert under_reserve.count('"fjallbo.matning"') + under_reserve.count('"norrsele.matning"') == 1
    assert '"ersatt_av":null' not in under_reserve.partition("\n\n")[2].partition("\n\n")[0]
    assert "anteckningar, svar 12" in long
    assert " till\n" not in long


def test_a_system_that_knows_nobody_says_so() -> None:
    """Silence could be a mistake of the command's."""
    assert "Systemet känner ingen sådan person" in shown("okand", "--native", "kosmos")


@pytest.mark.parametrize(
    ("persona", "line"),
    [
        ("dygnsgrans", "  2022-12-31 23:59:59  "),
        ("natal-sommartid", "  2023-10-29 02:30 (sommartid)  "),
        ("natal-orosanmalan", "Orosmeddelande (mall: Oro för väntat barn)"),
        ("natal-nyfodd-mor", "      Pojke, född "),
        ("natal-nyfodd-mor", ", spontan vaginal förlossning, "),
        ("natal-nyfodd-mor", "      Uterus palperas "),
        ("natal-tvillingar", "      Pojke 2, född "),
        ("elev-avliden", ", blev 15 år. "),
        ("elev-tecken", "\n        Ny rad: "),
        ("vaxreg-historik", "\n  2008-03-11  "),
        ("tecken", "Svar <5 anges som text"),
        ("anna-vuxen", "(slutsvar)"),
        ("anna-vuxen", "P-TSH 8,4 mIE/L H (0,4–3,7)"),
        ("anna-vuxen", "recept 100 tabletter till "),
    ],
)
def test_everything_that_is_known_is_told_and_no_more(persona: str, line: str) -> None:
    """Seconds where they matter, a day alone where only that is known, and Swedish words."""
    assert line in shown(persona)

"""`anslut population show`: by system, with every mark, and no number unless asked for."""

from __future__ import annotations

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

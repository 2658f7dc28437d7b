"""The control room in a real browser: scripts on, at two widths, held against WCAG by axe."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from small_country import ANNA

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anslut_simulators import ControlClient, RunningRegion

sync_api = pytest.importorskip(
    "playwright.sync_api", reason="NOT TRIED: the control room in a browser needs playwright (group browser)"
)
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
AXE = Path(__file__).parent / "axe" / "axe.min.js"
PAGES = ("", "people", "clock", "faults", "journal", "index")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="NOT TRIED: the control room in a browser needs Chromium"),
]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """Start Chromium once."""
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(params=[1280, 500], ids=["wide", "narrow"])
def page(chromium: Any, request: pytest.FixtureRequest) -> Iterator[Any]:
    """Return an empty page; it must close without an error in its console, CSP's included."""
    context = chromium.new_context(viewport={"width": request.param, "height": 900}, locale="sv-SE")
    opened = context.new_page()
    said: list[str] = []
    opened.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    opened.on("pageerror", lambda error: said.append(str(error)))
    yield opened
    context.close()
    assert [line for line in said if "status of 4" not in line] == []


@pytest.fixture
def root(region: RunningRegion, scenario: str, control: ControlClient) -> str:
    """Return the address of a scenario's room, where something has happened."""
    control.fault("status", nth=99)
    control.write(type="laboratory-results", patient_id=ANNA)
    return f"{region.base_url}/_sim/room/{scenario}/"


def serious(page: Any) -> list[str]:
    """Return what axe finds serious or critical on the page as it stands, with every detail opened."""
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    # The page's own policy forbids scripts from elsewhere, so axe is run past it.
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice']})")
    return [
        f"{one['id']}: {one['nodes'][0]['html'][:120]}"
        for one in found["violations"]
        if one["impact"] in {"serious", "critical"}
    ]


@pytest.mark.parametrize("where", PAGES)
def test_no_page_keeps_anybody_out(page: Any, root: str, where: str) -> None:
    """No serious violation of WCAG 2.1 AA, nothing wider than the screen."""
    page.goto(root + where)

    assert serious(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_a_person_is_found_and_written_about(page: Any, root: str, control: ControlClient) -> None:
    """From the search to a signed entry, without a whole page being loaded; and nobody is kept out there either."""
    page.goto(f"{root}people")
    page.evaluate("window.isSamePage = true")
    page.get_by_role("searchbox").fill(ANNA.extension)
    page.get_by_role("button", name="Sök").click()
    page.wait_for_url("**/person/**")
    page.get_by_label("System och typ").select_option("kosmos|diagnoses")
    page.get_by_role("button", name="Skriv", exact=True).click()
    page.get_by_role("status").wait_for()
    newest = page.locator("article").first
    newest.locator("summary").click()
    newest.get_by_role("button", name="Signera").click()
    page.get_by_text("Uppgiften är signerad.").wait_for()

    assert page.evaluate("window.isSamePage") is True
    assert ANNA.extension not in page.url
    assert any(event.signature and event.type == "diagnoses" for event in control.truth(ANNA))
    assert serious(page) == []


def test_what_went_wrong_is_shown_and_read_out(page: Any, root: str) -> None:
    """A refusal is swapped in like any page, and takes the focus."""
    page.goto(f"{root}people")
    page.get_by_role("link", name="anna").first.click()
    page.wait_for_url("**/person/**")
    page.locator("article summary").first.click()
    page.get_by_label("Till person").first.fill("ingen")
    page.get_by_role("button", name="Flytta").first.click()
    page.get_by_role("alert").wait_for()

    assert page.evaluate("document.activeElement.getAttribute('role')") == "alert"
    assert serious(page) == []


def test_calls_appear_by_themselves(page: Any, root: str, caller: Any) -> None:
    """Watching a connector work costs no reloading."""
    page.goto(f"{root}journal")
    page.get_by_text("Inget system har fått något anrop").wait_for()
    caller.log_in()

    page.get_by_text("POST /kosmos/oauth/token").wait_for(timeout=10_000)


def test_a_copy_button_stands_beside_what_is_pasted(page: Any, root: str) -> None:
    """Also after a page was swapped in."""
    page.goto(root)
    page.get_by_role("link", name="Personer").click()
    page.wait_for_url("**/people")

    page.get_by_role("button", name=f"Kopiera: {ANNA.extension}").wait_for(timeout=10_000)

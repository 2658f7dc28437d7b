"""One run, four files: readable by everybody, safe to open, and telling the same story."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import anslut_contracts
import pytest
from anslut_conformance.deviations import Declarations, Deviation
from anslut_conformance.examine import Outcome
from anslut_conformance.judgement import judge
from anslut_conformance.order import Order
from anslut_conformance.record import Record
from anslut_conformance.redaction import Redactor
from anslut_conformance.report import build
from anslut_conformance.report.page import to_html
from anslut_conformance.report.tables import to_csv, to_junit
from anslut_conformance.report.wording import wording
from anslut_conformance.verdicts import CheckResult, Verdict
from anslut_contracts import validation

if TYPE_CHECKING:
    from pathlib import Path

HOSTILE = "<script>alert('ÅÄÖ')</script> & \x00 ]]>"
EXCHANGE = {
    "method": "POST",
    "path": "/v1/diagnoses/search",
    "requestHeaders": {"Accept": "*/*"},
    "requestBody": "{}",
    "status": 200,
    "milliseconds": 3,
    "responseHeaders": {},
    "responseBody": HOSTILE,
}
CHECKS = [
    CheckResult(
        check="test_leak",
        rules=("EXC-001",),
        verdict=Verdict.FAIL,
        message=HOSTILE,
        expected="no",
        got="=1+1",
        patient="valdsutsatt",
        details=(("where", "D1"),),
        exchanges=(EXCHANGE,),
    ),
    CheckResult(check="test_excused", rules=("EXC-003",), verdict=Verdict.FAIL, message="left out"),
    CheckResult(check="test_ours", rules=("ALL-001",), verdict=Verdict.ERROR, message="KeyError at x.py:1"),
    CheckResult(
        check="test_unseen", rules=("STO-001",), verdict=Verdict.NOT_OBSERVED, reason="=cmd|' /c calc'"
    ),
    CheckResult(
        check="test_after", rules=("ALL-002",), verdict=Verdict.BLOCKED, reason="ALL-005: no manifest"
    ),
    CheckResult(
        check="test_set_up", rules=("SEC-001",), verdict=Verdict.CONFIG, message="wrong", reason="mend"
    ),
    CheckResult(check="test_good", rules=("ALL-004",), verdict=Verdict.PASS, seconds=0.5),
]


@pytest.fixture(scope="module", name="document")
def make_document() -> dict[str, Any]:
    """A report in which every verdict occurs."""
    deviation = Deviation(
        rule="EXC-003", consumer="*", reason="Beslutat", decided_by="Regionen", until=date(2027, 1, 31)
    )
    judgement = judge(
        anslut_contracts.rules(),
        CHECKS,
        [],
        declarations=Declarations(deviations=(deviation,)),
        consumer="SE2321000999-1177",
        lane="full",
        selected=False,
        system_kind="record",
        form="json",
        today=date(2026, 11, 22),
    )
    return build(
        Outcome(
            order=Order(connector="http://127.0.0.1:8080"),
            started=datetime(2026, 11, 22, 1, tzinfo=UTC),
            seconds=12.3,
            judgement=judgement,
            checks=CHECKS,
            unrun=[],
            steps=[],
            redactor=Redactor(),
            door="http",
            unobserved={"files": "started by hand"},
        )
    )


class Page(HTMLParser):
    """What of a page can be looked at without a browser."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.headings: list[int] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep tags and heading levels, and what is open."""
        self.tags.append((tag, dict(attrs)))
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag not in {"meta", "input", "br", "link"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Hold every end against its beginning."""
        assert self.open.pop() == tag

    def attributes(self, name: str) -> list[str]:
        """Return every value of an attribute."""
        return [str(attrs[name]) for _, attrs in self.tags if name in attrs]


def test_the_document_follows_its_published_schema(document: dict[str, Any]) -> None:
    """Another program may rely on it."""
    assert validation.errors("report", document) == []


def test_the_page_is_well_formed_and_stands_alone(document: dict[str, Any]) -> None:
    """One file, no script, nothing fetched, in a browser that trusts nothing."""
    text = to_html(document)
    page = Page(text)

    assert page.open == []
    assert "script" not in {tag for tag, _ in page.tags}
    assert "&lt;script&gt;" in text
    assert not list(page.attributes("src"))
    assert all(link.startswith("#") for link in page.attributes("href"))
    assert not re.search(r"url\(|@import|https?://(?!127\.)", text)
    assert "default-src 'none'" in text


def test_every_link_in_the_page_leads_somewhere_and_ids_are_unique(document: dict[str, Any]) -> None:
    """A reviewer clicks on every one."""
    page = Page(to_html(document))
    ids = page.attributes("id")

    assert len(ids) == len(set(ids))
    assert {link[1:] for link in page.attributes("href")} <= set(ids)
    assert set(page.attributes("aria-labelledby")) <= set(ids)


def test_the_page_can_be_heard(document: dict[str, Any]) -> None:
    """Language, title, landmarks, and headings in order: a screen reader's table of contents."""
    text = to_html(document)
    page = Page(text)

    assert ("html", {"lang": "sv"}) in page.tags
    assert [tag for tag, _ in page.tags].count("main") == 1
    assert page.headings[0] == 1
    assert page.headings.count(1) == 1
    assert all(after - before <= 1 for before, after in zip(page.headings, page.headings[1:], strict=False))
    assert all("scope" in attrs for tag, attrs in page.tags if tag == "th")
    assert "<caption>" in text


def test_no_verdict_is_told_by_colour_or_sign_alone(document: dict[str, Any]) -> None:
    """Each has its word in both languages, and its sign is hidden from those who listen."""
    text = to_html(document)
    words = wording()["verdicts"]

    assert {str(verdict) for verdict in Verdict} == set(words)
    for name, word in words.items():
        if not document["counts"][name]:
            continue
        pattern = (
            rf'class="tag v-{name}"><span aria-hidden="true">{re.escape(word["sign"])}</span> '
            rf'<span lang="sv">{word["sv"]}</span>.*?<span lang="en">{word["en"]}</span>'
        )
        assert re.search(pattern, text), name


def luminance(colour: str) -> float:
    """Return the relative luminance of `#rrggbb` as WCAG 2.1 defines it."""
    full = colour if len(colour) == 7 else "#" + "".join(2 * digit for digit in colour[1:])
    channels = [int(full[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize(
    ("ink", "ground"),
    [
        ("ink", "paper"),
        ("ink", "panel"),
        ("quiet", "paper"),
        ("quiet", "panel"),
        ("accent", "paper"),
        ("good", "good-soft"),
        ("bad", "bad-soft"),
        ("warn", "warn-soft"),
        ("ink", "bad-soft"),
        ("ink", "good-soft"),
        ("ink", "warn-soft"),
        ("good", "paper"),
        ("bad", "paper"),
        ("warn", "paper"),
    ],
)
def test_every_pair_of_colours_can_be_read(document: dict[str, Any], ink: str, ground: str) -> None:
    """WCAG 2.1 AA asks for 4.5 to 1."""
    colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{3,6});", to_html(document)))
    one, other = sorted((luminance(colours[ink]), luminance(colours[ground])), reverse=True)

    assert (one + 0.05) / (other + 0.05) >= 4.5


def test_a_finding_shows_what_was_expected_and_got_and_how_to_see_it_again(document: dict[str, Any]) -> None:
    """Otherwise a developer starts by running it again."""
    text = to_html(document)
    finding = text[text.index('<article class="finding" id="EXC-001"') :]
    finding = finding[: finding.index("</article>")]

    for shown in (
        "valdsutsatt",
        "=1+1",
        "anslut certify --connector http://127.0.0.1:8080 --rule EXC-001",
        "/v1/diagnoses/search",
    ):
        assert shown in finding
    assert "Beslutat" in text
    assert "2027-01-31" in text


def test_junit_tells_a_build_server_the_same(document: dict[str, Any]) -> None:
    """Failures and errors apart; what was not judged is skipped and never passed."""
    suite = ET.fromstring(to_junit(document))  # noqa: S314 - our own

    assert (suite.get("tests"), suite.get("failures"), suite.get("errors"), suite.get("skipped")) == (
        "7",
        "1",
        "2",
        "3",
    )
    kinds = {case.get("name"): [child.tag for child in case] for case in suite}
    assert kinds["test_good"] == []
    assert kinds["test_leak"] == ["failure"]
    assert kinds["test_excused"] == ["skipped"]


def test_a_spreadsheet_gets_every_rule_and_no_formula(document: dict[str, Any]) -> None:
    """A reason out of a connector must not run in the certifier's spreadsheet."""
    rows = list(csv.DictReader(io.StringIO(to_csv(document).decode("utf-8-sig"))))

    assert [row["rule"] for row in rows] == list(anslut_contracts.rules())
    assert not [cell for row in rows for cell in row.values() if cell.startswith(("=", "+", "-", "@"))]


def test_evidence_on_disk_never_holds_a_number_that_may_be_real(tmp_path: Path) -> None:
    """The file is written while the run goes on, before any report can be refused."""
    digits = "850215" + "998"
    total = sum((v := int(d) * (2 - i % 2)) - (9 if v > 9 else 0) for i, d in enumerate(digits))
    number = f"19{digits}{-total % 10}"
    record = Record(tmp_path / "evidence.ndjson", redactor=Redactor())
    record.begin({})

    record.append(replace(CHECKS[0], got=f"patient {number}"))

    assert number[2:] not in record.path.read_text("utf-8")
    assert "EXC-001" in record.path.read_text("utf-8")

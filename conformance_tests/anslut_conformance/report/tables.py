"""The report for a build server (JUnit XML) and for a spreadsheet (CSV)."""

from __future__ import annotations

import csv
import io
import re
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")

#: How each verdict of a check is told in JUnit's four words; nothing unjudged is a success.
_JUNIT = {"fail": "failure", "error": "error", "config": "error", "pass": None}


def to_junit(document: dict[str, Any]) -> bytes:
    """Return JUnit XML: one test case per check and rule; what was not judged is `skipped`, with its reason."""
    suite = Element("testsuite", name="anslut certify", timestamp=document["run"]["started"])
    counts = {"failure": 0, "error": 0, "skipped": 0}
    verdicts = {rule["id"]: rule for rule in document["rules"]}
    for check in document["checks"]:
        for rule in check["rules"]:
            case = SubElement(
                suite, "testcase", classname=rule, name=check["check"], time=f"{check['seconds']:.3f}"
            )
            kind = _JUNIT.get(check["verdict"], "skipped")
            if verdicts.get(rule, {}).get("verdict") == "excused":
                kind = "skipped"
            if kind is None:
                continue
            counts[kind] += 1
            told = check["message"] or check["reason"] or check["verdict"]
            outcome = SubElement(case, kind, message=_xml(f"{rule}: {told}"[:500]))
            outcome.text = _xml(
                "\n".join(
                    f"{label}: {value}"
                    for label, value in (
                        ("expected", check["expected"]),
                        ("got", check["got"]),
                        ("patient", check["patient"]),
                        ("reproduce", check["reproduce"]),
                    )
                    if value
                )
            )
    cases = sum(1 for _ in suite)
    if document["setUpFault"]:
        case = SubElement(suite, "testcase", classname="CONFIG", name="set-up", time="0")
        SubElement(case, "error", message=_xml(document["setUpFault"]["message"]))
        cases, counts["error"] = cases + 1, counts["error"] + 1
    suite.set("tests", str(cases))
    suite.set("failures", str(counts["failure"]))
    suite.set("errors", str(counts["error"]))
    suite.set("skipped", str(counts["skipped"]))
    suite.set("time", str(document["run"]["seconds"]))
    written: bytes = tostring(suite, encoding="utf-8", xml_declaration=True)
    return written


def to_csv(document: dict[str, Any]) -> bytes:
    """Return one line per rule, in UTF-8 with a mark that spreadsheets know; no cell can be a formula."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(
        (
            "rule",
            "title_sv",
            "title_en",
            "level",
            "consequence",
            "verdict",
            "counted",
            "until",
            "reason",
            "source",
            "official_cases",
            "checks",
        )
    )
    for rule in document["rules"]:
        writer.writerow(
            _cell(value)
            for value in (
                rule["id"],
                rule["title"]["sv"],
                rule["title"]["en"],
                rule["level"],
                rule["consequence"],
                rule["verdict"],
                rule["counted"],
                rule["until"] or "",
                rule["reason"],
                rule["source"],
                " ".join(rule["officialCases"]),
                " ".join(rule["checks"]),
            )
        )
    return out.getvalue().encode("utf-8-sig")


def _cell(value: object) -> str:
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def _xml(text: str) -> str:
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)

"""The RIV-TA door over a real socket: what the national platform asks is answered, or refused as the texts demand."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import requests
from anslut.errors import SourceTimeoutError, SourceUnavailableError
from anslut.server import running
from anslut_contracts import information_types
from anslut_contracts.identity import NRID
from anslut_contracts.rivta import mapping_table, mapping_tables
from anslut_contracts.rivta.envelope import write_envelope
from rivta_caller import (
    ASKED,
    DIAGNOSES,
    HEADERS,
    NUMBER,
    SYSTEM,
    Door,
    answer_of,
    fault_of,
    opened,
    question,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

RESERVE = {"patientId": {"root": NRID, "extension": "98231009HJ54"}}


@pytest.fixture
def door(connector: Any, make: Any) -> Iterator[Door]:
    """Return a door where everybody has one diagnosis and one note."""
    with opened(connector, make) as found:
        yield found


def test_the_same_entries_come_through_both_doors(door: Door) -> None:
    """One connector, two forms."""
    for type_name in ("diagnoses", "care-documentation"):
        table = mapping_table(type_name)
        plain = door.session.post(
            f"{door.url}/v1/{type_name}/search",
            json=ASKED,
            headers={**HEADERS, "Content-Type": "application/json"},
            timeout=30,
        )

        found = answer_of(door.ask(ASKED, table), table)

        assert found.entries == plain.json()["entries"] != []


def test_an_excluded_consumer_gets_an_answer_without_entries(door: Door) -> None:
    """National cases 7.2 and 7.3: it is told nothing, and everybody else what they are told otherwise."""
    header = "x-rivta-original-serviceconsumer-hsaid"
    found = answer_of(door.ask(ASKED, **{header: "SE2321000999-C0009"}))

    assert found.entries == []
    assert found.result is not None
    assert found.result.code == "OK"
    assert (
        answer_of(door.ask(ASKED, **{header: "SE2321000999-C0002"})).entries
        == answer_of(door.ask(ASKED)).entries
        != []
    )


def test_a_result_says_ok_and_has_the_log_id_of_the_log(door: Door) -> None:
    """Whoever traces a call finds it in both places."""
    found = answer_of(door.ask(ASKED, **{"x-skltp-correlation-id": "call-1"}))

    line = [
        json.loads(one) for one in Path(door.connector.settings.access_log).read_text("utf-8").splitlines()
    ][-1]
    assert found.result is not None
    assert (found.result.code, found.result.log_id) == ("OK", line["logId"])
    assert (line["type"], line["count"], line["outcome"], line["correlationId"]) == (
        "diagnoses",
        1,
        "ok",
        "call-1",
    )
    assert NUMBER not in json.dumps(line)


@pytest.mark.parametrize("type_name", ["diagnoses", "care-documentation", "care-contacts"])
def test_every_version_has_an_address(door: Door, type_name: str) -> None:
    """An empty record is an answer in all of them."""
    door.connector.readers.clear()

    for table in mapping_tables(type_name):
        assert answer_of(door.ask(ASKED, table), table).entries == []


def test_without_the_flag_there_is_no_such_door(connector: Any) -> None:
    """Nobody gets a second door by surprise."""
    with running(connector) as url:
        reply = requests.post(
            f"{url}/rivta/GetDiagnosis/2.0", data=question(ASKED), headers=HEADERS, timeout=30
        )

    assert reply.status_code == 404


def test_notes_are_told_in_parts_and_the_reference_leads_on(connector: Any, make: Any) -> None:
    """GetCareDocumentation 3.0 has hasMore; the next question has it as reference."""
    connector.settings = replace(connector.settings, page_size=2)
    connector.readers["care-documentation"] = lambda query: [make.note(query, f"n{n}") for n in range(5)]
    table = mapping_table("care-documentation")
    seen: list[str] = []
    with running(connector, rivta=True) as url:
        door, query = Door(url, connector), dict(ASKED)
        while True:
            found = answer_of(door.ask(query, table), table)
            seen += [entry["header"]["documentId"] for entry in found.entries]
            if found.more is None:
                break
            assert found.more.logical_address == SYSTEM
            query = {**ASKED, "hasMoreReference": found.more.reference}

    assert sorted(seen) == [f"n{n}" for n in range(5)]


def test_where_a_contract_cannot_say_that_there_is_more_the_answer_is_whole(
    connector: Any, make: Any
) -> None:
    """Half an answer that looks like a whole one is the worst of answers."""
    connector.settings = replace(connector.settings, page_size=2)
    connector.readers["diagnoses"] = lambda query: [make.diagnosis(query, f"d{n}") for n in range(5)]

    with running(connector, rivta=True) as url:
        found = answer_of(Door(url, connector).ask(ASKED))

    assert len(found.entries) == 5


def test_a_message_has_an_end(connector: Any, make: Any) -> None:
    """More than 15 MB is a fault, since nothing on the way would carry it."""
    connector.readers["care-documentation"] = lambda query: [
        make.note(query, f"n{n}", text="x" * 4_000_000) for n in range(5)
    ]

    with running(connector, rivta=True) as url:
        fault = fault_of(Door(url, connector).ask(ASKED, mapping_table("care-documentation")))

    assert fault.code == "Server"


def test_a_failing_source_is_a_server_fault(door: Door) -> None:
    """Never an empty answer; whether to ask again is said for those who can read it."""
    errors = {
        "source-unavailable": SourceUnavailableError("down", source=SYSTEM, retry_after_seconds=7),
        "source-timeout": SourceTimeoutError("slow", source=SYSTEM),
    }
    for slug, error in errors.items():

        def fail(_query: Any, error: Exception = error) -> Any:
            raise error

        door.connector.readers["diagnoses"] = fail
        reply = door.ask(ASKED)
        fault = fault_of(reply)
        assert (fault.code, fault.slug, fault.retryable, fault.source) == ("Server", slug, True, SYSTEM)
        assert (reply.headers.get("Retry-After") == "7") is (slug == "source-unavailable")


def test_an_authors_own_failure_tells_nothing(door: Door) -> None:
    """An exception's text may hold anything."""

    def fail(_query: Any) -> Any:
        raise RuntimeError(f"no such patient {NUMBER}")

    door.connector.readers["diagnoses"] = fail
    assert fault_of(door.ask(ASKED)).slug == "internal"


RIGHT = question(ASKED)
SPACE = DIAGNOSES.namespaces["responder"]
REFUSED: dict[str, tuple[str | bytes, dict[str, str], str]] = {
    "no address": (question(ASKED, address=None), {}, "no LogicalAddress"),
    "another's address": (question(ASKED, address="SE2321000999-K009"), {}, "not a source system"),
    "another version": (RIGHT.replace(SPACE, SPACE[:-1] + "9"), {}, "must hold the request"),
    "another action": (RIGHT, {"SOAPAction": '"urn:other"'}, "SOAPAction"),
    "another type": (RIGHT, {"Content-Type": "application/soap+xml"}, "text/xml"),
    "compressed": (RIGHT, {"Content-Encoding": "gzip"}, "text/xml"),
    "a fault": (
        "".join(write_envelope(["<soap:Fault/>"], logical_address=SYSTEM)),
        {},
        "must not be a fault",
    ),
    "no consumer": (RIGHT, {"x-rivta-original-serviceconsumer-hsaid": "nobody"}, "HSA-id"),
    "two bodies' worth": (RIGHT.replace("</soap:Body>", "<a/></soap:Body>"), {}, "one element"),
    "too large": (RIGHT.replace("</soap:Body>", "<!--" + "x" * 2_000_000 + "--></soap:Body>"), {}, "at most"),
    "an unknown element": (
        RIGHT.replace("</patientId>", "</patientId><x>1</x>"),
        {},
        "unknown or out of order",
    ),
    "no person": (re.sub(r"<patientId>.*</patientId>", "", RIGHT), {}, "patientId is missing"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_answered_is_a_client_fault(door: Door, what: str) -> None:
    """The fault says what is wrong, and the access log that somebody was refused."""
    body, headers, said = REFUSED[what]

    fault = fault_of(door.post(body, headers=headers))

    assert (fault.code, said in fault.text, fault.retryable) == ("Client", True, False)
    line = json.loads(Path(door.connector.settings.access_log).read_text("utf-8").splitlines()[-1])
    assert (line["count"], line["logId"]) == (0, fault.log_id)
    assert line["outcome"] != "ok"


@pytest.mark.parametrize("path", ["/rivta/GetDiagnosis/9.0", "/rivta/GetVaccinationHistory/2.0"])
def test_a_contract_that_is_not_answered_is_a_fault(door: Door, path: str) -> None:
    """A record system has no vaccinations: asking it for them is a mistake, not an empty answer."""
    reply = door.session.post(door.url + path, data=RIGHT, headers=HEADERS, timeout=30)

    assert fault_of(reply).slug == "unknown-type"


MISTAKES = {
    "other-source-system": {**ASKED, "sourceSystemId": "SE2321000999-K009"},
    "contact-without-source-system": {**ASKED, "careContactIds": ["VK1"]},
    "reserve-without-source-system": RESERVE,
    "invalid-query": {**ASKED, "period": {"start": "2023-02-28", "end": "2023-02-31"}},
}


@pytest.mark.parametrize("kind", MISTAKES)
@pytest.mark.parametrize(
    "type_name", ["diagnoses", "laboratory-results", "care-documentation", "care-contacts"]
)
def test_a_mistake_has_the_outcome_that_its_contract_says(door: Door, type_name: str, kind: str) -> None:
    """Never entries; and nothing about anybody in what is said instead."""
    door.connector.readers[type_name] = lambda _query: pytest.fail("a mistaken question reached the source")
    for table in mapping_tables(type_name):
        if (
            not MISTAKES[kind].keys()
            <= {"patientId", *information_types()[type_name].filters} - table.unsupported_filters
        ):
            continue
        reply = door.ask(MISTAKES[kind], table)
        if table.outcomes[kind] == "fault":
            assert fault_of(reply).code == "Client"
            continue
        found = answer_of(reply, table)
        assert (found.entries, table.outcomes[kind]) == ([], "invalid-request")
        assert found.result is not None
        assert found.result.code == "ERROR"
        assert NUMBER not in reply.text


def test_a_contract_with_a_result_says_invalid_request_in_it(door: Door) -> None:
    """As the official test suites look for it."""
    found = answer_of(door.ask(MISTAKES["other-source-system"]))

    assert found.result is not None
    assert (found.result.code, found.result.error_code) == ("ERROR", "INVALID_REQUEST")


def test_thirty_megabytes_are_a_fault_and_the_door_answers_on(door: Door) -> None:
    """Whoever sends them gets to read why they were not taken."""
    reply = door.post(RIGHT.replace("</soap:Body>", "<!--" + "x" * 30_000_000 + "--></soap:Body>"))

    assert fault_of(reply).slug == "too-large"
    assert len(answer_of(door.ask(ASKED)).entries) == 1


def test_a_question_may_be_utf_16(door: Door) -> None:
    """RIV-TA allows it, when header, prolog and bytes say the same."""
    body = RIGHT.replace('encoding="UTF-8"', 'encoding="UTF-16"').encode("utf-16")

    reply = door.post(body, headers={"Content-Type": "text/xml; charset=utf-16"})

    assert len(answer_of(reply).entries) == 1


def test_a_number_of_another_series_is_never_read_as_a_personnummer(door: Door) -> None:
    """A series with a known form is held to it; of one that nobody has heard of the source is asked as it stands."""
    asked: list[str] = []
    door.connector.readers["diagnoses"] = lambda query: asked.append(query.patient_id.root) or []  # type: ignore[func-returns-value]
    replies = [
        door.ask({"patientId": {"root": root, "extension": NUMBER}, "sourceSystemId": SYSTEM})
        for root in ("1.2.752.97.3.1.3", "1.2.3.4.5")
    ]

    assert fault_of(replies[0]).code == "Client"
    assert NUMBER not in replies[0].text
    assert (replies[1].status_code, asked) == (200, ["1.2.3.4.5"])


def test_a_right_source_system_is_no_mistake(door: Door) -> None:
    """Said in both places, and the same."""
    query = {**RESERVE, "sourceSystemId": SYSTEM, "careContactIds": ["VK1"]}

    assert answer_of(door.ask(query), query=query).entries == []


def test_hsa_ids_are_the_same_in_any_case(door: Door) -> None:
    """The aggregating services compare them so, and pass them on as they came."""
    query = {**ASKED, "sourceSystemId": SYSTEM.lower()}

    found = answer_of(door.post(question(query, address=SYSTEM.lower())))

    assert [entry["header"]["sourceSystemHsaId"] for entry in found.entries] == [SYSTEM]


def test_unapproved_entries_are_withheld_where_nothing_can_say_so(door: Door, make: Any) -> None:
    """What the consumer cannot filter it must not get; other contracts get everything, flagged."""
    door.connector.readers["diagnoses"] = lambda query: [
        make.diagnosis(query, "a"),
        make.diagnosis(query, "b", approved=False),
    ]

    assert len(answer_of(door.ask(ASKED)).entries) == 2
    withheld = [
        table
        for name in ("referral-status", "diagnoses")
        for table in mapping_tables(name)
        if not table.approval_flag
    ]
    assert ("GetRequestActivities", "1.0") in {(table.contract, table.version) for table in withheld}

"""RIV: the form of the answers that the national service platform gets. Looked at as they came, not as read."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from anslut_contracts.rivta import reduced

from anslut_conformance import readings, soap
from anslut_conformance.checks import OK, fail, holds_number, require, some
from anslut_conformance.failures import while_failing

if TYPE_CHECKING:
    from anslut_contracts.rivta import MappingTable
    from anslut_contracts.rivta.tables import Mistake

    from anslut_conformance.exam import Exam
    from anslut_conformance.persons import Persona

_MARK = "kvittra"
_PROLOG = re.compile(rb"""\A\s*<\?xml[^>]*encoding=["']([A-Za-z0-9._-]+)["']""")
_HEADER = re.compile(r"<soap:Header>.*?</soap:Header>", re.DOTALL)
_LONG_SECONDS = 5.0
_PERSONAS = ("anna-vuxen", "reservnummer", "tecken")


def _name(table: MappingTable) -> str:
    return f"{table.contract} {table.version}"


def _right(exam: Exam, table: MappingTable) -> str:
    """Return a right question about somebody with entries."""
    return soap.question(exam, table, exam.query(_somebody(exam).patient_id))


def _somebody(exam: Exam) -> Persona:
    return exam.persona("anna-vuxen")


@pytest.mark.rule("RIV-001")
@pytest.mark.lane("quick")
def test_an_answer_is_soap_in_the_characters_it_says(exam: Exam) -> None:
    """Content type, prolog and bytes agree, and the body holds the contract's response."""
    for table in soap.tables(exam):
        reply = soap.send(exam, table, _right(exam, table))
        told = reply.headers.get("Content-Type", "")
        media_type, _, parameters = told.partition(";")
        require(
            media_type.strip().lower() == "text/xml",
            f"{_name(table)}: the answer's content type is not that of SOAP 1.1",
            expected="text/xml; charset=utf-8",
            got=told,
        )
        charset = parameters.lower().partition("charset=")[2].strip('" ') or "utf-8"
        prolog = _PROLOG.match(reply.body)
        written = prolog[1].decode().lower() if prolog else "utf-8"
        require(
            charset == written,
            f"{_name(table)}: the HTTP header says {charset} and the prolog {written}",
            expected="the same",
        )
        try:
            reply.body.decode(written)
        except (UnicodeDecodeError, LookupError):
            fail(f"{_name(table)}: the answer is not written in {written}", expected=written)


@pytest.mark.rule("RIV-002")
@pytest.mark.lane("quick")
def test_a_failure_is_a_fault_without_personal_data(exam: Exam) -> None:
    """The source is down, and a question is wrong: faults that can be traced and tell nothing about anybody."""
    persona = _somebody(exam)
    table = next(soap.tables(exam))
    broken = _right(exam, table).replace("<soap:Body>", f"<soap:Body><!-- {_MARK} --><extra>{_MARK}</extra>")
    somebody, failure = while_failing(
        exam,
        lambda one: soap.send(exam, table, soap.question(exam, table, exam.query(one.patient_id))),
    )
    for what, reply in (
        ("a failing source", failure),
        ("a question that cannot be read", soap.send(exam, table, broken)),
    ):
        fault = soap.fault_of(reply, what)
        require(
            reply.status == soap.FAULT, f"{what}: a fault has HTTP status 500", expected=500, got=reply.status
        )
        require(
            fault.code in {"Client", "Server", "VersionMismatch", "MustUnderstand"},
            f"{what}: the fault has a code that SOAP 1.1 does not know",
            expected="Client or Server",
            got=fault.code,
        )
        seen = reply.text() + "".join(f"{key}: {value}\n" for key, value in reply.headers.items())
        require(
            not holds_number(seen, [*persona.identities, *somebody.identities]) and _MARK not in seen,
            f"{what}: the fault repeats what was asked",
            expected="what is wrong and a log id",
        )
        require(
            re.search(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", reply.text()),
            f"{what}: the fault has no log id to trace it by",
            expected="a UUID",
            got=reply.text()[:300],
        )


@pytest.mark.rule("RIV-003")
@pytest.mark.lane("quick")
def test_a_question_has_exactly_one_logical_address(exam: Exam) -> None:
    """Nobody knows whom a question without an address is for, nor one with two."""
    for table in soap.tables(exam):
        right = _right(exam, table)
        header = _HEADER.search(right)
        if header is None:
            fail("the examiner's own question has no header")
        address = header[0].removeprefix("<soap:Header>").removesuffix("</soap:Header>")
        for what, body in (
            ("without a header", right.replace(header[0], "")),
            ("with an empty header", right.replace(address, "")),
            (
                "with an empty LogicalAddress",
                right.replace(f">{exam.source_system_id}</LogicalAddress>", "></LogicalAddress>"),
            ),
            ("with LogicalAddress twice", right.replace(address, address * 2)),
        ):
            reply = soap.send(exam, table, body)
            soap.fault_of(reply, f"{_name(table)}: a question {what}")


@pytest.mark.rule("RIV-004")
def test_somebody_elses_address_is_not_answered(exam: Exam) -> None:
    """A question that has gone astray must not be answered with this source's record."""
    query = exam.query(_somebody(exam).patient_id)
    for table in soap.tables(exam):
        body = soap.question(exam, table, query, address="SE2321000999-X999")
        soap.fault_of(soap.send(exam, table, body), f"{_name(table)}: a question to another source system")


@pytest.mark.rule("RIV-005")
def test_another_contract_is_not_answered(exam: Exam) -> None:
    """Another version's namespace is another question, and its answer would be misread."""
    for table in soap.tables(exam):
        right = _right(exam, table)
        space = table.namespaces["responder"]
        major = space.rsplit(":", 1)[1]
        for what, body, headers in (
            ("another version's namespace", right.replace(space, f"{space.removesuffix(major)}9"), {}),
            ("another operation", right.replace(table.contract, "GetAlertInformation"), {}),
            ("no namespace", right.replace(f'"{space}"', '""'), {}),
            ("another SOAPAction", right, {"SOAPAction": '"urn:riv:other:GetOtherResponder:1:GetOther"'}),
        ):
            reply = soap.send(exam, table, body, headers=headers)
            soap.fault_of(reply, f"{_name(table)}: a question with {what}")


@pytest.mark.rule("RIV-006")
def test_a_body_holds_one_element(exam: Exam) -> None:
    """Two questions in one body, or none, or an envelope of SOAP 1.2: nothing that can be answered."""
    table = next(soap.tables(exam))
    right = _right(exam, table)
    inside = right.partition("<soap:Body>")[2].partition("</soap:Body>")[0]
    for what, body in (
        ("two questions in one body", right.replace(inside, inside * 2)),
        ("an empty body", right.replace(inside, "")),
        ("two bodies", right.replace("</soap:Body>", "</soap:Body><soap:Body/>")),
        (
            "an envelope of SOAP 1.2",
            right.replace(
                "http://schemas.xmlsoap.org/soap/envelope/", "http://www.w3.org/2003/05/soap-envelope"
            ),
        ),
    ):
        soap.fault_of(soap.send(exam, table, body), what)


def _hostile(right: str) -> dict[str, tuple[bytes, dict[str, str | None]]]:
    """Return messages that no honest consumer sends, each with its headers."""
    plain: dict[str, str | None] = {}
    bomb = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    deep = _inside(right, "<x>" * 2_000 + "</x>" * 2_000)
    return {
        "a document type": (_typed(right, f'soap SYSTEM "{_MARK}.dtd"'), plain),
        "entities": (_typed(_inside(right, "&a11;"), f'a [<!ENTITY a0 "{_MARK}">{bomb}]'), plain),
        "an external entity": (
            _typed(_inside(right, "&x;"), 'a [<!ENTITY x SYSTEM "file:///etc/hostname">]'),
            plain,
        ),
        "two thousand levels": (deep.encode(), plain),
        "ten megabytes": (_inside(right, "<!--" + "x" * 10_000_000 + "-->").encode(), plain),
        "a message cut off": (right.encode()[: len(right) // 2], plain),
        "no XML at all": (_MARK.encode(), plain),
        "nothing": (b"", plain),
        "bytes that are not the UTF-8 they are said to be": (
            _inside(right, f"<!-- {_MARK} -->").encode().replace(b"kv", b"\xff\xfe"),
            plain,
        ),
        "a charset that the prolog contradicts": (
            right.encode("latin-1", "replace"),
            {"Content-Type": "text/xml; charset=iso-8859-1"},
        ),
        "UTF-16 said to be UTF-8": (right.encode("utf-16"), plain),
        "another content type": (right.encode(), {"Content-Type": "application/json"}),
    }


def _inside(right: str, more: str) -> str:
    return right.replace("</soap:Body>", f"{more}</soap:Body>", 1)


def _typed(right: str, document_type: str) -> bytes:
    prolog, _, rest = right.partition("\n")
    return f"{prolog}<!DOCTYPE {document_type}>{rest}".encode()


@pytest.mark.rule("RIV-007")
def test_hostile_xml_is_refused(exam: Exam) -> None:
    """Nothing is expanded, fetched, repeated or half understood."""
    table = next(soap.tables(exam))
    for what, (body, headers) in _hostile(_right(exam, table)).items():
        reply = soap.send(exam, table, body, headers=headers)
        soap.refused(reply, what)
        require(
            reply.seconds < _LONG_SECONDS,
            f"{what} kept the connector busy",
            expected=f"less than {_LONG_SECONDS} s",
            got=reply.seconds,
        )
        require(_MARK not in reply.text(), f"the refusal of {what} repeats what was sent")


@pytest.mark.rule("RIV-008")
def test_no_element_of_an_answer_is_empty(exam: Exam) -> None:
    """An empty element says that there is something, and not what."""
    for table in soap.tables(exam):
        for persona in exam.personas(*_PERSONAS):
            reply = soap.send(exam, table, soap.question(exam, table, exam.query(persona.patient_id)))
            if reply.status != OK:
                continue  # judged elsewhere
            found = soap.empty_elements(reply, table)
            require(
                not found,
                f"{_name(table)}: elements of the answer are empty",
                got=some(sorted(set(found))),
                patient=persona.name,
            )


@pytest.mark.rule("RIV-009")
def test_every_version_follows_its_contract(exam: Exam) -> None:
    """Order, spelling and form are those of each version, also where they are odd."""
    for table in soap.tables(exam):
        for persona in exam.personas(*_PERSONAS):
            soap.answer(exam, table, exam.query(persona.patient_id))


@pytest.mark.rule("RIV-010")
def test_the_versions_say_the_same(exam: Exam) -> None:
    """What an older version lacks is what its contract has no place for, and nothing else."""
    for table in soap.tables(exam):
        newest = next(one for one in soap.tables(exam) if one.type == table.type)
        if table is newest:
            continue
        for persona in exam.personas(*_PERSONAS):
            told = readings.read(exam, table.type, persona).entries
            due = Counter(_shape(reduced(table, one)) for one in told if soap.has_room(table, one))
            got = Counter(map(_shape, soap.answer(exam, table, exam.query(persona.patient_id)).entries))
            require(
                due == got,
                f"{_name(table)}: another record than {_name(newest)}'s",
                expected=f"{due.total()} entries, as {_name(newest)} has them less what {_name(table)} loses",
                got=f"{(due - got).total()} of them missing or different, {(got - due).total()} others",
                patient=persona.name,
            )


def _shape(entry: dict[str, Any]) -> bytes:
    return orjson.dumps(entry, option=orjson.OPT_SORT_KEYS)


def _mistakes(exam: Exam, table: MappingTable) -> dict[str, tuple[Mistake, dict[str, Any]]]:
    """Return questions that can be read and must not be answered: what, and the name of its outcome."""
    query = exam.query(_somebody(exam).patient_id)
    reserve = exam.query(exam.someone("RIV-011", stratum="scale").patient_id, source_system_id=None)
    asked = soap.filters(table)
    found: dict[str, tuple[Mistake, dict[str, Any]]] = {}
    if "sourceSystemId" in asked:
        other = {**query, "sourceSystemId": "SE2321000999-X999"}
        found["another source system than LogicalAddress"] = ("other-source-system", other)
        found["a reserve number without source system"] = ("reserve-without-source-system", reserve)
    if "careContactIds" in asked:
        contact = {**query, "careContactIds": ["VK1"]}
        found["a care contact without source system"] = ("contact-without-source-system", contact)
    if "period" in asked:
        period = {"start": "2023-02-28", "end": "2023-02-31"}
        found["31 February"] = ("invalid-query", {**query, "period": period})
    return found


@pytest.mark.rule("RIV-011")
def test_a_mistake_has_its_contracts_outcome(exam: Exam) -> None:
    """A question put right by the connector is answered to somebody who asked something else."""
    for table in soap.tables(exam):
        for what, (kind, query) in _mistakes(exam, table).items():
            reply = soap.send(exam, table, soap.question(exam, table, query))
            due = table.outcomes[kind]
            if due == "fault":
                soap.fault_of(reply, f"{_name(table)}: {what}")
                continue
            require(
                reply.status == OK,
                f"{_name(table)}: {what} was answered {reply.status}",
                expected=f"200 with {due}",
                got=reply.text()[:200],
            )
            found = soap.outcome(table, reply, query)
            require(
                found == due,
                f"{_name(table)}: {what} did not have the contract's outcome",
                expected=due,
                got=found,
            )


@pytest.mark.rule("RIV-012")
def test_the_result_says_ok_and_can_be_traced(exam: Exam) -> None:
    """A log id that is the same in two answers leads to neither."""
    query = exam.query(_somebody(exam).patient_id)
    for table in soap.tables(exam):
        if table.response.result is None:
            continue
        results = [soap.answer(exam, table, query).result for _ in range(2)]
        for result in results:
            require(
                result is not None and result.code in {"OK", "INFO"},
                f"{_name(table)}: an answer without a result that says how it went",
                expected="OK or INFO",
                got=result.code if result else None,
            )
        ids = [result.log_id for result in results if result is not None]
        if soap.has_log_id(table):
            require(
                all(soap.is_uuid(one) for one in ids) and len(set(ids)) == len(ids),
                f"{_name(table)}: the log id is not one of a kind",
                expected="a UUID of its own in each answer",
                got=some(ids),
            )

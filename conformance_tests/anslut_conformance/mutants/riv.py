"""RIV: connectors that hold the right record, and say it in SOAP as the national platform cannot read it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from anslut.door import create_app
from anslut_contracts.http_headers import CONSUMER_HEADER, wsgi_name
from anslut_examples.kosmos import KosmosConnector

from anslut_conformance.exam_door import CONSUMER
from anslut_conformance.mutants.wrapping import OK, Call, Reply, Wrapped

if TYPE_CHECKING:
    from collections.abc import Callable

    from anslut.settings import Settings

    Ask = Callable[[Call], Reply]

_FAULT = 500
_SYSTEM = re.compile(rb"<LogicalAddress [^>]*>([^<]*)</LogicalAddress>")
_BLOCK = re.compile(rb"<LogicalAddress .*?</LogicalAddress>")
_HEADER = re.compile(rb"<soap:Header>.*?</soap:Header>|<soap:Header/>", re.DOTALL)
_LOG_ID = re.compile(rb"(<(?:\w+:)?logId>)[^<]+")


def _in_soap(around: Callable[[Call, Ask], Reply]) -> Callable[[Settings], Wrapped]:
    """Return a factory of good connectors with *around* around their RIV-TA door only."""

    def asked(call: Call, good: Ask) -> Reply:
        return around(call, good) if call.path.startswith("/rivta/") else good(call)

    def made(settings: Settings) -> Wrapped:
        return Wrapped(create_app(KosmosConnector(settings), settings=settings, rivta=True), asked)

    return made


def _on_reply(change: Callable[[Reply, Call], Reply]) -> Callable[[Settings], Wrapped]:
    return _in_soap(lambda call, good: change(good(call), call))


def _with(reply: Reply, body: bytes, *, status: int | None = None, media_type: str | None = None) -> Reply:
    headers = tuple(
        (name, media_type if media_type and name.lower() == "content-type" else value)
        for name, value in reply.headers
        if name.lower() != "content-length"
    )
    return Reply(status=status or reply.status, headers=headers, body=body)


def _asking(call: Call, body: bytes) -> Call:
    return Call(
        method=call.method, path=call.path, type=call.type, body=body, query=call.query, environ=call.environ
    )


def _other_charset(reply: Reply, call: Call) -> Reply:
    if reply.status != OK or "GetCareContacts/2.0" not in call.path:
        return reply
    return _with(reply, reply.body, media_type="text/xml; charset=iso-8859-1")


#: Lets the framework say another character set than the prolog does, in a version that few ask for.
other_charset = _on_reply(_other_charset)


def _quotes_the_question(reply: Reply, call: Call) -> Reply:
    if reply.status != _FAULT:
        return reply
    found = re.search(rb"extension>([0-9]{12})<|<(?:\w+:)?id>([0-9]{12})<", call.body)
    number = next((one for one in found.groups() if one), b"") if found else b""
    return _with(reply, reply.body.replace(b"</faultstring>", b" (" + number + b")</faultstring>"))


#: Tells in the fault whom it was about.
quotes_the_question = _on_reply(_quotes_the_question)


def _fills_in_the_address(call: Call, good: Ask) -> Reply:
    system = call.environ["mutant.system"].encode()
    block = b'<LogicalAddress xmlns="urn:riv:itintegration:registry:1">' + system + b"</LogicalAddress>"
    blocks = _BLOCK.findall(call.body)
    if len(blocks) == 1 and _SYSTEM.findall(call.body)[0]:
        return good(call)
    bare = _HEADER.sub(b"", call.body)
    return good(
        _asking(call, bare.replace(b"<soap:Body>", b"<soap:Header>" + block + b"</soap:Header><soap:Body>"))
    )


def fills_in_the_address(settings: Settings) -> Wrapped:
    """Answer whatever the header says about whom the question is for, or does not say."""
    return _knowing(settings, _fills_in_the_address)


def _answers_for_anybody(call: Call, good: Ask) -> Reply:
    found = _SYSTEM.findall(call.body)
    if len(found) != 1 or not found[0]:
        return good(call)
    own = call.environ["mutant.system"].encode()
    return good(_asking(call, call.body.replace(b">" + found[0] + b"</Log", b">" + own + b"</Log", 1)))


def answers_for_anybody(settings: Settings) -> Wrapped:
    """Answer a question that is addressed to another source system."""
    return _knowing(settings, _answers_for_anybody)


def _knowing(settings: Settings, around: Callable[[Call, Ask], Reply]) -> Wrapped:
    def told(call: Call, good: Ask) -> Reply:
        call.environ["mutant.system"] = settings.source_system_ids[0]
        return around(call, good)

    return _in_soap(told)(settings)


def _any_action(call: Call, good: Ask) -> Reply:
    call.environ.pop("HTTP_SOAPACTION", None)
    return good(call)


#: Looks at nothing but the address that was called.
any_action = _in_soap(_any_action)


def _first_of_two(call: Call, good: Ask) -> Reply:
    before, start, rest = call.body.partition(b"<soap:Body>")
    inside, end, after = rest.partition(b"</soap:Body>")
    half = len(inside) // 2
    if inside and inside[:half] == inside[half:]:
        return good(_asking(call, before + start + inside[:half] + end + after))
    return good(call)


#: Takes the first of two questions.
first_of_two = _in_soap(_first_of_two)


def _drops_the_type(call: Call, good: Ask) -> Reply:
    return good(_asking(call, re.sub(rb"<!DOCTYPE [^\[>]*>", b"", call.body)))


#: Reads a message with a document type as if it were not there.
drops_the_type = _in_soap(_drops_the_type)


def _empty_elements(reply: Reply, call: Call) -> Reply:
    if reply.status != OK or "GetDiagnosis" not in call.path:
        return reply
    return _with(reply, re.sub(rb"(</(?:\w+:)?diagnosisBody>)", rb"<x:extra xmlns:x='urn:x'/>\1", reply.body))


#: Leaves an element of its own empty.
empty_elements = _on_reply(_empty_elements)


def _misspelt(reply: Reply, call: Call) -> Reply:
    if reply.status != OK or "GetCareDocumentation/2.1" not in call.path:
        return reply
    return _with(reply, reply.body.replace(b"sourceSystemHSAid", b"sourceSystemHSAId"))


#: Puts right how the older contract spells, in one version.
misspelt = _on_reply(_misspelt)


def _one_short(reply: Reply, call: Call) -> Reply:
    if reply.status != OK or "GetCareContacts/2.0" not in call.path:
        return reply
    return _with(
        reply,
        re.sub(rb"<(\w+:)?careContact>.*?</(\w+:)?careContact>", b"", reply.body, count=1, flags=re.DOTALL),
    )


#: Loses an entry in the older version.
one_short = _on_reply(_one_short)


def _lenient(call: Call, good: Ask) -> Reply:
    return good(_asking(call, call.body.replace(b"20230231", b"20230228")))


#: Puts a date right that does not exist, instead of refusing it.
lenient = _in_soap(_lenient)


def _one_log_id(reply: Reply, call: Call) -> Reply:
    del call
    if reply.status != OK:
        return reply
    return _with(reply, _LOG_ID.sub(rb"\g<1>00000000-0000-4000-8000-000000000000", reply.body))


#: Has one log id for every answer.
one_log_id = _on_reply(_one_log_id)


def _as_the_platform(call: Call, good: Ask) -> Reply:
    call.environ[wsgi_name(CONSUMER_HEADER)] = CONSUMER
    return good(call)


#: Takes the platform, which is the same for everybody, for who asks.
as_the_platform = _in_soap(_as_the_platform)

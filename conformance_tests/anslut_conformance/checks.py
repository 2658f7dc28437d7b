"""What checks share: how they say what is wrong, and how they look for what must not be there.

A message speaks about the connector to somebody who has never seen this code: what was asked, what came, what
was due. It never holds a person's number; the report names the person by *patient*.
"""

from __future__ import annotations

import base64
import binascii
import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NoReturn

from anslut_contracts import validation

from anslut_conformance.errors import Finding

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from anslut_simulators.truth import Identity

    from anslut_conformance.doors import Reply

OK = 200

#: How many examples a message gives of what there may be thousands of.
EXAMPLES = 5

_PERSONNUMMER_DIGITS = 12
_BASE64 = re.compile(r"[A-Za-z0-9_+/-]{12,}={0,2}")


def fail(message: str, *, expected: object = None, got: object = None, patient: object = None) -> NoReturn:
    """Report that the connector broke the rule; *expected* and *got* are shown side by side."""
    raise Finding(message, expected=expected, got=got, patient=patient)


def require(
    condition: object, message: str, *, expected: object = None, got: object = None, patient: object = None
) -> None:
    """Report *message* unless *condition* holds."""
    if not condition:
        fail(message, expected=expected, got=got, patient=patient)


def problem(
    reply: Reply, statuses: Collection[int], message: str, *, patient: object = None
) -> dict[str, Any]:
    """Return the problem that *reply* carries; another status or no object is a finding."""
    if reply.status not in statuses:
        fail(
            message,
            expected=" or ".join(str(one) for one in sorted(statuses)),
            got=_shown(reply),
            patient=patient,
        )
    document = reply.json()
    if not isinstance(document, dict):
        fail(f"{message}: the reply is not an object", got=_shown(reply), patient=patient)
    return document


def gives_nothing(reply: Reply, *, form: str) -> bool:
    """Say whether *reply* gives no entries: it has none, or it refuses. A SOAP fault has no word for why it does."""
    if reply.status != OK:
        return form == "rivta" or reply.status == HTTPStatus.FORBIDDEN
    document = reply.json()
    return isinstance(document, dict) and document.get("entries") == []


def schema_errors(kind: str, document: object) -> list[str]:
    """Return where *document* breaks the schema of *kind*, as `path: rule`, at most a few."""
    return [f"{error.path}: {error.rule}" for error in validation.errors(kind, document)][:EXAMPLES]


def number_forms(identity: Identity) -> tuple[str, ...]:
    """Return the ways *identity* may be written: as it stands, with ten digits, with a separator."""
    extension = identity.extension
    if len(extension) != _PERSONNUMMER_DIGITS:
        return (extension,)
    short = extension[2:]
    return (
        extension,
        short,
        f"{short[:6]}-{short[6:]}",
        f"{short[:6]}+{short[6:]}",
        f"{extension[:8]}-{extension[8:]}",
    )


def holds_number(text: str, identities: Iterable[Identity]) -> bool:
    """Tell whether any way of writing one of *identities* stands in *text*, also hidden as base64."""
    forms = [form for identity in identities for form in number_forms(identity)]
    return any(form in layer for layer in _layers(text) for form in forms)


def _layers(text: str) -> Iterator[str]:
    yield text
    for piece in _BASE64.findall(text):
        for decode in (base64.b64decode, base64.urlsafe_b64decode):
            try:
                raw = decode(piece + "=" * (-len(piece) % 4))
            except (binascii.Error, ValueError):
                continue
            yield raw.decode("utf-8", "replace")


def document_ids(entries: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the entries' documentIds, in their order."""
    return [str(entry["header"]["documentId"]) for entry in entries]


def doubles(values: Iterable[str]) -> list[str]:
    """Return what stands more than once among *values*, each once."""
    seen: set[str] = set()
    again: dict[str, None] = {}
    for value in values:
        if value in seen:
            again[value] = None
        seen.add(value)
    return list(again)


def some(things: Iterable[object]) -> list[object]:
    """Return the first few of *things*, for a message."""
    return list(things)[:EXAMPLES]


def _shown(reply: Reply) -> str:
    return f"{reply.status} {reply.text()[:200]}"

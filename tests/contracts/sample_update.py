"""A valid update of the engagement index, as JSON and as XML, and the official schema that judges it."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from anslut_contracts.documents import read_json
from anslut_contracts.rivta.update import write_update
from lxml import etree

if TYPE_CHECKING:
    from pathlib import Path

TABLE = read_json("rivta/v1/index/Update-1.0.json")
RESPONDER, CORE = TABLE["namespaces"]["responder"], TABLE["namespaces"]["core"]
NUMBER = "199001022384"


def engagement(**changed: Any) -> dict[str, Any]:
    """Return a valid engagement."""
    return {
        "registeredResidentIdentification": NUMBER,
        "serviceDomain": "riv:clinicalprocess:healthcond:description",
        "categorization": "dia",
        "logicalAddress": "SE2321000999-K001",
        "businessObjectInstanceIdentifier": "NA",
        "clinicalProcessInterestId": "NA",
        "mostRecentContent": "20230701090005",
        "sourceSystem": "SE2321000999-K001",
        "dataController": "SE2321000999",
        **changed,
    }


def update(**changed: Any) -> dict[str, Any]:
    """Return an update of one transaction."""
    return {"transactions": [{"deleteFlag": False, "engagement": engagement(**changed)}]}


def written(document: dict[str, Any]) -> bytes:
    """Return an update as XML."""
    return "".join(write_update(document)).encode()


@cache
def judge(schemas: Path) -> etree.XMLSchema:
    """Return the official schema of Update."""
    return etree.XMLSchema(etree.parse(schemas / TABLE["xsd"]))

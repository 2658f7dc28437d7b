"""The fake index told in RIV-TA takes, refuses and keeps what it does in JSON, and official tools understand it."""

from __future__ import annotations

import json
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anslut_contracts
import pytest
import requests
import zeep
from anslut_contracts.documents import read_json
from lxml import etree
from small_country import ANNA, BABY_RESERVE, BO
from zeep.exceptions import Fault as ZeepFault

if TYPE_CHECKING:
    from anslut_simulators import ControlClient, RunningRegion

EXAMPLES = Path(anslut_contracts.__file__).parent / "examples" / "v1" / "engagements"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
TABLE = read_json("rivta/v1/index/Update-1.0.json")
RESPONDER, CORE = TABLE["namespaces"]["responder"], TABLE["namespaces"]["core"]
INTERACTION = "itintegration.engagementindex/1.0.10-current/interactions/UpdateInteraction"
#: As the schema has them: written here once more, by hand.
ORDER = (
    "registeredResidentIdentification",
    "serviceDomain",
    "categorization",
    "logicalAddress",
    "businessObjectInstanceIdentifier",
    "clinicalProcessInterestId",
    "mostRecentContent",
    "sourceSystem",
    "creationTime",
    "updateTime",
    "dataController",
    "owner",
)
#: A text where JSON wants a boolean: XML has nothing but texts.
JSON_ONLY = "borttagen-som-text"


def engagement(**changed: Any) -> dict[str, Any]:
    """Return an engagement that the index takes; a value of None is left out."""
    whole = {
        "registeredResidentIdentification": ANNA.extension,
        "serviceDomain": "riv:clinicalprocess:healthcond:description",
        "categorization": "voo",
        "logicalAddress": "SE2321000999-K001",
        "businessObjectInstanceIdentifier": "NA",
        "clinicalProcessInterestId": "NA",
        "mostRecentContent": "20231115080000",
        "sourceSystem": "SE2321000999-K001",
        "dataController": "SE2321000999-0001",
        **changed,
    }
    return {name: value for name, value in whole.items() if value is not None}


def update(*engagements: dict[str, Any], delete: bool = False) -> dict[str, Any]:
    """Return an update as the JSON form has it."""
    return {"transactions": [{"deleteFlag": delete, "engagement": one} for one in engagements]}


def envelope(document: dict[str, Any], address: str | None) -> str:
    """Return an update as SOAP, made by hand: nothing of ours writes it."""
    rows = ""
    for one in document["transactions"]:
        inside = "".join(
            f"<{name}>{escape(str(one['engagement'][name]))}</{name}>"
            for name in ORDER
            if name in one["engagement"]
        )
        flag = one.get("deleteFlag")
        flag = f'<deleteFlag xmlns="{CORE}">{str(flag).lower()}</deleteFlag>' if flag is not None else ""
        inside = f'{flag}<engagement xmlns="{CORE}">{inside}</engagement>'
        rows += f"<u:engagementTransaction>{inside}</u:engagementTransaction>"
    header = "" if address is None else f"<a:LogicalAddress>{escape(address)}</a:LogicalAddress>"
    return (
        f'<s:Envelope xmlns:s="{SOAP}" xmlns:u="{RESPONDER}" xmlns:a="urn:riv:itintegration:registry:1">'
        f"<s:Header>{header}</s:Header><s:Body><u:Update>{rows}</u:Update></s:Body></s:Envelope>"
    )


class RivtaIndex:
    """The index of one scenario, told in RIV-TA."""

    def __init__(self, region: RunningRegion, scenario: str) -> None:
        settings = region.environment(scenario=scenario, index="rivta")
        self.url = settings["ANSLUT_INDEX_URL"].removeprefix("rivta+")
        self.owner = settings["ANSLUT_INDEX_LOGICAL_ADDRESS"]

    def send(self, body: bytes | str, content_type: str = "text/xml; charset=utf-8") -> requests.Response:
        """Return the answer to any body."""
        sent = body.encode() if isinstance(body, str) else body
        return requests.post(self.url, data=sent, headers={"Content-Type": content_type}, timeout=20)

    def tell(self, document: dict[str, Any], **address: str | None) -> requests.Response:
        """Return the answer to an update."""
        return self.send(envelope(document, address.get("address", self.owner)))


@pytest.fixture
def index(region: RunningRegion, scenario: str) -> RivtaIndex:
    """Return the index of this test's scenario."""
    return RivtaIndex(region, scenario)


def result(answer: requests.Response) -> tuple[str | None, str | None]:
    """Return ResultCode and comment."""
    assert answer.status_code == 200, answer.text
    root = etree.fromstring(answer.content)
    return root.findtext(f".//{{{RESPONDER}}}ResultCode"), root.findtext(f".//{{{RESPONDER}}}comment")


def fault(answer: requests.Response) -> tuple[str | None, str]:
    """Return a fault's code and text."""
    root = etree.fromstring(answer.content)
    (found,) = root.iter(f"{{{SOAP}}}Fault")
    assert answer.headers["Content-Type"] == "text/xml; charset=utf-8"
    return found.findtext("faultcode"), found.findtext("faultstring") or ""


def test_an_independent_client_made_from_the_official_wsdl_is_understood(
    region: RunningRegion, scenario: str, control: ControlClient, national_schemas: Path
) -> None:
    """Update, update of several, delete, twice the same, and what the schema refuses: as in the official suite."""
    index = RivtaIndex(region, scenario)
    client = zeep.Client(str(national_schemas / INTERACTION / "UpdateInteraction_1.0_RIVTABP21.wsdl"))
    binding = "{urn:riv:itintegration:engagementindex:Update:1:rivtabp21}UpdateResponderBinding"
    service = client.create_service(binding, index.url)

    def tell(document: dict[str, Any]) -> Any:
        rows = document["transactions"]
        return service.Update(
            engagementTransaction=rows, _soapheaders={"LogicalAddress": index.owner}
        ).ResultCode

    anna, bo = engagement(), engagement(registeredResidentIdentification=BO.extension)
    assert tell(update(anna)) == "OK"
    assert tell(update(anna, bo)) == "OK"
    assert len(control.index()["engagements"]) == 2
    assert tell(update(engagement(mostRecentContent=None), delete=True)) == "OK"
    assert control.index()["engagements"] == [bo]
    assert tell(update(bo, bo)) == "ERROR"
    with pytest.raises(ZeepFault, match="EI001"):
        tell(update(engagement(mostRecentContent="2023-11-15")))

    assert [one["code"] for one in control.index()["refusals"]] == ["EI002", "EI001"]


@pytest.mark.parametrize(
    "path",
    [path for path in sorted(EXAMPLES.glob("*valid/*.json")) if path.stem != JSON_ONLY],
    ids=lambda path: path.stem,
)
def test_what_the_index_knows_does_not_depend_on_the_form(
    region: RunningRegion, scenario: str, index: RivtaIndex, path: Path
) -> None:
    """The examiner reads what was kept and what was refused; a connector may use either form."""
    example = json.loads(path.read_text("utf-8"))
    document = example.get("document", example)
    told = requests.post(f"{region.index_url(f'{scenario}-json')}/v1/engagements", json=document, timeout=20)
    answer = index.tell(document)

    known, as_json = region.control(scenario).index(), region.control(f"{scenario}-json").index()
    assert known["transactions"] == as_json["transactions"]
    assert known["engagements"] == as_json["engagements"]
    assert len(known["refusals"]) == len(as_json["refusals"]) == (told.status_code != 200)
    assert (answer.status_code == 200 and result(answer)[0] == "OK") == (told.status_code == 200)
    by_json = {one["detail"].partition(":")[0] for one in as_json["refusals"]}
    assert all(any(place in one["detail"] for place in by_json) for one in known["refusals"])


ANOTHER = {"registeredResidentIdentification": BO.extension}
REFUSED: dict[str, tuple[str, dict[str, Any], str]] = {
    "a thousand and one": (
        "EI000",
        update(*(engagement(dataController=f"SE{n}") for n in range(1001))),
        "transactions",
    ),
    "number with hyphen": (
        "EI001",
        update(engagement(registeredResidentIdentification="19900102-2384")),
        "registeredResidentIdentification",
    ),
    "time as in JSON": (
        "EI001",
        update(engagement(mostRecentContent="2023-11-15T08:00:00+01:00")),
        "mostRecentContent",
    ),
    "no source system": ("EI001", update(engagement(sourceSystem=None)), "sourceSystem"),
    "no flag": ("EI001", {"transactions": [{"engagement": engagement()}]}, "deleteFlag"),
    "nothing": ("EI001", update(), "Update"),
    "twice": ("EI002", update(engagement(), engagement(**ANOTHER), engagement()), "transactions[2]"),
    "white space": ("EI004", update(engagement(categorization=" voo")), "categorization"),
    "empty": ("EI004", update(engagement(clinicalProcessInterestId="")), "clinicalProcessInterestId"),
    "too long": ("EI004", update(engagement(dataController="S" * 65)), "dataController"),
    "reserve number": (
        "EI004",
        update(engagement(registeredResidentIdentification=BABY_RESERVE.extension)),
        "never a reserve number",
    ),
    "nobody's number": (
        "EI004",
        update(engagement(**ANOTHER), engagement(registeredResidentIdentification="1990" + "01022392")),
        "transactions[1].engagement.registeredResidentIdentification",
    ),
    "other category": ("EI004", update(engagement(categorization="dia-annan")), "categorization"),
    "other domain": (
        "EI004",
        update(engagement(serviceDomain="riv:clinicalprocess:healthcond:actoutcome")),
        "categorization",
    ),
    "deleted with content": ("EI004", update(engagement(), delete=True), "mostRecentContent"),
    "time that was skipped": ("EI004", update(engagement(mostRecentContent="20230326023000")), "mostRecentContent"),
    "owner": ("EI004", update(engagement(owner="SE2321000999-I001")), "engagement"),
    "creation time": ("EI004", update(engagement(creationTime="20231115080000")), "engagement"),
    "another region's system": (
        "EI004",
        update(engagement(sourceSystem="SE2321000998-K001", logicalAddress="SE2321000998-K001")),
        "sourceSystem",
    ),
    "address of another": ("EI004", update(engagement(logicalAddress="SE2321000999-K002")), "logicalAddress"),
    "address of the index": ("EI005", update(engagement(logicalAddress="SE2321000999-I001")), "logicalAddress"),
    "system of the index": ("EI006", update(engagement(sourceSystem="SE2321000999-I001")), "sourceSystem"),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_refused_is_refused_whole_with_the_official_code(
    index: RivtaIndex, control: ControlClient, what: str
) -> None:
    """EI000 to EI006, by a result or a fault as the table says; the place is told, the value never."""
    code, document, place = REFUSED[what]
    answer = index.tell(document)
    as_fault = {row["code"]: row["answer"] for row in TABLE["errors"]}[code] == "fault"
    said = fault(answer)[1] if as_fault else result(answer)[1] or ""

    assert said.startswith(f"{code}: ")
    assert place in said
    assert as_fault or result(answer)[0] == "ERROR"
    assert answer.status_code == (500 if as_fault else 200)
    known = control.index()
    assert (known["engagements"], known["transactions"]) == ([], [])
    assert [one["code"] for one in known["refusals"]] == [code]
    assert place in known["refusals"][0]["detail"]
    for number in ("0102", BO.extension, BABY_RESERVE.extension):
        assert number not in answer.text + json.dumps(known)


@pytest.mark.parametrize("address", ["SE2321000998-I001", "5565594230", None])
def test_an_update_for_another_index_is_refused(
    index: RivtaIndex, control: ControlClient, address: str | None
) -> None:
    """A call that was led astray must not be kept where nobody looks."""
    code, comment = result(index.tell(update(engagement()), address=address))

    assert code == "ERROR"
    assert str(comment).startswith("EI003: ")
    assert control.index()["engagements"] == []


def test_a_thousand_at_once_are_taken(index: RivtaIndex, control: ControlClient) -> None:
    """A thousand is the limit, and a thousand works in XML too."""
    many = [engagement(dataController=f"SE{number}") for number in range(1000)]

    assert result(index.tell(update(*many))) == ("OK", None)
    assert len(control.index()["engagements"]) == 1000


GOOD = envelope(update(engagement()), "SE2321000999-I001")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "iso-8859-1"])
def test_other_ways_of_writing_the_same_are_understood(
    index: RivtaIndex, control: ControlClient, encoding: str
) -> None:
    """RIV-TA allows UTF-16, and old platforms write ISO-8859-1: what the prolog says counts."""
    declared = encoding.removesuffix("-sig")
    sent = f'<?xml version="1.0" encoding="{declared}"?>{GOOD.replace("SE2321000999-0001", "Södra SE2321000999")}'

    answer = index.send(sent.encode(encoding), f"text/xml; charset={declared}")

    assert result(answer) == ("OK", None)
    assert control.index()["engagements"][0]["dataController"] == "Södra SE2321000999"


UNREADABLE: dict[str, tuple[bytes | str, str, str]] = {
    "no XML": (f"hej {ANNA.extension}", "text/xml", "soap:Client"),
    "nothing": ("", "text/xml", "soap:Client"),
    "half": (GOOD[: len(GOOD) // 2], "text/xml", "soap:Client"),
    "no envelope": ("<Update/>", "text/xml", "soap:Client"),
    "SOAP 1.2": (
        GOOD.replace(SOAP, "http://www.w3.org/2003/05/soap-envelope"),
        "text/xml",
        "soap:VersionMismatch",
    ),
    "media type of SOAP 1.2": (GOOD, "application/soap+xml", "soap:Client"),
    "JSON": (json.dumps(update(engagement())), "application/json", "soap:Client"),
    "no body": (f'<s:Envelope xmlns:s="{SOAP}"/>', "text/xml", "soap:Client"),
    "two elements": (GOOD.replace("</s:Body>", "<x/></s:Body>"), "text/xml", "soap:Client"),
    "two addresses": (
        GOOD.replace("<a:LogicalAddress>", "<a:LogicalAddress>x</a:LogicalAddress><a:LogicalAddress>"),
        "text/xml",
        "soap:Client",
    ),
    "must be understood": (
        GOOD.replace("<s:Header>", '<s:Header><x xmlns="urn:x" s:mustUnderstand="1"/>'),
        "text/xml",
        "soap:MustUnderstand",
    ),
    "a fault": (
        f'<s:Envelope xmlns:s="{SOAP}"><s:Body><s:Fault/></s:Body></s:Envelope>',
        "text/xml",
        "soap:Client",
    ),
    "document type": (f'<!DOCTYPE x [<!ENTITY a "{ANNA.extension}">]>{GOOD}', "text/xml", "soap:Client"),
    "another character set": (GOOD.encode("utf-16"), "text/xml; charset=utf-8", "soap:Client"),
    "another contract": (GOOD.replace("u:Update>", "u:ProcessNotification>"), "text/xml", "soap:Client"),
    "deep": (GOOD.replace("<u:Update>", "<u:Update>" + "<x>" * 60 + "</x>" * 60), "text/xml", "soap:Client"),
}


@pytest.mark.parametrize("what", UNREADABLE)
def test_what_cannot_be_read_is_a_fault_that_quotes_nobody(
    index: RivtaIndex, control: ControlClient, what: str
) -> None:
    """A fault has SOAP's code, a log id, and nothing of what was sent."""
    body, content_type, code = UNREADABLE[what]
    answer = index.send(body, content_type)

    assert answer.status_code == 500
    assert fault(answer)[0] == code
    assert "1990" not in answer.text
    assert len(etree.fromstring(answer.content).findtext(".//{urn:anslut:problem:1}logId") or "") == 36
    assert control.index()["engagements"] == []


def test_only_post_is_an_update(index: RivtaIndex) -> None:
    """An address typed into a browser is answered in the language of the address."""
    answer = requests.get(index.url, timeout=20)

    assert answer.status_code == 405
    assert fault(answer)[0] == "soap:Client"


def test_answers_follow_the_official_schema(index: RivtaIndex, national_schemas: Path) -> None:
    """OK and ERROR alike."""
    judge = etree.XMLSchema(etree.parse(national_schemas / TABLE["xsd"]))
    for document in (update(engagement()), update(engagement(categorization="x"))):
        body = etree.fromstring(index.tell(document).content).find(f"{{{SOAP}}}Body")
        assert body is not None

        assert judge.validate(etree.fromstring(etree.tostring(body[0]))), judge.error_log


def test_a_fault_of_the_index_strikes_both_forms(
    region: RunningRegion, scenario: str, index: RivtaIndex, control: ControlClient
) -> None:
    """An index that is down is down, and one that dribbles does so, whatever language one speaks with it."""
    as_json = f"{region.index_url(scenario)}/v1/engagements"
    control.fault("status", status=503, system="index")
    assert index.tell(update(engagement())).status_code == 503
    assert requests.post(as_json, json=update(engagement()), timeout=20).status_code == 503
    control.clear_faults()
    control.fault("truncate", system="index")

    for one in ({"json": update(engagement())}, {"data": envelope(update(engagement()), index.owner)}):
        url = as_json if "json" in one else index.url
        with pytest.raises(requests.RequestException):
            requests.post(
                url, headers={"Content-Type": "text/xml"} if "data" in one else {}, timeout=20, **one
            )  # type: ignore[arg-type]


def test_a_fault_bound_to_a_person_finds_them_in_both_forms(
    region: RunningRegion, scenario: str, index: RivtaIndex, control: ControlClient
) -> None:
    """Who an update of one transaction is about stands in its body."""
    control.fault("status", status=500, system="index", patient_id=ANNA)

    assert index.tell(update(engagement())).status_code == 500
    assert index.tell(update(engagement(**ANOTHER))).status_code == 200
    as_json = f"{region.index_url(scenario)}/v1/engagements"
    assert requests.post(as_json, json=update(engagement()), timeout=20).status_code == 500


def test_every_region_has_an_index_of_its_own(region: RunningRegion) -> None:
    """The logical address is an HSA-id that no source system has."""
    owner = region.environment(index="rivta")["ANSLUT_INDEX_LOGICAL_ADDRESS"]

    assert owner not in {system.hsa_id for system in region.parts.region.systems}
    assert "ANSLUT_INDEX_LOGICAL_ADDRESS" not in region.environment()
    assert region.environment()["ANSLUT_INDEX_URL"] == region.index_url()

"""The fake engagement index takes what is right, refuses what is not, and shows what it knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import requests
from small_country import ANNA, BABY_RESERVE, BO

if TYPE_CHECKING:
    from anslut_simulators import ControlClient, RunningRegion


def _transaction(*, delete: bool = False, **more: Any) -> dict[str, Any]:
    engagement = {
        "registeredResidentIdentification": ANNA.extension,
        "serviceDomain": "riv:clinicalprocess:healthcond:description",
        "categorization": "voo",
        "logicalAddress": "SE2321000999-K001",
        "businessObjectInstanceIdentifier": "NA",
        "clinicalProcessInterestId": "NA",
        "mostRecentContent": "20231115080000",
        "sourceSystem": "SE2321000999-K001",
        "dataController": "SE2321000999-0001",
        **({"mostRecentContent": None} if delete else {}),
        **more,
    }
    return {"deleteFlag": delete, "engagement": {name: v for name, v in engagement.items() if v is not None}}


class _Index:
    def __init__(self, region: RunningRegion, scenario: str) -> None:
        self._url = f"{region.index_url(scenario)}/v1/engagements"

    def post(self, *transactions: dict[str, Any]) -> requests.Response:
        return requests.post(self._url, json={"transactions": transactions}, timeout=20)


@pytest.fixture
def index(region: RunningRegion, scenario: str) -> _Index:
    """Return the index of this test's scenario."""
    return _Index(region, scenario)


def test_an_engagement_is_known_until_it_is_deleted(index: _Index, control: ControlClient) -> None:
    """Every transaction stays in the record of what came; the engagement itself goes."""
    assert index.post(_transaction()).json() == {"result": "OK"}
    assert len(control.index()["engagements"]) == 1
    index.post(_transaction(delete=True))
    known = control.index()

    assert known["engagements"] == []
    assert [row["deleteFlag"] for row in known["transactions"]] == [False, True]


def test_the_same_engagement_told_twice_is_one_with_the_latest_content(
    index: _Index, control: ControlClient
) -> None:
    """Late and doubled updates are everyday."""
    index.post(_transaction())
    index.post(_transaction(mostRecentContent="20231116090000"))
    (known,) = control.index()["engagements"]

    assert known["mostRecentContent"] == "20231116090000"


def test_a_call_is_taken_whole_or_not_at_all(index: _Index, control: ControlClient) -> None:
    """Half an update would be worse than none."""
    wrong = _transaction(registeredResidentIdentification="1990" + "01022392")
    answer = index.post(_transaction(), wrong)

    assert answer.status_code == 422
    assert "transactions[1]" in answer.json()["detail"]
    assert "01022392" not in answer.text
    assert control.index()["transactions"] == []


@pytest.mark.parametrize(
    "wrong",
    [
        _transaction(registeredResidentIdentification=BABY_RESERVE.extension),
        _transaction(registeredResidentIdentification="19900102-2384"),
        _transaction(mostRecentContent="2023-11-15"),
        _transaction(businessObjectInstanceIdentifier="1"),
        _transaction(categorization=""),
        _transaction(categorization="dia-annan"),
        _transaction(serviceDomain="riv:annan"),
        _transaction(sourceSystem="SE2321000999-K999"),
        _transaction(sourceSystem="SE2321000999-K999", logicalAddress="SE2321000999-K999"),
        _transaction(logicalAddress="SE2321000999-K999"),
        _transaction(delete=True, mostRecentContent="20231115080000"),
        _transaction(mostRecentContent="20231315080000"),
        _transaction(sourceSystem=None),
        _transaction(owner="x"),
        {"engagement": {}},
        {"deleteFlag": "yes", "engagement": _transaction()["engagement"]},
        "transaction",
    ],
)
def test_what_does_not_fit_is_refused(index: _Index, control: ControlClient, wrong: Any) -> None:
    """Reserve numbers above all: they must never be indexed."""
    answer = index.post(wrong)

    assert (answer.status_code, answer.headers["Content-Type"]) == (422, "application/problem+json")
    assert control.index()["engagements"] == []


def test_a_reserve_number_is_named_as_such(index: _Index) -> None:
    """The commonest mistake deserves its own words."""
    answer = index.post(_transaction(registeredResidentIdentification=BABY_RESERVE.extension))

    assert "never a reserve number" in answer.json()["detail"]
    assert BABY_RESERVE.extension not in answer.text


def test_at_most_a_thousand_at_once(index: _Index, control: ControlClient) -> None:
    """A thousand is the limit, and a thousand works."""
    many = [_transaction(dataController=f"SE{number}") for number in range(1001)]

    assert index.post(*many).status_code == 422
    assert index.post(*many[:1000]).status_code == 200
    assert index.post().status_code == 422
    assert len(control.index()["engagements"]) == 1000


def test_a_cleared_index_is_empty(index: _Index, control: ControlClient) -> None:
    """Each check begins with an index that knows nothing."""
    index.post(_transaction(), _transaction(registeredResidentIdentification=BO.extension))
    control.clear_index()

    assert control.index() == {"engagements": [], "transactions": [], "refusals": []}

"""The simulated index takes what the contract allows, and refuses what it does not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anslut_contracts
import pytest
import requests
from anslut_contracts import schema

if TYPE_CHECKING:
    from anslut_simulators import ControlClient, RunningRegion

EXAMPLES = Path(anslut_contracts.__file__).parent / "examples" / "v1" / "engagements"


def posted(region: RunningRegion, scenario: str, document: Any) -> requests.Response:
    """Return the index's answer to *document*."""
    return requests.post(f"{region.index_url(scenario)}/v1/engagements", json=document, timeout=20)


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("valid/*.json")), ids=lambda path: path.stem)
def test_a_valid_update_is_taken(
    region: RunningRegion, scenario: str, control: ControlClient, path: Path
) -> None:
    """A connector that follows the contract must not fail here."""
    document = json.loads(path.read_text("utf-8"))

    answer = posted(region, scenario, document)

    assert (answer.status_code, answer.json()) == (200, {"result": "OK"})
    assert (
        answer.json()["result"] == schema("engagements")["$defs"]["answer"]["properties"]["result"]["const"]
    )
    assert control.index()["transactions"] == document["transactions"]


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("invalid/*.json")), ids=lambda path: path.stem)
def test_an_invalid_update_is_refused_whole(
    region: RunningRegion, scenario: str, control: ControlClient, path: Path
) -> None:
    """What the national index would refuse must not pass here; the place is told, the value never."""
    example = json.loads(path.read_text("utf-8"))
    place = example["breaks"][0]["path"].rpartition("/")[2]

    answer = posted(region, scenario, example["document"])

    assert (answer.status_code, answer.headers["Content-Type"]) == (422, "application/problem+json")
    assert place in answer.json()["detail"]
    assert "1990" not in answer.text
    known = control.index()
    assert (known["engagements"], known["transactions"]) == ([], [])
    assert [place in one["detail"] for one in known["refusals"]] == [True]

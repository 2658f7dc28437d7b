"""REF: connectors that lose, rename and turn round referrals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from anslut_conformance.mutants.wrapping import Call, on_answer, on_entry

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

REFERRALS = "referral-status"
_PUBLIC = frozenset({"1", "7", "11"})
_NOTHING = frozenset({"11", "907"})


def _number(entry: Mapping[str, Any]) -> str:
    return str(entry["body"]["request"]["id"])


def _kept(
    keep: Callable[[list[dict[str, Any]]], list[dict[str, Any]]],
) -> Callable[[dict[str, Any], Call], None]:
    def change(document: dict[str, Any], call: Call) -> None:
        if call.type == REFERRALS:
            document["entries"] = keep(document["entries"])

    return change


def _latest(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the first entry of each referral: the newest come first."""
    return list({_number(entry): entry for entry in reversed(entries)}.values())[::-1]


#: Delivers the referral's latest step only.
latest_step_only = on_answer(_kept(_latest))


def _came_to_something(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    nothing = {_number(entry) for entry in entries if entry["body"]["statusCode"]["code"] in _NOTHING}
    return [entry for entry in entries if _number(entry) not in nothing]


#: Leaves out referrals that were struck out or rejected.
struck_out_left_out = on_answer(_kept(_came_to_something))


def _own_number(entry: dict[str, Any]) -> None:
    entry["body"]["request"]["id"] = entry["header"]["documentId"]


#: Gives every step a referral number of its own.
step_as_referral = on_entry(_own_number, REFERRALS)


def _sent(entry: dict[str, Any]) -> None:
    if entry["body"]["statusCode"]["code"] not in _PUBLIC:
        entry["body"]["statusCode"].update(code="1", displayName="Skickad")


#: Calls steps it does not know sent.
unknown_is_sent = on_entry(_sent, REFERRALS)


def _recorded(entry: dict[str, Any]) -> None:
    entry["body"]["eventTime"] = entry["header"]["documentTime"]


#: Takes the time of recording for the event's.
recorded_is_happened = on_entry(_recorded, REFERRALS)


def _turned(entry: dict[str, Any]) -> None:
    request = entry["body"]["request"]
    author = request["author"]
    author["organization"], request["receivingOrganization"] = (
        request["receivingOrganization"],
        author["organization"],
    )


#: Lets sender and receiver change places.
turned_round = on_entry(_turned, REFERRALS)

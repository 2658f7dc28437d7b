"""What Kosmos' referrals mean in the contract's words: one step each, between units that it knows or does not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from anslut import Organization, from_local
from anslut.entries import Referrer

if TYPE_CHECKING:
    from anslut_examples.kosmos_mapping import KosmosCodes, Row


def step(row: Row, codes: KosmosCodes) -> dict[str, Any]:
    """Return one step's fields as `referral_status` takes them."""
    sender = row["remittent"]
    return {
        "status": codes.code("remisstatus", row["steg"]),
        "time": from_local(row["stegtid"]),
        "referral_id": row["remissnr"],
        "receiver": organization(row["mottagare"], codes),
        "referrer": Referrer(name=sender["namn"], organization=organization(sender["enhet"], codes)),
        "kind": codes.code("remisstyper", row["remisstyp"]),
        "medium": codes.code("remissformer", row["form"]),
    }


def organization(row: Row, codes: KosmosCodes) -> Organization:
    """Return a unit of Kosmos' list with its HSA-id, or one that it only has words for."""
    if row["kod"] is None:
        return Organization.of(row["text"])
    unit = codes.unit(row["kod"])
    return Organization.of(unit["namn"], unit["hsaid"])

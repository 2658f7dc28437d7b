"""Referrals: one line for each step, and receivers that are units or only words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from anslut_simulators.kosmos.wall_clock import local_time
from anslut_simulators.truth.referral_status import Referral

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anslut_simulators.kosmos.codes import CodeLists
    from anslut_simulators.truth import Event
    from anslut_simulators.truth.referral_status import Place

TYPE: Final = "referral-status"
NAME: Final = "remiss"


def write(event: Event, entry: dict[str, Any], codes: CodeLists) -> None:
    """Add which referral it is, the step and when it was taken, its kind and form, from whom and to whom, and why."""
    said = event.holding(Referral)
    entry["remissnr"] = said.referral
    entry["steg"] = codes.local("remisstatus", said.status_code)
    entry["stegtid"] = local_time(said.time)
    entry["remisstyp"] = codes.local("remisstyper", said.kind_code)
    entry["form"] = codes.local("remissformer", said.medium_code)
    entry["remittent"] = {"namn": said.referrer, "enhet": _place(said.sender, codes)}
    entry["mottagare"] = _place(said.receiver, codes)
    entry["fragestallning"] = said.question
    entry["sokord"] = said.path[-1] if said.path else None


def lacking(event: Event, codes: CodeLists) -> Iterator[str]:
    """Yield nothing: every code of the truth is on the lists, and a unit that is not stands in words."""
    del event, codes
    yield from ()


def _place(place: Place, codes: CodeLists) -> dict[str, Any]:
    """Return a unit by its local code, or in words when Kosmos does not know it."""
    local = None if place.hsa_id is None else codes.unit(place.hsa_id)
    return {"kod": None, "text": place.name} if local is None else {"kod": local, "text": None}

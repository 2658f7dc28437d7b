"""How long a source takes, and how it says when to come back."""

from __future__ import annotations

import math
from email.utils import formatdate
from statistics import NormalDist
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from anslut_simulators.faults.delivery import Delivery
    from anslut_simulators.faults.hit import Hit

_LONGEST_SECONDS: Final = 3600.0
_STEPS: Final = 1 << 20
_NORMAL: Final = NormalDist()


def lognormal(hit: Hit) -> float:
    """Return the seconds that a `latency` lasts: its median, or a draw from the lognormal around it.

    Whole milliseconds, so that machines that differ in the last bit of a logarithm agree. With sigma 0.5 one
    call in twenty takes more than 2.3 times the median, with sigma 1 more than 5 times.
    """
    median, sigma = float(hit.argument("seconds")), float(hit.argument("sigma"))
    if not sigma:
        return median
    place = (hit.below(_STEPS, "latency") + 0.5) / _STEPS
    return min(_LONGEST_SECONDS, round(median * math.exp(sigma * _NORMAL.inv_cdf(place)), 3))


def retry_after_as(form: str, delivery: Delivery) -> None:
    """Write the Retry-After of *delivery*, if it has one, as `seconds`, as an HTTP `date` or as `nonsense`."""
    delivery.headers = [
        (name, _written(form, value, delivery.date) if name.lower() == "retry-after" else value)
        for name, value in delivery.headers
    ]


def _written(form: str, seconds: str, date: int) -> str:
    match form:
        case "date":
            return formatdate(date + int(seconds), usegmt=True)
        case "nonsense":
            return "strax"
        case _:
            return seconds

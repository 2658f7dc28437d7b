"""Who may drive the control plane: programs, and pages of its own; no page of somebody else's.

The control plane listens on loopback, and so does every browser on that machine: a page on the internet could post
to it, or give its own name this machine's address. Browsers say where a request comes from; what they say is held
against where it went. Programs say nothing of the kind, and are let through.
"""

from __future__ import annotations

import os
import re
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from anslut_simulators.problems import ProblemError

if TYPE_CHECKING:
    from flask import Request

HOSTS: Final = "ANSLUT_SIMULATOR_HOSTS"
"""The environment variable that names further hosts, separated by commas, by which browsers may call the region."""

_READING: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_HOST: Final = re.compile(r"\[?([A-Za-z0-9.:-]+?)\]?(?::[0-9]{1,5})?\Z")


def check_visitor(request: Request, *, is_page: bool) -> None:
    """Raise a problem (403) for a request that a browser sent on behalf of somebody else's page.

    What browsers are shown (*is_page*) is shown under a local name only, so that no other page can read it.
    """
    origin = request.headers.get("Origin")
    site = request.headers.get("Sec-Fetch-Site")
    is_browser = origin is not None or site is not None
    if (is_browser or is_page) and not is_local(request.host):
        raise _refused(f"Call it 127.0.0.1 or localhost, or name the host in {HOSTS}.")
    if request.method in _READING:
        return
    if site not in {None, "same-origin", "none"}:
        raise _refused("The request came from another site.")
    if origin is not None and urlsplit(origin).netloc.lower() != request.host.lower():
        raise _refused("The request came from another origin.")


def is_local(host: str) -> bool:
    """Tell whether *host*, as a Host header has it, is an address, localhost, or a host that was named to us."""
    match = _HOST.match(host)
    name = match[1].lower() if match else ""
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        ip_address(name)
    except ValueError:
        return name in {one.strip().lower() for one in os.environ.get(HOSTS, "").split(",") if one.strip()}
    return True  # a page's own name cannot be an address of ours


def _refused(detail: str) -> ProblemError:
    return ProblemError(
        403, "foreign-page", "Another site's page may not drive the simulators", detail=detail
    )

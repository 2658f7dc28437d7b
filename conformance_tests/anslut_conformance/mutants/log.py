"""LOG: connectors whose access log says too little, or too much."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from anslut.access_log import AccessLog
from anslut_examples.kosmos import KosmosConnector

from anslut_conformance.mutants.wrapping import Call, Reply, Wrapped, wrapped

if TYPE_CHECKING:
    from collections.abc import Callable

    from anslut.query import Caller
    from anslut.settings import Settings


class _NoUnits(AccessLog):
    """Leaves the units out."""

    def write(self, caller: Caller, **line: Any) -> None:
        super().write(caller, **{**line, "care_units": ()})


class UnitsLeftOut(KosmosConnector):
    """Does not say in its log whose entries were read."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.access_log = _NoUnits(settings)


class _SuccessOnly(AccessLog):
    """Writes a line when all went well."""

    def write(self, caller: Caller, **line: Any) -> None:
        if line["outcome"] == "ok":
            super().write(caller, **line)


class SuccessOnly(KosmosConnector):
    """Does not log what it refused."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.access_log = _SuccessOnly(settings)


def number_in_output(settings: Settings) -> Wrapped:
    """Log whom each search is about, for the developers."""
    log = logging.getLogger("kosmos-connector")

    def around(call: Call, good: Callable[[Call], Reply]) -> Reply:
        if call.extension.isdigit():
            log.info("searching for %s", call.extension)
        return good(call)

    return wrapped(settings, around)

"""A caller's side of one system in one scenario."""

from __future__ import annotations

from http import HTTPStatus
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol, cast

import msgspec
import requests

from anslut_simulators.systems import described_systems

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anslut_simulators.server import RunningRegion
    from anslut_simulators.truth import Identity

Form = Literal["json", "xml", "ndjson", "rows"]
_TIMEOUT_SECONDS: Final = 60
_CHARSETS: Final = {"xml": "iso-8859-1"}


class Native(msgspec.Struct, frozen=True, kw_only=True):
    """An answer as it was sent: *what* was asked for, the body's *form*, and the body."""

    what: str
    form: Form
    body: bytes

    def text(self) -> str:
        """Return the body as characters."""
        return self.body.decode(_CHARSETS.get(self.form, "utf-8"))

    def json(self) -> Any:  # noqa: ANN401 - whatever the system says
        """Return the body as plain values."""
        return msgspec.json.decode(self.body)


class Door:
    """Where *system* of a running region is called in *scenario*, and what its caller logs in with."""

    def __init__(self, region: RunningRegion, system: str, scenario: str) -> None:
        self.address = region.source_url(system, scenario)
        self.client_id = region.client_id(scenario, system)
        self.client_secret = region.client_secret(scenario, system)
        self._session = requests.Session()
        self._session.trust_env = False

    def trust(self, token: str) -> None:
        """Send *token* with every call from now on."""
        self._session.headers["Authorization"] = f"Bearer {token}"

    def call(self, method: str, path: str, **more: Any) -> requests.Response:  # noqa: ANN401 - as requests has it
        """Call *path* below the address, or at a whole address; raise `requests.HTTPError` for a refusal."""
        answer = self._call(method, path, more)
        answer.raise_for_status()
        return answer

    def found(self, method: str, path: str, **more: Any) -> requests.Response | None:  # noqa: ANN401 - as above
        """Call as `call` does; return None for what the system does not have (404)."""
        answer = self._call(method, path, more)
        if answer.status_code == HTTPStatus.NOT_FOUND:
            return None
        answer.raise_for_status()
        return answer

    def _call(self, method: str, path: str, more: dict[str, Any]) -> requests.Response:
        url = path if path.startswith("http") else f"{self.address}{path}"
        return self._session.request(method, url, timeout=_TIMEOUT_SECONDS, **more)


class Dialect(Protocol):
    """How a program is asked, as a module."""

    @staticmethod
    def person(door: Door, identity: Identity) -> Iterator[Native]:
        """Yield every answer about *identity*, which the system may not know."""
        ...

    @staticmethod
    def rest(door: Door) -> Iterator[Native]:
        """Yield what is about nobody in particular, and the change feed."""
        ...


def dialect(program: str) -> Dialect:
    """Return how *program* is asked; raise `KeyError` when there is no such program."""
    if program not in described_systems():
        raise KeyError(program)
    return cast("Dialect", import_module(f"{__package__}.{program}"))

"""The two forms of telling the engagement index: JSON, and RIV-TA's Update (`anslut.index_rivta`).

`ANSLUT_INDEX_URL` says which. Either way all transactions of a call are acknowledged, or an error is raised.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Protocol

from anslut.errors import SettingsError
from anslut.source import SourceClient

if TYPE_CHECKING:
    from collections.abc import Sequence

    from anslut.settings import Settings

_RIVTA: Final = "rivta+"
_SCHEMES: Final = ("http://", "https://")


class IndexForm(Protocol):
    """One way of telling the index."""

    def post(self, transactions: Sequence[dict[str, Any]]) -> None:
        """Return when the index has kept all *transactions*; raise `AnslutError` when it has not said so."""
        ...


def index_form(settings: Settings) -> IndexForm:
    """Return the form that *settings* ask for; raise `SettingsError` when something it needs is not set."""
    url = settings.index_url or ""
    address = url.removeprefix(_RIVTA)
    if not address.startswith(_SCHEMES):
        raise SettingsError(
            "ANSLUT_INDEX_URL must be an http or https address; for RIV-TA with rivta+ before it"
        )
    if address == url:
        return JsonForm(settings)
    from anslut.index_rivta import RivtaForm  # noqa: PLC0415 - lxml is not needed otherwise

    return RivtaForm(settings, url=address)


class JsonForm:
    """Posts to `/v1/engagements` below the index's address."""

    def __init__(self, settings: Settings) -> None:
        self._client = SourceClient(
            settings.index_url or "",
            source=settings.source_system_ids[0],
            ca_file=settings.ca_file,
            client_certificate=settings.client_certificate,
        )

    def post(self, transactions: Sequence[dict[str, Any]]) -> None:
        """Return when the index has kept all *transactions*."""
        self._client.post("/v1/engagements", json={"transactions": transactions})

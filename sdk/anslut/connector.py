"""What every connector has: what its author writes, and what the SDK keeps whatever the author writes.

An author subclasses the connector of their kind of source system (see `anslut.connectors`) and writes one
`read_*` method for each information type it owes. `Connector.search` is final: it checks person and query,
reads, holds every entry against the contract, filters, pages, logs the access, and turns every failure into
one that says what to do next. A new kind is a row in `kinds.json` and a class with `kind=` in its own module.
"""

from __future__ import annotations

from abc import ABC
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, final

import anslut_contracts
from anslut_contracts.errors import ProfileError

from anslut import answers, definitions
from anslut.access_log import AccessLog
from anslut.errors import ConnectorDefinitionError, SettingsError, UnknownTypeError
from anslut.kinds import Kind, kinds

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from anslut_contracts.profile import RegionProfile

    from anslut.changes import Changes
    from anslut.entries import Entry
    from anslut.query import Caller, Query
    from anslut.settings import Settings

INDEX_UPDATES = "index-updates"


class Connector(ABC):
    """What every connector has, whatever its kind of source system.

    A class that can be made sets `product`, `vendor`, `version`, and `system`: its name in region
    profiles. `capabilities` declares what it can do beyond that: `"index-updates"` with `read_changes`.
    `serves` are the information types it answers for, with the method that reads each: all that its kind
    owes, and those of the kind's other types that the class has a method for. A reader set to `None` says
    that this very source has never had that type (`read_laboratory_results = None`); it is then unknown here.
    """

    kind: ClassVar[Kind]
    serves: ClassVar[Mapping[str, str]]
    product: ClassVar[str]
    vendor: ClassVar[str]
    version: ClassVar[str]
    system: ClassVar[str]
    capabilities: ClassVar[frozenset[str]] = frozenset()

    def __init_subclass__(cls, *, kind: str | None = None, **arguments: Any) -> None:  # noqa: ANN401 - passed on
        """Give a kind its abstract readers; refuse an author's class that breaks the rules for connectors."""
        super().__init_subclass__(**arguments)
        if kind is not None:
            cls.kind = kinds()[kind]
            definitions.owe_readers(cls)
        else:
            definitions.check(cls)
        cls.serves = definitions.served(cls)

    def __init__(self, settings: Settings) -> None:
        """Keep *settings*; an author's own `__init__` calls this first."""
        self.settings = settings
        self.access_log = AccessLog(settings)

    @cached_property
    def profile(self) -> RegionProfile:
        """The region profile the connector runs with; raise `SettingsError` when none is set."""
        if not self.settings.region_profile:
            raise SettingsError("ANSLUT_REGION_PROFILE is not set: it holds a profile's name or path")
        try:
            return anslut_contracts.load_profile(self.settings.region_profile)
        except ProfileError as error:
            raise SettingsError(f"ANSLUT_REGION_PROFILE: {error}") from None

    def check_source(self) -> None:  # noqa: B027 - having nothing to check is allowed
        """Raise when the source system cannot be asked just now; does nothing unless the author writes it."""

    def read_changes(self, position: str | None) -> Changes:  # noqa: ARG002 - for those who override it
        """Return what changed after *position* (`None`: from the beginning), oldest first.

        Only for a connector that declares the capability `"index-updates"`.
        """
        raise ConnectorDefinitionError(
            f"{type(self).__name__} declares no {INDEX_UPDATES}, so it has no changes to read"
        )

    @final
    def search(self, type_name: str, query: Mapping[str, Any], *, caller: Caller) -> dict[str, Any]:
        """Return the answer to *query* as plain JSON: complete, or partial and saying so, newest first.

        An empty list of entries means that nothing exists, or that the region profile excludes who asks. Raise only
        `AnslutError`: its subclass says whether to ask again, ask differently or tell a human.
        """
        return answers.search(self, type_name, query, caller=caller)

    @final
    def read(self, query: Query) -> Iterable[Entry]:
        """Return what the author's reader for the query's type returns, unchecked."""
        try:
            reader = self.serves[query.type]
        except KeyError:
            raise UnknownTypeError("this connector does not answer for that information type") from None
        entries: Iterable[Entry] = getattr(self, reader)(query)
        return entries

    @final
    def manifest(self) -> dict[str, Any]:
        """Return what the connector says about itself, as plain JSON."""
        pushes = INDEX_UPDATES in self.capabilities and bool(self.settings.index_url)
        return {
            "product": self.product,
            "vendor": self.vendor,
            "version": self.version,
            "contractVersion": "1.0",
            "sourceSystem": {"kind": self.kind.name},
            "sourceSystemHsaIds": list(self.settings.source_system_ids),
            "types": list(self.serves),
            "capabilities": sorted(self.capabilities),
            "index": {"mode": "push" if pushes else "none"},
            "profileDigest": self.profile.digest(),
            "accessLog": bool(self.settings.access_log),
        }

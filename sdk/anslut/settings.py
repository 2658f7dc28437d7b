"""What a connector is told from outside: environment variables, or a file `anslut.toml`.

The names are the same for a connector in any language (`ANSLUT_SOURCE_URL` and so on), so that one who starts
connectors needs to know one list. In the file they stand in lower case without the prefix, in the table
`[settings]`; the environment wins.
"""

from __future__ import annotations

import os
import secrets
import ssl
import tomllib
from dataclasses import dataclass, field, fields
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Self

from anslut.deadline import DEFAULT_SECONDS
from anslut.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX = "ANSLUT_"
_NUMBERS = {"index_interval_seconds": float, "deadline_seconds": float, "page_size": int}
_NAMES = {"index_interval": "index_interval_seconds", "deadline": "deadline_seconds"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """A connector's settings; secrets are left out of its `repr`.

    `source_system_id` holds one HSA-id, or several separated by commas. `page_size` is the largest number of
    entries in one answer. `state_dir` holds the position in the source's change feed and nothing else.
    `data_controller` (personuppgiftsansvarig) stands in index posts; not given, it is the organisation
    part of the source system's HSA-id. `callers` holds the HSA-ids of those who may ask, separated by commas.
    `index_url` with `rivta+` before it is an index that is told in RIV-TA, for its owner's `index_logical_address`.
    `client_cert` and `client_key` are the files that the index is shown.
    """

    source_url: str = ""
    source_client_id: str = ""
    source_client_secret: str = field(default="", repr=False)
    source_system_id: str = ""
    region_profile: str = ""
    index_url: str | None = None
    index_logical_address: str | None = None
    index_interval_seconds: float = 1.0
    data_controller: str | None = None
    jwks_url: str | None = None
    audience: str | None = None
    issuer: str | None = None
    client_ca: str | None = None
    callers: str | None = None
    access_log: str | None = None
    ca_file: str | None = None
    client_cert: str | None = None
    client_key: str | None = None
    state_dir: str | None = None
    pseudonym_key: str = field(default="", repr=False)
    page_size: int = 500
    deadline_seconds: float = DEFAULT_SECONDS
    _process_key: str = field(default_factory=lambda: secrets.token_hex(32), repr=False, init=False)

    def __post_init__(self) -> None:
        """Refuse numbers that cannot be meant."""
        if self.page_size < 1:
            raise SettingsError("ANSLUT_PAGE_SIZE must be at least 1")
        if self.index_interval_seconds <= 0 or self.deadline_seconds <= 0:
            raise SettingsError("ANSLUT_INDEX_INTERVAL and ANSLUT_DEADLINE must be more than 0 seconds")

    @classmethod
    def from_environment(
        cls, environment: Mapping[str, str] | None = None, *, file: Path | str | None = None
    ) -> Self:
        """Read *environment* (by default the process's) over *file* (by default `anslut.toml`, if any)."""
        environment = os.environ if environment is None else environment
        told = _from_file(Path(file) if file else Path("anslut.toml"), required=file is not None)
        for key, text in environment.items():
            if key.startswith(PREFIX) and text != "":
                told[key.removeprefix(PREFIX).lower()] = text
        known = {item.name for item in fields(cls) if item.init}
        arguments: dict[str, object] = {}
        for key, value in told.items():
            name = _NAMES.get(key, key)
            if name in known:
                arguments[name] = _number(name, value) if name in _NUMBERS else str(value)
        return cls(**arguments)  # type: ignore[arg-type]  # the names come from the fields themselves

    @property
    def source_system_ids(self) -> tuple[str, ...]:
        """The HSA-ids of the source systems it answers for; raise `SettingsError` when none is set."""
        found = tuple(part.strip() for part in self.source_system_id.split(",") if part.strip())
        if not found:
            raise SettingsError("ANSLUT_SOURCE_SYSTEM_ID is not set: it holds the source system's HSA-id")
        return found

    @property
    def allowed_callers(self) -> frozenset[str]:
        """The HSA-ids of those who may ask, in capitals; empty: whoever has proven who they are."""
        return frozenset(part.strip().upper() for part in (self.callers or "").split(",") if part.strip())

    @property
    def client_certificate(self) -> tuple[str, str] | None:
        """The files of the certificate and the key that the index is shown, if any.

        Raise `SettingsError` when they cannot be read, do not belong together, or the key has a password.
        """
        if not self.client_cert:
            if self.client_key:
                raise SettingsError("ANSLUT_CLIENT_KEY is set, and ANSLUT_CLIENT_CERT is not")
            return None
        found = (self.client_cert, self.client_key or self.client_cert)
        try:
            ssl.create_default_context().load_cert_chain(*found, password=lambda: "")
        except OSError:  # every SSLError is one
            raise SettingsError(
                "ANSLUT_CLIENT_CERT and ANSLUT_CLIENT_KEY must be readable PEM files that belong together,"
                " the key without a password"
            ) from None
        return found

    def key(self, purpose: str) -> bytes:
        """Return 32 secret bytes for *purpose*, the same for every process with the same secrets.

        They come from `ANSLUT_PSEUDONYM_KEY`, else from the source's client secret; with neither, they
        live as long as this object.
        """
        secret = self.pseudonym_key or self.source_client_secret or self._process_key
        return _derived(secret, purpose)


@lru_cache(maxsize=64)
def _derived(secret: str, purpose: str) -> bytes:
    root = blake2b(secret.encode(), digest_size=32).digest()
    return blake2b(purpose.encode(), key=root, digest_size=32).digest()


def _from_file(path: Path, *, required: bool) -> dict[str, object]:
    try:
        text = path.read_text(encoding="utf-8")
    except OSError:
        if required:
            raise SettingsError(f"{path.name} cannot be read") from None
        return {}
    try:
        table = tomllib.loads(text).get("settings", {})
    except tomllib.TOMLDecodeError:
        raise SettingsError(f"{path.name} is not TOML; check its quotes and brackets") from None
    if not isinstance(table, dict):
        raise SettingsError(f"[settings] in {path.name} must be a table")
    unknown = sorted(set(table) - {item.name for item in fields(Settings)} - set(_NAMES))
    if unknown:
        raise SettingsError(f"{path.name} has settings nobody reads: {', '.join(unknown)}")
    return dict(table)


def _number(name: str, value: object) -> int | float:
    try:
        return _NUMBERS[name](str(value))  # type: ignore[no-any-return]
    except ValueError:
        raise SettingsError(f"the setting {name} must be a number") from None

"""Every error, grouped by what the caller does next.

    AnslutError
    ├── AskAgainError         the same question may be answered in a while
    │   ├── SourceUnavailableError · SourceTimeoutError · TooManyRequestsError
    ├── AskDifferentlyError   the question, or who asks, must change first
    │   ├── MalformedRequestError · UnauthenticatedError · ForbiddenError · UnknownTypeError · TooLargeError
    │   ├── UnsupportedMediaTypeError · InvalidQueryError · WrongSourceSystemError · NotFoundError
    │   └── MethodNotAllowedError
    └── TellHumanError        somebody has to mend something
        ├── SourceFailedError ── SourceRefusedError · SourceDataError ── ForeignEntryError · EntryInvalidError
        │                      └ IndexRefusedError
        └── SettingsError · ConnectorDefinitionError · ConnectorFailedError

A message says what happened, where, and what to try. It never holds a person's number, a token, or another
error's text; an error's cause is named by its type only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Sequence

    from anslut_contracts.validation import SchemaError


class AnslutError(Exception):
    """Anything this package raises on purpose; `slug`, `status` and `title` make the problem document."""

    slug: ClassVar[str] = "internal"
    status: ClassVar[int] = 500
    title: ClassVar[str] = "The connector failed"
    retryable: bool = False

    def __init__(
        self,
        message: str,
        *,
        source: str | None = None,
        retry_after_seconds: int | None = None,
        errors: Sequence[SchemaError] = (),
    ) -> None:
        """Describe the failure; *source* is the HSA-id of the source system it came from."""
        super().__init__(message)
        self.source = source
        self.retry_after_seconds = retry_after_seconds
        self.errors = tuple(errors)


class AskAgainError(AnslutError):
    """The same question may be answered in a while."""

    retryable = True


class SourceUnavailableError(AskAgainError):
    """The source system cannot be reached, or says that it is busy or down."""

    slug = "source-unavailable"
    status = 503
    title = "The source system is not available"


class SourceTimeoutError(AskAgainError):
    """The source system did not answer within the time a call may take."""

    slug = "source-timeout"
    status = 504
    title = "The source system did not answer in time"


class TooManyRequestsError(AskAgainError):
    """The caller asks more often than the connector answers."""

    slug = "too-many-requests"
    status = 429
    title = "Too many requests"


class AskDifferentlyError(AnslutError):
    """The question, or who asks it, must change first."""


class MalformedRequestError(AskDifferentlyError):
    """The request is not something that can be read as a question."""

    slug = "malformed"
    status = 400
    title = "The request cannot be read"


class UnauthenticatedError(AskDifferentlyError):
    """The caller did not prove who it is."""

    slug = "unauthenticated"
    status = 401
    title = "The caller is not authenticated"


class ForbiddenError(AskDifferentlyError):
    """The caller is known, and may not ask this."""

    slug = "forbidden"
    status = 403
    title = "The caller may not ask this"


class UnknownTypeError(AskDifferentlyError):
    """The connector does not answer for that information type."""

    slug = "unknown-type"
    status = 404
    title = "There is no such information type here"


class NotFoundError(AskDifferentlyError):
    """There is nothing at that address."""

    slug = "not-found"
    status = 404
    title = "There is nothing at this address"


class MethodNotAllowedError(AskDifferentlyError):
    """The address exists, the method does not."""

    slug = "method-not-allowed"
    status = 405
    title = "The method is not allowed here"


class TooLargeError(AskDifferentlyError):
    """The request is larger than a question ever needs to be."""

    slug = "too-large"
    status = 413
    title = "The request is too large"


class UnsupportedMediaTypeError(AskDifferentlyError):
    """The request is not JSON in UTF-8."""

    slug = "unsupported-media-type"
    status = 415
    title = "The request is not JSON"


class InvalidQueryError(AskDifferentlyError):
    """The question breaks the contract; `errors` says where and which rule, never with which value."""

    slug = "invalid-query"
    status = 422
    title = "The query breaks the contract"


class WrongSourceSystemError(AskDifferentlyError):
    """The question is meant for another source system, or does not say for which one of several."""

    slug = "wrong-source-system"
    status = 422
    title = "The query is not addressed to a source system of this connector"


class TellHumanError(AnslutError):
    """Somebody has to mend something."""


class SourceFailedError(TellHumanError):
    """The source system answered, but not with the information."""

    slug = "source-failed"
    status = 502
    title = "The source system failed"

    def __init__(
        self,
        message: str,
        *,
        source: str | None = None,
        retryable: bool = False,
        errors: Sequence[SchemaError] = (),
    ) -> None:
        """Describe the failure; *retryable* says that asking again may help."""
        super().__init__(message, source=source, errors=errors)
        self.retryable = retryable


class SourceRefusedError(SourceFailedError):
    """The source system refused the connector's own call; `source_status` is its HTTP status."""

    def __init__(self, message: str, *, source_status: int, source: str | None = None) -> None:
        """Describe the refusal."""
        super().__init__(message, source=source)
        self.source_status = source_status


class IndexRefusedError(SourceFailedError):
    """The engagement index did not take an update, and will not until somebody mends something.

    *code* is the index's own (`EI003`), when it told one; *comment* what it said, without persons' numbers.
    """

    def __init__(self, message: str, *, code: str | None, comment: str, source: str | None = None) -> None:
        """Describe the refusal."""
        super().__init__(message, source=source)
        self.code = code
        self.comment = comment


class SourceDataError(SourceFailedError):
    """What the source system answered cannot be turned into entries."""


class ForeignEntryError(SourceDataError):
    """The source system handed over an entry about somebody else than the person asked for."""


class EntryInvalidError(SourceDataError):
    """An entry breaks the contract's schema; `errors` says where and which rule."""


class SettingsError(TellHumanError):
    """The connector is not set up: the message names the setting and what it should hold."""


class ConnectorDefinitionError(TellHumanError):
    """A connector class breaks the rules for connectors; raised when the class is defined."""


class ConnectorFailedError(TellHumanError):
    """The connector's own code failed in a way nobody foresaw; look for the log id in its log."""

"""What can go wrong in this package; every error is a `ContractError` and none quotes a person's data."""

from __future__ import annotations

__all__ = [
    "CodecError",
    "ContractError",
    "EnvelopeError",
    "IdentityError",
    "LocalTimeError",
    "ProfileError",
    "RuleError",
    "UnknownSchemaError",
    "UnsafeXmlError",
]


class ContractError(Exception):
    """Something does not follow the contract, or the contract itself cannot be read."""


class UnknownSchemaError(ContractError):
    """There is no schema or information type of that name: ask for one that `information_types` lists."""


class IdentityError(ContractError):
    """An identity does not have the form its series demands.

    *rule* says which demand: `form`, `date` or `check-digit`. The number itself is never in the message.
    """

    def __init__(self, message: str, *, rule: str) -> None:
        super().__init__(message)
        self.rule = rule


class LocalTimeError(ContractError):
    """A local time cannot be read: it has another form, or the clocks in Stockholm skipped it."""


class ProfileError(ContractError):
    """A region profile cannot be found or does not follow its schema: correct the file."""


class RuleError(ContractError):
    """The rule catalogue does not follow its schema, or an id stands twice: correct the file."""


class CodecError(ContractError):
    """A document does not fit the mapping table: the message names the place, never the value."""


class UnsafeXmlError(ContractError):
    """A document is not sound XML, or more than that: the message continues a sentence about the document."""


class EnvelopeError(ContractError):
    """A message is not what SOAP 1.1 and RIV-TA demand; *code* is the fault that says so."""

    def __init__(self, message: str, *, code: str = "Client") -> None:
        super().__init__(message)
        self.code = code

"""Why a check could not pass, grouped by whose turn it is: the connector's author, the operator, or us."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class ExaminerError(Exception):
    """Root of everything the examiner raises; a plain one means that the examiner itself broke (ERROR)."""


class Finding(ExaminerError):  # noqa: N818 - a finding is a result, and the word reports use
    """The connector broke a rule (FAIL).

    *expected* and *got* are shown side by side in the report; *patient* is a persona's name or an identity,
    which the report replaces by a name or a pseudonym; *details* are further lines, label to value.
    """

    def __init__(
        self,
        message: str,
        *,
        expected: object = None,
        got: object = None,
        patient: object = None,
        details: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.expected = expected
        self.got = got
        self.patient = patient
        self.details = dict(details or {})


class ConfigurationError(ExaminerError):
    """The set-up is wrong, so nothing was judged (CONFIG); *hint* says what to change."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UnjudgedError(ExaminerError):
    """A check was not judged for a reason that is nobody's fault; *reason* is shown in the report."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class BlockedError(UnjudgedError):
    """Something this check stands on has failed (BLOCKED); the reason names it."""


class NotObservedError(UnjudgedError):
    """What the check must look at cannot be seen in this run (NOT OBSERVED)."""


class NotApplicableError(UnjudgedError):
    """The connector says that it does not offer what the rule is about (NOT APPLICABLE)."""


class CheckTimeoutError(ExaminerError):
    """A check took longer than it may; a finding when the connector was being waited for, else our error."""


class ReportRefusedError(ExaminerError):
    """A number outside the allowed series stands in the report, so the report is not written."""

"""What can go wrong with the state: before it is open, and after."""

from __future__ import annotations

from anslut_simulators.problems import ProblemError


class StateError(ValueError):
    """The state cannot be opened as it was asked for; the message says what to do."""


class StateUnreachableError(ProblemError):
    """The database stopped answering; the call can be made again when it does."""

    def __init__(self) -> None:
        super().__init__(
            503,
            "state-unreachable",
            "The state database does not answer",
            detail="Nothing was written. Start the database and call again.",
        )

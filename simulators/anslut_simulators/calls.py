"""One call to a source system: what the shared gate and the system tell each other."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from anslut_simulators.country import Region
    from anslut_simulators.faults.hit import Hit
    from anslut_simulators.overlay import Records
    from anslut_simulators.scenario import State
    from anslut_simulators.truth import Event, Identity, Reason

#: Why a fault of the system did not strike a call: what in it the call did not fit.
Spared = Literal["path", "token", "time", "person", "nth", "times", "every", "probability"]


@dataclass(slots=True, kw_only=True)
class Call:
    """A call under way: *path* follows the system's base URL; a system sets *patient* once it knows.

    *faults* are those that strike this very call; a system asks for its own with `fault`. *spared* says of some of the
    others, by id, what in them spared it. *origin* is what the caller called us (`http://127.0.0.1:8080`), for
    systems that write absolute addresses; empty when it is odd.
    """

    state: State
    system: str
    method: str
    path: str
    query: str
    authorization: str
    if_none_match: str
    body: bytes
    content_type: str
    real_us: int
    origin: str = ""
    consumer: str = "-"
    patient: Identity | None = None
    faults: Sequence[Hit] = field(default=())
    spared: list[tuple[str, Spared]] = field(default_factory=list)
    skew_seconds: int = 0

    @property
    def clock_us(self) -> int:
        """The source's own clock in microseconds since 1970, wrong if a fault says so: tokens live by it."""
        return self.real_us + self.skew_seconds * 1_000_000

    def fault(self, name: str) -> Hit | None:
        """Return the fault called *name* that strikes this call, with its arguments and draws, or None.

        This is how a content fault reaches a system: `if hit := call.fault("missing-field"): …`. Ask when the
        answer is made, not before: a call that is refused for another reason shows nothing of the fault.
        """
        for hit in self.faults:
            if hit.fault.fault == name:
                return hit
        return None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a system answers: ready bytes and a status line without reason.

    A system that streams gives *chunks* and no *body*: the answer then goes out without Content-Length, in
    HTTP chunks of just these bytes, in this order (none may be empty). They are a tuple and not a generator,
    because one person's record is small, and because faults must be able to cut, delay and count them.
    Content-Length, Date, Content-Type and Transfer-Encoding are the gate's; *headers* must not hold them.
    """

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    content_type: str = "application/json; charset=utf-8"
    chunks: tuple[bytes, ...] | None = None

    def __len__(self) -> int:
        """Return how many bytes of body there are."""
        return len(self.body) if self.chunks is None else sum(map(len, self.chunks))


class System(Protocol):
    """A source system of a region; a folder with a `system.json` that names a factory for one of these."""

    name: str
    types: tuple[str, ...]
    """The information types that the system keeps."""
    faults: frozenset[str]
    """The faults that only the system itself can carry out, by name: rows of `faults/catalogue.json` with
    `"by": "system"`. A tester who asks for another of them is refused (422). Faults of the wire (status,
    dribble, truncate and so on) strike every system behind the gate and are not named here."""

    def keyword(self, reason: Reason) -> str:
        """Return the word under which its users write what the resident must not see for *reason*."""
        ...

    def answer(self, call: Call) -> Answer:
        """Answer one call; never raise for anything that a caller can send."""
        ...

    def identify(self, call: Call) -> Identity | None:
        """Return whom a call is about, for faults that are bound to a person; None when it cannot tell."""
        ...

    def refuse(self, status: int, *, retry_after: int | None = None) -> Answer:
        """Return the system's own way of saying that it fails with *status*."""
        ...

    def missing(self, event: Event) -> list[str]:
        """Return the places in *event* that this system has no way of writing."""
        ...

    def guide(self, base_url: str) -> list[tuple[str, str]]:
        """Return (what, curl command) pairs that a newcomer can paste."""
        ...


@runtime_checkable
class KeepsCopy(Protocol):
    """A system that is reached by another way than HTTP, over a copy of its rows."""

    def address(self, scenario: str) -> str:
        """Return what a connector's `ANSLUT_SOURCE_URL` shall be in *scenario*; make the copy when first asked."""
        ...

    def changed(self, scenario: str) -> None:
        """Bring the copy up to date: somebody has written in *scenario*, moved its clock or set a fault."""
        ...

    def close(self) -> None:
        """Remove the copies."""
        ...


class SystemFactory(Protocol):
    """What a `system.json` names."""

    def __call__(self, records: Records, *, secret: bytes, region: Region, **name: str) -> System:
        """Return the system over *records*, signing with *secret*.

        One that a region can have several installations of also takes `name`, the installation's in that region.
        """
        ...

"""How an answer leaves the simulator: in what pieces, at what pace, under what length, and how it ends."""

from __future__ import annotations

from dataclasses import dataclass
from email.utils import formatdate
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from anslut_simulators.calls import Answer

#: Set in the WSGI environment by a server that can break connections as a `Delivery` says.
BREAKABLE: Final = "anslut.breakable"
#: How the answer shall end: the gate sets it there before it returns, for such a server to read.
ENDING: Final = "anslut.ending"
Ending = Literal["whole", "closed", "reset"]
_REASONS: Final = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}


def status_line(status: int) -> str:
    """Return *status* with its reason, as WSGI wants it."""
    return _REASONS.get(status, f"{status} Fault")


@dataclass(slots=True, kw_only=True)
class Delivery:
    """One answer on its way out; faults of the wire change it, and `send` carries it out.

    *pieces* are written one by one with *pause* seconds between them and *linger* after the last. *length* is
    what Content-Length says, true or not; None sends every piece as an HTTP chunk. *date* is what the Date
    header says, in seconds since 1970. *ending* "closed" hangs up after the last piece and "reset" sends a TCP
    reset then; *silent* sends nothing at all before the ending.
    """

    status: int
    headers: list[tuple[str, str]]
    content_type: str
    pieces: list[bytes]
    length: int | None
    date: int
    pause: float = 0.0
    linger: float = 0.0
    ending: Ending = "whole"
    silent: bool = False

    @classmethod
    def of(cls, answer: Answer, *, date: int) -> Delivery:
        """Return the faultless delivery of *answer*."""
        streamed = answer.chunks is not None
        return cls(
            status=answer.status,
            headers=list(answer.headers),
            content_type=answer.content_type,
            pieces=list(answer.chunks or ()) if streamed else [answer.body] if answer.body else [],
            length=None if streamed else len(answer.body),
            date=date,
        )

    @property
    def body(self) -> bytes:
        """The whole body."""
        return b"".join(self.pieces)

    def rewrite(self, body: bytes) -> None:
        """Send *body* instead, in good order; a stream keeps its cuts as far as *body* reaches."""
        if self.length is not None:
            self.pieces = [body] if body else []
            self.length = len(body)
            return
        cuts, at = [], 0
        for piece in self.pieces[:-1]:
            cuts.append(body[at : at + len(piece)])
            at += len(piece)
        self.pieces = [piece for piece in (*cuts, body[at:]) if piece]

    def cut(self, at: int) -> None:
        """Send only the first *at* bytes, under the length that the whole would have had."""
        kept = []
        for piece in self.pieces:
            if at > 0:
                kept.append(piece[:at])
            at -= len(piece)
        self.pieces = kept


def send(
    delivery: Delivery,
    environ: dict[str, Any],
    start_response: Any,  # noqa: ANN401 - WSGI
    *,
    wait: Callable[[float], object],
) -> Iterable[bytes]:
    """Carry *delivery* out as a WSGI answer; *wait* sleeps that many seconds or until the region closes.

    Servers that cannot break a connection are given an answer that fails while it is sent: as near as WSGI comes.
    """
    breakable = environ.get(BREAKABLE, False)
    if breakable:
        environ[ENDING] = delivery.ending
        if delivery.silent:
            return []
    headers = [*delivery.headers, ("Date", formatdate(delivery.date, usegmt=True))]
    if delivery.length is not None:
        headers.append(("Content-Length", str(delivery.length)))
    if delivery.pieces and delivery.content_type:
        headers.append(("Content-Type", delivery.content_type))
    start_response(status_line(delivery.status), headers)
    pieces = [] if delivery.silent or environ["REQUEST_METHOD"] == "HEAD" else delivery.pieces
    return _paced(pieces, delivery, wait, fails=delivery.ending != "whole" and not breakable)


def _paced(
    pieces: list[bytes], delivery: Delivery, wait: Callable[[float], object], *, fails: bool
) -> Iterator[bytes]:
    for number, piece in enumerate(pieces):
        if number and delivery.pause:
            wait(delivery.pause)
        yield piece
    if delivery.linger:
        wait(delivery.linger)
    if fails:
        raise ConnectionAbortedError("a fault broke this connection on purpose")

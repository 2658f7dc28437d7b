"""Faults of an answer's bytes: what a client reads is not what HTTP or the system promised.

A fault here is one function, named in `BODIES`, and one row in `catalogue.json`.
"""

from __future__ import annotations

import gzip
import re
from importlib import resources
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from anslut_simulators.faults.delivery import Delivery
    from anslut_simulators.faults.hit import Hit

_UTF8_BOM: Final = b"\xef\xbb\xbf"
_NULS: Final = b"\n\x00\x00\x00\x00"
_CHARSET: Final = re.compile(r"charset=\"?([A-Za-z0-9_-]+)", re.IGNORECASE)
_GZIPPED: Final = ("Content-Encoding", "gzip")


def empty_body(delivery: Delivery, hit: Hit) -> None:
    """Leave nothing of the body."""
    del hit
    delivery.rewrite(b"")


def proxy_page(delivery: Delivery, hit: Hit) -> None:
    """Put a proxy's page in place of everything, headers too."""
    page = resources.files(__package__).joinpath("proxy_page.html").read_bytes()
    delivery.status = hit.argument("status")
    delivery.headers = []
    delivery.content_type = "text/html; charset=utf-8"
    delivery.rewrite(page)


def malformed(delivery: Delivery, hit: Hit) -> None:
    """Keep half the body, in good order: half JSON, half XML, half a line."""
    del hit
    body = delivery.body
    delivery.rewrite(body[: len(body) // 2])


def trailing_nuls(delivery: Delivery, hit: Hit) -> None:
    """Add NUL bytes, as padded records have them: no JSON, no XML and no text ends so."""
    del hit
    delivery.rewrite(delivery.body + _NULS)


def wrong_charset(delivery: Delivery, hit: Hit) -> None:
    """Write the text in another character set than Content-Type says."""
    declared = _CHARSET.search(delivery.content_type)
    said = declared[1].lower() if declared else "utf-8"
    other = hit.argument("charset") or ("iso-8859-1" if said == "utf-8" else "utf-8")
    try:
        text = delivery.body.decode(said)
    except (LookupError, UnicodeDecodeError):
        text = delivery.body.decode("latin-1")
    delivery.rewrite(text.encode(other, errors="replace"))


def bom(delivery: Delivery, hit: Hit) -> None:
    """Begin with a byte order mark."""
    del hit
    delivery.rewrite(_UTF8_BOM + delivery.body)


def wrong_content_type(delivery: Delivery, hit: Hit) -> None:
    """Call the body something else."""
    delivery.content_type = hit.argument("contentType")


def compression_lie(delivery: Delivery, hit: Hit) -> None:
    """Say that the body is compressed; it is not."""
    del hit
    delivery.headers.append(_GZIPPED)


def unmarked_compression(delivery: Delivery, hit: Hit) -> None:
    """Compress the body and say nothing of it."""
    del hit
    delivery.rewrite(gzip.compress(delivery.body, mtime=0))


BODIES: Final[Mapping[str, Callable[[Delivery, Hit], None]]] = {
    "empty-body": empty_body,
    "proxy-page": proxy_page,
    "malformed": malformed,
    "trailing-nuls": trailing_nuls,
    "wrong-charset": wrong_charset,
    "bom": bom,
    "wrong-content-type": wrong_content_type,
    "compression-lie": compression_lie,
    "unmarked-compression": unmarked_compression,
}

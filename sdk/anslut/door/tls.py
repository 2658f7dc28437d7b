"""The door's side of TLS: which versions, whose certificates callers must show, and how long a handshake may take."""

from __future__ import annotations

import socket
import ssl
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from anslut.errors import SettingsError

if TYPE_CHECKING:
    from anslut.server import Listen

_HANDSHAKE_SECONDS = 5.0
_GOODBYE_SECONDS = 0.5
_GOODBYE_READS = 4


class _PromptSocket(ssl.SSLSocket):
    """A socket whose handshake ends in time: who stops in the middle of one would hold a thread for ever."""

    def do_handshake(self, block: bool = False) -> None:  # noqa: FBT001, FBT002 - the library's own
        self.settimeout(_HANDSHAKE_SECONDS)
        try:
            super().do_handshake(block)
        except TimeoutError:
            raise ssl.SSLError("the handshake took too long") from None
        except ssl.SSLError:
            self._let_be_read()
            raise
        self.settimeout(None)

    def _let_be_read(self) -> None:
        """Wait until the caller has read why; closing with its request unread would take the reason back."""
        self.settimeout(_GOODBYE_SECONDS)
        with suppress(OSError):
            socket.socket.shutdown(self, socket.SHUT_WR)
            for _ in range(_GOODBYE_READS):
                if not socket.socket.recv(self, 65_536):
                    break


def tls_context(listen: Listen) -> ssl.SSLContext:
    """Return the server's TLS settings: 1.2 or later, and client certificates where an authority is given.

    The authority may be an issuing one without its root: then nothing else that the root has issued is taken.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.sslsocket_class = _PromptSocket
    # Without a password, a key that needs one would have somebody asked for it at the terminal.
    context.load_cert_chain(listen.certificate or "", listen.key, password="")
    if listen.client_ca:
        context.verify_mode = ssl.CERT_REQUIRED
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        context.load_verify_locations(listen.client_ca)
    return context


def check_files(listen: Listen) -> None:
    """Raise `SettingsError` where no call could be answered with the files that *listen* names."""
    try:
        tls_context(replace(listen, client_ca=None))
    except OSError:  # TLS's own errors are such
        raise SettingsError(
            "the door cannot use --tls-cert with --tls-key: both must be PEM, the key the certificate's own and"
            " without password"
        ) from None
    try:
        tls_context(listen)
    except OSError:
        raise SettingsError(
            "the door cannot use --client-ca (ANSLUT_CLIENT_CA): it must hold certificates in PEM"
        ) from None


def why_failed(error: ssl.SSLError) -> str:
    """Return why a connection failed, in the library's fixed words: nothing from a certificate."""
    return str(getattr(error, "verify_message", None) or error.reason or error.args[-1])

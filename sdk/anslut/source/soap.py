"""A client for a source that speaks SOAP 1.1: envelopes out, the answer's one element back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Self
from xml.sax.saxutils import escape

from anslut.errors import SettingsError, SourceDataError, SourceFailedError
from anslut.source import reply as replies
from anslut.source.client import SourceClient
from anslut.source.oauth import ClientCredentials, TokenKeeper
from anslut.source.reply import SourceReply
from anslut.source.xml import XmlNode, read_xml

if TYPE_CHECKING:
    import requests

    from anslut.settings import Settings

ENVELOPE: Final = "http://schemas.xmlsoap.org/soap/envelope/"
_MEDIA_TYPE: Final = "text/xml"
_LARGEST_BYTES: Final = 32_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """How a session is begun: the operation at *path*, its fields for who and what, and those of its answer.

    The key goes in HTTP's `Authorization: Bearer …` from then on, and is fetched anew when it is refused.
    """

    path: str
    operation: str
    user: str
    password: str
    key: str
    seconds: str


class SoapClient(SourceClient):
    """Asks one SOAP source, as `SourceClient` does in everything else: deadlines, tries, limits and errors.

    A fault is a failure, whatever status it comes with.
    """

    def __init__(
        self,
        base_url: str,
        *,
        source: str,
        namespace: str = "",
        sign_in: SignIn | None = None,
        **settings: Any,  # noqa: ANN401 - those of `SourceClient`
    ) -> None:
        """Prepare for *base_url*; *namespace* is that of the operations. Nothing is asked yet."""
        super().__init__(base_url, source=source, headers={"Accept": _MEDIA_TYPE}, **settings)
        self._namespace = namespace
        self._sign_in = sign_in
        if sign_in is not None:
            self._tokens = TokenKeeper(self._fetch_key, source=source)

    @classmethod
    def from_settings(
        cls,
        settings: Settings,
        *,
        token_path: str | None = None,
        namespace: str = "",
        sign_in: SignIn | None = None,
    ) -> Self:
        """Return a client for the source in *settings*, with sessions as *sign_in* says, or OAuth, or neither."""
        path = sign_in.path if sign_in is not None else token_path
        credentials = None
        if path is not None:
            credentials = ClientCredentials(
                client_id=settings.source_client_id, client_secret=settings.source_client_secret, path=path
            )
        return cls(
            settings.source_url,
            source=settings.source_system_ids[0],
            namespace=namespace,
            sign_in=sign_in,
            credentials=credentials,
            ca_file=settings.ca_file,
        )

    def call(self, path: str, operation: str, **fields: str | int | None) -> XmlNode:
        """Return the element that answers *operation* with *fields*; a field that is None is left out."""
        answer = self.ask("POST", path, content=self._content(operation, fields), read=self._read).document
        if not isinstance(answer, XmlNode) or answer.namespace != self._namespace:
            raise SourceDataError("the source's answer is not that of the operation", source=self.source)
        return answer

    def _content(self, operation: str, fields: dict[str, str | int | None]) -> tuple[str, bytes]:
        inner = "".join(
            f"<{name}>{escape(str(value))}</{name}>" for name, value in fields.items() if value is not None
        )
        body = f'<{operation} xmlns="{self._namespace}">{inner}</{operation}>'
        envelope = f'<e:Envelope xmlns:e="{ENVELOPE}"><e:Body>{body}</e:Body></e:Envelope>'
        return f"{_MEDIA_TYPE}; charset=utf-8", envelope.encode()

    def _read(self, response: requests.Response, source: str) -> XmlNode:
        media_type, _, parameters = response.headers.get("Content-Type", "").partition(";")
        body = replies.read(response, largest_bytes=_LARGEST_BYTES, source=source)
        if media_type.strip().lower() != _MEDIA_TYPE:
            raise SourceDataError("the source's answer is not XML", source=source)
        charset = parameters.partition("charset=")[2].strip().strip('"') or None
        root = read_xml(body, charset=charset, source=source)
        bodies = list(root.all("Body")) if root.name == "Envelope" and root.namespace == ENVELOPE else []
        inside = bodies[0].children() if len(bodies) == 1 else []
        if len(inside) != 1:
            raise SourceDataError("the source's answer is no SOAP envelope", source=source)
        if inside[0].name == "Fault" and inside[0].namespace == ENVELOPE:
            raise SourceFailedError("the source answered with a fault", source=source, retryable=True)
        return inside[0]

    def _fetch_key(self) -> SourceReply:
        sign_in, credentials = self._sign_in, self._credentials
        if sign_in is None or credentials is None:
            raise SettingsError("no credentials for the source")
        fields: dict[str, str | int | None] = {
            sign_in.user: credentials.client_id,
            sign_in.password: credentials.client_secret,
        }
        content = self._content(sign_in.operation, fields)
        reply = self._try("POST", sign_in.path, content=content, read=self._read)
        if not isinstance(reply.document, XmlNode):
            return reply
        seconds = reply.document.value(sign_in.seconds)
        token = {
            "access_token": reply.document.value(sign_in.key),
            "expires_in": int(seconds) if seconds.isdigit() else None,
        }
        return SourceReply(status=reply.status, headers=reply.headers, document=token)

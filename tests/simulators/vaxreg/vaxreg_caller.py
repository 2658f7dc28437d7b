"""A way of calling Vaxreg that knows neither the SDK nor zeep: envelopes by hand, answers by lxml."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import requests
from lxml import etree

if TYPE_CHECKING:
    from anslut_simulators import RunningRegion
    from anslut_simulators.truth import Identity

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
VAXREG = "urn:vaxreg:tjanster:7"
SERVICES = {
    "LoggaIn": "inloggning",
    "SokVaccinationer": "vaccinationer",
    "HamtaVaccinkatalog": "katalog",
    "HamtaHandelser": "handelser",
}


def envelope(operation: str, **fields: object) -> str:
    """Return a request."""
    inner = "".join(f"<{name}>{value}</{name}>" for name, value in fields.items())
    body = f'<{operation} xmlns="{VAXREG}">{inner}</{operation}>'
    return f'<e:Envelope xmlns:e="{SOAP}"><e:Body>{body}</e:Body></e:Envelope>'


def written(identity: Identity) -> str:
    """Return an identity as Vaxreg writes it."""
    number = identity.extension
    return f"{number[:8]}-{number[8:]}" if number.isdigit() else number


class Caller:
    """Calls Vaxreg in one scenario; logs in by itself."""

    def __init__(self, region: RunningRegion, scenario: str) -> None:
        self.region, self.scenario = region, scenario
        self.session = requests.Session()
        self.session.trust_env = False
        self.base = region.source_url("vaxreg", scenario)

    def log_in(self) -> None:
        """Get a session key."""
        answer = self.call(
            "LoggaIn",
            anvandare=self.region.client_id(self.scenario, "vaxreg"),
            losenord=self.region.client_secret(self.scenario, "vaxreg"),
        )
        self.session.headers["Authorization"] = f"Bearer {answer.findtext('{*}sessionsnyckel')}"

    def post(self, operation: str, body: str | bytes, **more: Any) -> requests.Response:
        """Send *body* to the service of *operation*."""
        if operation != "LoggaIn" and "Authorization" not in self.session.headers:
            self.log_in()
        headers = {"Content-Type": "text/xml", **more.pop("headers", {})}
        url = f"{self.base}/tjanster/{SERVICES[operation]}"
        return self.session.post(url, data=body, headers=headers, timeout=20, **more)

    def call(self, operation: str, **fields: object) -> etree._Element:
        """Return the answer's element in the body."""
        answer = self.post(operation, envelope(operation, **fields))
        (element,) = etree.fromstring(answer.content)[0]
        return element

    def registrations(self, identity: Identity, **fields: object) -> list[etree._Element]:
        """Return all registrations, following the running numbers."""
        found: list[etree._Element] = []
        first = 0
        while True:
            answer = self.call("SokVaccinationer", personnummer=written(identity), franLopnr=first, **fields)
            found += answer.findall("{*}registrering")
            following = answer.findtext("{*}nastaLopnr")
            if following is None:
                return found
            first = int(following)


def fault_code(answer: requests.Response) -> str | None:
    """Return a fault's code, or None when the answer is no fault."""
    root = etree.fromstring(answer.content)
    return root.findtext(f"{{{SOAP}}}Body/{{{SOAP}}}Fault/faultcode")

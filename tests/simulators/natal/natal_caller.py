"""A connector's way of calling Natal, kept simple, for tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import requests

if TYPE_CHECKING:
    from anslut_simulators import RunningRegion
    from anslut_simulators.truth import Identity

FORM = "application/x-www-form-urlencoded"


class Natal:
    """Calls one scenario's Natal; logs in by itself."""

    def __init__(self, region: RunningRegion, scenario: str) -> None:
        self.session = requests.Session()
        self.session.trust_env = False
        self.base = region.source_url(system="natal", scenario=scenario)
        self.login = (f"natal-{scenario}", f"hemlig-{scenario}")
        self.token = ""

    def log_in(self) -> dict[str, Any]:
        """Get a token and return the whole answer."""
        form = {"grant_type": "client_credentials", "scope": "system/*.read"}
        answer = self.session.post(f"{self.base}/auth/token", data=form, auth=self.login, timeout=20)
        found: dict[str, Any] = answer.json()
        self.token = found.get("access_token", "")
        return found

    def call(self, method: str, path: str, **more: Any) -> requests.Response:
        """Call *path* below the base URL, or at a whole address, with the token."""
        if not self.token:
            self.log_in()
        headers = {"Authorization": f"Bearer {self.token}", **more.pop("headers", {})}
        url = path if path.startswith("http") else f"{self.base}{path}"
        return self.session.request(method, url, headers=headers, timeout=20, **more)

    def get(self, path: str) -> dict[str, Any]:
        """Return the resource at *path*."""
        found: dict[str, Any] = self.call("GET", path).json()
        return found

    def patient(self, identity: Identity) -> dict[str, Any]:
        """Return the searchset of a search for a person."""
        form = {"identifier": f"urn:oid:{identity.root}|{identity.extension}"}
        found: dict[str, Any] = self.call("POST", "/fhir/Patient/_search", data=form).json()
        return found

    def key(self, identity: Identity) -> str:
        """Return the id of a person's Patient."""
        key: str = self.patient(identity)["entry"][0]["resource"]["id"]
        return key

    def resources(self, path: str) -> list[dict[str, Any]]:
        """Return the resources of all pages."""
        found, url = [], path
        while url:
            page = self.get(url)
            found += [entry["resource"] for entry in page.get("entry", ())]
            url = next((link["url"] for link in page["link"] if link["relation"] == "next"), "")
        return found

    def everything(self, identity: Identity, query: str = "_count=200") -> list[dict[str, Any]]:
        """Return a person's whole chart."""
        return self.resources(f"/fhir/Patient/{self.key(identity)}/$everything?{query}")

"""A connector's way of calling Kosmos, kept simple, for tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import requests

if TYPE_CHECKING:
    from anslut_simulators import RunningRegion
    from anslut_simulators.truth import Identity


class Caller:
    """A connector's way of calling Kosmos, kept simple; logs in by itself."""

    def __init__(self, region: RunningRegion, scenario: str) -> None:
        self.region = region
        self.scenario = scenario
        self.session = requests.Session()
        self.session.trust_env = False
        self.base = region.source_url(scenario=scenario)
        self.token = ""

    def log_in(self) -> str:
        """Get a token."""
        login = (self.region.client_id(self.scenario), self.region.client_secret(self.scenario))
        form = {"grant_type": "client_credentials"}
        answer = self.session.post(f"{self.base}/oauth/token", data=form, auth=login, timeout=20)
        self.token = answer.json()["access_token"]
        return self.token

    def get(self, path: str, **more: Any) -> requests.Response:
        """Get *path* below the base URL."""
        return self.call("GET", path, **more)

    def call(self, method: str, path: str, **more: Any) -> requests.Response:
        """Call *path* with the token."""
        if not self.token:
            self.log_in()
        headers = {"Authorization": f"Bearer {self.token}", **more.pop("headers", {})}
        return self.session.request(method, f"{self.base}{path}", headers=headers, timeout=20, **more)

    def key(self, patient: Identity) -> str:
        """Return the patient key of a person."""
        if patient.root == "1.2.752.74.9.1":
            wanted = {"reservnummer": patient.extension}
        else:
            number = patient.extension
            separator = "+" if int(number[:4]) <= 1923 else "-"
            wanted = {"personnummer": f"{number[2:8]}{separator}{number[8:]}"}
        found: str = self.call("POST", "/api/v2/patienter/sok", json=wanted).json()["patientnyckel"]
        return found

    def entries(
        self, patient: Identity, resource: str = "anteckningar", query: str = ""
    ) -> list[dict[str, Any]]:
        """Return all entries, following the cursors."""
        key, cursor = self.key(patient), None
        entries: list[dict[str, Any]] = []
        while True:
            more = f"&markor={cursor}" if cursor else ""
            answer = self.get(f"/api/v2/patienter/{key}/{resource}?{query}{more}").json()
            entries += answer["poster"]
            cursor = answer["nasta"]
            if cursor is None:
                return entries

"""A fake engagement index: takes what connectors tell it, checks it strictly, and shows what it knows.

It is told in JSON or in RIV-TA, at a path each; what it takes and keeps is the same.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import msgspec
import orjson

from anslut_simulators.calls import Answer, Call
from anslut_simulators.country import identity_of_number
from anslut_simulators.index_forms import JsonForm, RefusedUpdateError
from anslut_simulators.problems import CONTENT_TYPE, ProblemError

if TYPE_CHECKING:
    from anslut_simulators.country import Region
    from anslut_simulators.index_forms import IndexForm
    from anslut_simulators.overlay import Records
    from anslut_simulators.scenario import State
    from anslut_simulators.truth import Event, Identity, Reason

JSON_PATH: Final = "/v1/engagements"
#: As the national platform has it: service domain, contract, major version and profile.
RIVTA_PATH: Final = "/itintegration/engagementindex/Update/1/rivtabp21"
_PERSON: Final = "registeredResidentIdentification"
_CODES: Final = {"minItems": "EI000", "maxItems": "EI000", "unique-engagement": "EI002"}
_NUMBER: Final = re.compile(r"/([0-9]+)")


class Engagement(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """That a source system has something of one category about one person."""

    registered_resident_identification: str
    service_domain: str
    categorization: str
    logical_address: str
    business_object_instance_identifier: str
    clinical_process_interest_id: str
    source_system: str
    data_controller: str
    most_recent_content: str | None = None

    def key(self) -> str:
        """Return what makes two engagements the same one."""
        parts = (
            self.registered_resident_identification,
            self.service_domain,
            self.categorization,
            self.logical_address,
            self.source_system,
            self.data_controller,
        )
        return "|".join(parts)


class Transaction(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One update: the engagement is there, or with *delete_flag* it is no longer."""

    delete_flag: bool
    engagement: Engagement


class _Update(msgspec.Struct, frozen=True, kw_only=True):
    transactions: list[Transaction]


class IndexReceiver:
    """The index of one region, for all scenarios; a system like any other to the gate and the faults."""

    name = "index"
    types: tuple[str, ...] = ()
    faults: frozenset[str] = frozenset()

    def __init__(self, records: Records, *, region: Region) -> None:
        self._records = records
        self._sources = {system.hsa_id for system in region.systems}
        self._owner = f"{region.systems[0].hsa_id.partition('-')[0]}-I001"
        self._store = records.scenarios.store

    @property
    def owner(self) -> str:
        """The HSA-id of the index itself: the logical address of its updates in RIV-TA."""
        return self._owner

    def answer(self, call: Call) -> Answer:
        """Answer an update in either form; all of its transactions are kept, or none."""
        form = self._form(call.path)
        if form is None:
            problem = ProblemError(404, "unknown-resource", "The index has no such resource")
            return Answer(problem.status, problem.body(), content_type=CONTENT_TYPE)
        try:
            self._keep(call.state, self._checked(form, call))
        except RefusedUpdateError as refusal:
            self._note(call.state, refusal)
            return form.refuse(refusal)
        except ProblemError as problem:
            return form.refuse(problem)
        return form.acknowledge()

    def keyword(self, reason: Reason) -> str:
        """Return the reason itself: the index keeps no texts."""
        return reason

    def identify(self, call: Call) -> Identity | None:
        """Return whom a call of a single transaction is about."""
        form = self._form(call.path)
        try:
            update = msgspec.convert(form.read(call), type=_Update) if form else _Update(transactions=[])
        except (ProblemError, msgspec.ValidationError):
            return None
        if len(update.transactions) != 1:
            return None
        return identity_of_number(update.transactions[0].engagement.registered_resident_identification)

    def refuse(self, status: int, *, retry_after: int | None = None) -> Answer:
        """Return the index's way of failing with *status*."""
        problem = ProblemError(status, "index-failed", "The index failed")
        headers = (("Retry-After", str(retry_after)),) if retry_after is not None else ()
        return Answer(status, problem.body(), headers, CONTENT_TYPE)

    def missing(self, event: Event) -> list[str]:  # noqa: ARG002 - the index keeps no events
        """Return nothing: the index keeps no events."""
        return []

    def guide(self, base_url: str) -> list[tuple[str, str]]:
        """Return nothing: connectors, not people, call the index."""
        return [("Engagemangsindexets adress / the engagement index", base_url)]

    def contents(self, state: State) -> dict[str, list[Any]]:
        """Return the present engagements, and every transaction and every refusal in the order it came."""
        where = (state.name, state.generation)
        engagements = self._store.read(
            "SELECT body FROM engagement WHERE scenario = ? AND generation = ? ORDER BY key", where
        )
        transactions = self._store.read(
            "SELECT body FROM index_transaction WHERE scenario = ? AND generation = ? ORDER BY number", where
        )
        came = [orjson.loads(row[0]) for row in transactions]
        return {
            "engagements": [orjson.loads(row[0]) for row in engagements],
            "transactions": [one for one in came if "engagement" in one],
            "refusals": [one for one in came if "engagement" not in one],
        }

    def clear(self, state: State) -> None:
        """Forget everything of the scenario's present generation."""
        where = (state.name, state.generation)
        with self._records.scenarios.write(state.name, seen_by_all=False) as (connection, _):
            connection.execute("DELETE FROM engagement WHERE scenario = ? AND generation = ?", where)
            connection.execute("DELETE FROM index_transaction WHERE scenario = ? AND generation = ?", where)

    def _form(self, path: str) -> IndexForm | None:
        if path == JSON_PATH:
            return JsonForm()
        if path == RIVTA_PATH:
            from anslut_simulators.index_rivta import RivtaForm  # noqa: PLC0415 - as in _check_contract

            return RivtaForm(self._owner)
        return None

    def _checked(self, form: IndexForm, call: Call) -> _Update:
        if call.method != "POST":
            raise ProblemError(405, "method-not-allowed", "Engagements are posted")
        document = form.read(call)
        _check_contract(document)
        update = msgspec.convert(document, type=_Update)
        for number, transaction in enumerate(update.transactions):
            self._check(transaction.engagement, number)
        return update

    def _note(self, state: State, refusal: RefusedUpdateError) -> None:
        """Remember that an update was refused, and why: no form of answer lets anybody else see that."""
        body = orjson.dumps({"code": refusal.code, "detail": refusal.place})
        with self._records.scenarios.write(state.name, seen_by_all=False) as (connection, generation):
            connection.execute(
                "INSERT INTO index_transaction (scenario, generation, body) VALUES (?, ?, ?)",
                (state.name, generation, body),
            )

    def _keep(self, state: State, update: _Update) -> None:
        scenarios = self._records.scenarios
        with scenarios.write(state.name, seen_by_all=False) as (connection, generation):
            where = (state.name, generation)
            for transaction in update.transactions:
                engagement = transaction.engagement
                connection.execute(
                    "INSERT INTO index_transaction (scenario, generation, body) VALUES (?, ?, ?)",
                    (*where, msgspec.json.encode(transaction)),
                )
                if transaction.delete_flag:
                    connection.execute(
                        "DELETE FROM engagement WHERE scenario = ? AND generation = ? AND key = ?",
                        (*where, engagement.key()),
                    )
                else:
                    connection.execute(
                        "INSERT INTO engagement VALUES (?, ?, ?, ?)"
                        " ON CONFLICT (scenario, generation, key) DO UPDATE SET body = excluded.body",
                        (*where, engagement.key(), msgspec.json.encode(engagement)),
                    )

    def _check(self, engagement: Engagement, number: int) -> None:
        place = f"transactions[{number}].engagement"
        if engagement.source_system not in self._sources:
            raise RefusedUpdateError("EI004", f"{place}.sourceSystem: not a source system of the region")
        try:
            self._records.guard(identity_of_number(engagement.registered_resident_identification))
        except ProblemError:
            raise RefusedUpdateError(
                "EI004", f"{place}.{_PERSON}: not one of the official test numbers"
            ) from None


def _check_contract(document: object) -> None:
    """Raise the problem that says where *document* breaks the contract's `engagements`, without any value."""
    # Loading the contract takes as long as everything else together, and only those who post need it.
    from anslut_contracts import validation  # noqa: PLC0415 - see above

    for error in validation.errors("engagements", document):
        place = _NUMBER.sub(r"[\1]", error.path).removeprefix("/").replace("/", ".")
        what = error.message
        if place.endswith(_PERSON):
            what = "a personnummer or samordningsnummer, twelve digits; never a reserve number"
        raise RefusedUpdateError(_CODES.get(error.rule, "EI004"), f"{place or 'the body'}: {what}")

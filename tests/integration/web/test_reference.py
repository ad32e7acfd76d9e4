"""docs/api.md says of every address, field and code what the application does: nothing missing, nothing invented."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, insert

from connector.db import store_reports
from connector.db.session import transaction
from connector.db.stores import Store
from connector.db.tables import customers
from connector.domain.asking import IssueSchema, Request
from connector.domain.liability import Balances, liability
from connector.web import adjustments, decisions, programme, redemptions, reports, schemas
from connector.web.problems import TITLES
from tests.integration.web.speaking import StoreVoice, order_updated

PAGE = (Path(__file__).parents[3] / "docs" / "api.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^### `(\S+ \S+)`\n(.*?)(?=^##|\Z)", PAGE, re.MULTILINE | re.DOTALL))
ASKED: dict[str, type[Request]] = {
    "POST /v1/pair": schemas.PairingSchema,
    "POST /v1/hooks/{store_id}": schemas.DeliverySchema,
    "POST /v1/stores/{store_id}/status": schemas.CallSchema,
    "POST /v1/stores/{store_id}/disconnect": schemas.CallSchema,
    "PUT /v1/programme": programme.SavingSchema,
    "POST /v1/programme/simulations": programme.ProposalSchema,
    "POST /v1/campaigns/{name}/issues": IssueSchema,
    "POST /v1/customers/{wc_id}/adjustments": adjustments.AdjustmentSchema,
    "POST /v1/customers/{wc_id}/merge": adjustments.MergeSchema,
    "POST /v1/adjustments/bulk": adjustments.BulkSchema,
    "POST /v1/customers/{wc_id}/blocks": adjustments.ActSchema,
    "PUT /v1/customers/{wc_id}/tier-override": decisions.TierSchema,
    "POST /v1/customers/{wc_id}/redemptions": redemptions.RedemptionSchema,
    "GET /v1/reports/liability.csv": reports.TableSchema,
    "GET /v1/reports/effect": reports.EffectSchema,
    "GET /v1/reports/value": reports.ValueSchema,
}


def words(text: str) -> set[str]:
    """Everything that is written as code."""
    return set(re.findall(r"`([^`\n]+)`", text))


def fields_of(schema: Any) -> Iterator[str]:
    for name, field in schema.fields.items():
        yield name
        if hasattr(field, "schema"):
            yield from fields_of(field.schema)


def as_written(rule: str) -> str:
    return re.sub(r"<(?:int:)?(\w+)>", r"{\1}", rule)


def test_every_address_is_described_and_no_other(client: FlaskClient) -> None:
    served = {
        f"{method} {as_written(rule.rule)}"
        for rule in client.application.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }

    assert set(SECTIONS) == served


def test_every_code_is_described_with_its_status_and_title() -> None:
    listed = re.findall(r"^\| `(\w+)` \| (\d{3}) \| ([^|]+) \| [^|]+ \|$", PAGE, re.MULTILINE)

    assert {code: (int(status), title) for code, status, title in listed} == TITLES
    assert len(listed) == len(TITLES)


@pytest.mark.parametrize("address", ASKED)
def test_every_field_that_can_be_sent_is_described(address: str) -> None:
    takes = SECTIONS[address].partition("Takes")[2].partition("\nGives")[0]

    assert set(fields_of(ASKED[address]())) <= words(takes)


def test_every_schema_of_the_application_is_looked_at() -> None:
    def every(schema: type[Request]) -> Iterator[type[Request]]:
        yield schema
        for one in schema.__subclasses__():
            yield from every(one)

    partly = {"Request", "Told", "_Asked", "HintSchema", "VersionsSchema"}
    assert {one.__name__ for one in every(Request)} - partly == {one.__name__ for one in ASKED.values()}


WHY = {"reason": "Thanks", "made_by": "Olga"}
PEOPLE = "/v1/customers/1"
EMPTY = liability([], [], Balances(0, 0, 0, 0), 100, "USD").to_json()


def conversation(voice: StoreVoice) -> Iterator[tuple[str, Any]]:
    """Each address, and an answer of it that holds as much as can be."""

    def call(method: str, path: str, document: object = None) -> Any:
        number = f"msg_{method}{path}".replace("/", "_").replace(".", "_")
        return voice.api(method, path, document, message_id=number, **{"Idempotency-Key": number})

    hook = "POST /v1/hooks/{store_id}"
    yield hook, voice.deliver(order_updated())
    yield "POST /v1/stores/{store_id}/status", voice.call("status", "connection.status", "msg_status")
    yield "GET /v1/programme", call("GET", "/v1/programme")
    yield "PUT /v1/programme", call("PUT", "/v1/programme", {"version": 1, "programme": {}})
    simulation = call("POST", "/v1/programme/simulations", {"programme": {}})
    yield "POST /v1/programme/simulations", simulation
    yield "GET /v1/programme/simulations/{public_id}", call("GET", simulation.headers["Location"])
    issue = call("POST", "/v1/campaigns/second_purchase/issues", {"occasion": "spring", "reason": "Thanks"})
    yield "POST /v1/campaigns/{name}/issues", issue
    yield "GET /v1/campaigns/{name}/issues/{public_id}", call("GET", issue.headers["Location"])
    yield "POST /v1/customers/{wc_id}/adjustments", call("POST", f"{PEOPLE}/adjustments", {**WHY, "points": 5_000})
    yield "GET /v1/customers/{wc_id}/rewards", call("GET", f"{PEOPLE}/rewards")
    yield "POST /v1/customers/{wc_id}/redemptions", call("POST", f"{PEOPLE}/redemptions", {"points": 500})
    yield "GET /v1/customers/{wc_id}/explanation", call("GET", f"{PEOPLE}/explanation")
    yield "POST /v1/customers/{wc_id}/merge", call("POST", f"{PEOPLE}/merge", {**WHY, "into": 2})
    rows = {"csv": "customer,points\n1,5\n3,5\n", "made_by": "Olga", "reason": "Thanks"}
    yield "POST /v1/adjustments/bulk", call("POST", "/v1/adjustments/bulk", rows)
    yield "POST /v1/customers/{wc_id}/blocks", call("POST", f"{PEOPLE}/blocks", WHY)
    yield "DELETE /v1/customers/{wc_id}/blocks", call("DELETE", f"{PEOPLE}/blocks")
    yield "PUT /v1/customers/{wc_id}/tier-override", call("PUT", f"{PEOPLE}/tier-override", {**WHY, "tier": "gold"})
    yield "DELETE /v1/customers/{wc_id}/tier-override", call("DELETE", f"{PEOPLE}/tier-override")
    yield "GET /v1/reports/liability", call("GET", "/v1/reports/liability")
    yield "GET /v1/reports/effect", call("GET", "/v1/reports/effect")
    yield "GET /v1/reports/value", call("GET", "/v1/reports/value")
    yield "GET /healthz", voice.client.get("/healthz")
    yield "GET /readyz", voice.client.get("/readyz")
    yield "POST /v1/stores/{store_id}/disconnect", voice.call("disconnect", "connection.closed", "msg_leave")


def names_in(answer: object, deep: Callable[[str], bool]) -> Iterator[str]:
    """The names in an answer; what is WooCommerce's or reports.md's to describe is not entered."""
    for part in answer if isinstance(answer, list) else [answer]:
        for name, inner in part.items() if isinstance(part, dict) else ():
            yield name
            if deep(name):
                yield from names_in(inner, deep)


def test_every_field_that_is_answered_is_described(
    voice: StoreVoice, engine: Engine, store: Store, now: datetime
) -> None:
    with transaction(engine) as connection:
        for wc_id, email in enumerate(("ann@example.com", "bob@example.com"), 1):
            connection.execute(insert(customers).values(store_id=store.id, wc_id=wc_id, email=email))
        store_reports.save(connection, store.id, store_reports.LIABILITY, EMPTY, now)
    elsewhere = {"programme", "coupon", "sees", "because", "ageing", "months", "differences"}
    heard = set()

    for address, answer in conversation(voice):
        assert answer.status_code < 300, (address, answer.text)
        named = set(names_in(answer.get_json(), lambda name: name not in elsewhere))
        assert named <= words(SECTIONS[address]), address
        heard.add(address)

    assert set(SECTIONS) - heard == {"POST /v1/pair", "GET /v1/reports/liability.csv"}

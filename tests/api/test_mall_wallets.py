"""The mall's checkout spends store credit and points over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from integration.clients import create_client
from ledger.chart import Asset
from ledger.models import Transfer
from members.models import Member
from tests.api.mall import Mall
from tests.cast import NOON, member
from tests.ledger.test_spending import give
from tests.shop import wallet_balance

pytestmark = pytest.mark.django_db

SPEND = {"key": "p1", "member": "lan", "amount": 300, "order_no": "O-1"}
UNSPEND = {"key": "r1", "spend": "p1", "amount": 100}


@pytest.fixture
def mall() -> Mall:
    client, secret = create_client(name="mall", scopes=None, at=NOON)
    return Mall(client.key, secret)


@pytest.fixture
def lan(db: None) -> Member:
    return give(give(member("Lan"), 1_000), 50, Asset.POINTS)


def answer(mall: Mall, path: str, body: dict[str, Any]) -> tuple[int, Any]:
    response = mall.post(f"/wallets/{path}", body)
    return response.status_code, response.json()


def refusal(mall: Mall, path: str, body: dict[str, Any]) -> tuple[int, str]:
    status, problem = answer(mall, path, body)
    return status, problem["code"]


def test_store_credit_is_spent_and_given_back(mall: Mall, lan: Member) -> None:
    spent = {"key": "p1", "amount": 300, "balance": 700}
    assert answer(mall, "store_credit/spend", SPEND) == (200, spent)
    given = {"key": "r1", "amount": 100, "balance": 800}
    assert answer(mall, "store_credit/unspend", UNSPEND) == (200, given)

    assert answer(mall, "store_credit/spend", SPEND) == (200, spent)
    assert answer(mall, "store_credit/unspend", UNSPEND) == (200, given)
    assert wallet_balance(lan, Asset.STORE_CREDIT) == 800


def test_points_are_spent_and_given_back(mall: Mall, lan: Member) -> None:
    assert answer(mall, "points/spend", SPEND | {"amount": 50})[1]["balance"] == 0
    assert answer(mall, "points/unspend", UNSPEND | {"amount": 20})[1]["balance"] == 20
    assert wallet_balance(lan, Asset.STORE_CREDIT) == 1_000


def test_refusals_move_nothing(mall: Mall, lan: Member) -> None:
    answer(mall, "store_credit/spend", SPEND)
    count = Transfer.objects.count()

    table: list[tuple[str, dict[str, Any], tuple[int, str]]] = [
        ("store_credit/spend", {"key": "p2", "amount": 701}, (409, "insufficient_funds")),
        ("store_credit/spend", {"amount": 301}, (409, "key_reused")),
        ("points/spend", {}, (409, "key_reused")),
        ("store_credit/spend", {"member": "nobody"}, (422, "member_unknown")),
        ("store_credit/spend", {"key": "p2", "amount": 0}, (400, "invalid_input")),
        ("store_credit/spend", {"key": "p2", "amount": 1.5}, (400, "invalid_input")),
        ("store_credit/spend", {"key": ""}, (400, "invalid_input")),
        ("cash/spend", {}, (404, "not_found")),
    ]
    for path, fields, expected in table:
        assert refusal(mall, path, SPEND | fields) == expected, (path, fields)
    back: list[tuple[str, dict[str, Any], tuple[int, str]]] = [
        ("store_credit/unspend", {"amount": 301}, (409, "unspend_exceeds_spent")),
        ("store_credit/unspend", {"spend": "p9"}, (422, "spend_unknown")),
        ("points/unspend", {}, (422, "spend_unknown")),
    ]
    for path, fields, expected in back:
        assert refusal(mall, path, UNSPEND | fields) == expected, (path, fields)
    assert Transfer.objects.count() == count


def test_the_scope_is_needed(lan: Member) -> None:
    client, secret = create_client(name="mall", scopes=["orders:write"], at=NOON)

    assert refusal(Mall(client.key, secret), "points/spend", SPEND) == (403, "scope_missing")

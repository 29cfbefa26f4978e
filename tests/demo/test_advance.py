"""Developers let time pass for an order of the sandbox, and see it credited at once."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from common import clock
from integration.clients import create_client
from members.models import Member
from tests.api.mall import Mall
from tests.cast import NOON
from tests.members.api.client import ApiClient, problem_code
from tests.shop import get_order, ingest, open_shop, order, wallet_balance

pytestmark = pytest.mark.django_db

WEEK = timedelta(days=7)


@pytest.fixture
def moved(settings: Any, tmp_path: Path) -> Path:
    settings.SANDBOX_CLOCK = str(tmp_path / "clock-ahead")
    return Path(settings.SANDBOX_CLOCK)


@pytest.fixture
def bo(db: None) -> Member:
    buyer = open_shop()
    ingest(order(buyer))
    return buyer


def advance(to: Any, number: str = "O-1") -> Any:
    return ApiClient().post(f"/sandbox/orders/{number}/advance", {"to": to})


def lan_has() -> int:
    return wallet_balance(Member.objects.get(nickname="Lan"))


@pytest.mark.parametrize("to", ["received", "protected"])
def test_an_order_is_received_and_protected_now(bo: Member, moved: Path, to: str) -> None:
    answer = advance(to)

    received = get_order().assumed_received_at
    assert (answer.status_code, answer.json()["order_no"]) == (200, "O-1")
    assert received
    assert get_order().release_at == received + WEEK
    assert (lan_has(), moved.exists()) == (0, False)


def test_the_clock_moves_until_the_commissions_are_credited(bo: Member, moved: Path) -> None:
    started = clock.wall_clock()

    for _ in range(2):
        assert advance("credited").status_code == 200
        assert lan_has() == 1_099
        assert clock.now() >= started + WEEK
    assert clock.now() < started + WEEK + timedelta(minutes=5)


def test_who_reads_while_the_clock_moves_is_not_taken_back(bo: Member, moved: Path) -> None:
    clock.move_sandbox_clock(clock.wall_clock() + WEEK)
    before = moved.read_text()

    with moved.open() as reader:
        clock.move_sandbox_clock(clock.wall_clock() + 2 * WEEK)
        assert reader.read() == before
    assert clock.now() > clock.wall_clock() + 2 * WEEK - timedelta(minutes=1)
    assert [file.name for file in moved.parent.iterdir()] == [moved.name]


def test_the_mall_signs_with_the_real_clock(bo: Member, moved: Path) -> None:
    client, secret = create_client(name="mall", scopes=None, at=NOON)
    advance("credited")

    assert Mall(client.key, secret).post("/echo", {}).status_code == 200


def test_an_unpaid_order_is_not_received(bo: Member, moved: Path) -> None:
    ingest(order(bo, number="O-2", paid=False))

    assert problem_code(advance("credited", "O-2")) == (409, "order_unpaid")
    assert get_order("O-2").assumed_received_at is None
    assert not moved.exists()


def test_an_unknown_order_is_not_found(bo: Member, moved: Path) -> None:
    assert problem_code(advance("credited", "O-9")) == (404, "not_found")


@pytest.mark.parametrize("to", ["shipped", "", None, 1])
def test_other_steps_are_refused(bo: Member, moved: Path, to: Any) -> None:
    assert problem_code(advance(to)) == (400, "invalid_input")
    assert get_order().assumed_received_at is None


def test_a_clock_that_is_no_sandbox_stands(bo: Member) -> None:
    assert problem_code(advance("credited")) == (404, "feature_off")
    assert get_order().assumed_received_at is None
    assert lan_has() == 0

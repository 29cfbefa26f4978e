"""The mall's server sends its members, and moves in with their past."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from distribution.models import Binding, Distributor, Referral
from events.models import Event
from integration.clients import create_client
from members.models import Identity, Member
from tests.api.mall import Mall
from tests.api.test_order_batches import amounts, body
from tests.cast import NOON
from tests.integration.test_merges import merge
from tests.shop import DAY, distributor, open_shop, plan, referral_chain, settle_all, sku

pytestmark = pytest.mark.django_db

JOINED = "2025-01-05T10:00:00+08:00"


@pytest.fixture
def mall() -> Mall:
    client, secret = create_client(name="mall", scopes=None, at=NOON)
    return Mall(client.key, secret)


def put(mall: Mall, name: str, **fields: Any) -> str:
    response = mall.put(f"/members/{name}", fields)
    assert response.status_code == 200, response.content
    return str(response.json()["status"])


def refusal(mall: Mall, name: str, **fields: Any) -> tuple[int, str]:
    response = mall.put(f"/members/{name}", fields)
    return response.status_code, response.json()["code"]


def member(name: str) -> Member:
    return Member.objects.get(identities__external_id=name)


def move_in(mall: Mall) -> None:
    """Mei refers Lan, and Lan refers Bo."""
    put(mall, "mei", nickname="Mei", joined_at=JOINED, distributor=True)
    put(mall, "lan", joined_at=JOINED, distributor=True, referrer="mei", bound_at=JOINED)
    put(mall, "bo", joined_at=JOINED, referrer="lan", bound_at=JOINED)


def test_a_member_is_created_and_updated(mall: Mall) -> None:
    assert put(mall, "bo", nickname="小波", city="杭州", metadata={"vip": 3}) == "created"
    assert put(mall, "bo", nickname="小波", metadata={"vip": 3}) == "unchanged"
    assert put(mall, "bo", nickname="阿波", metadata=None) == "updated"

    bo = member("bo")
    assert (bo.nickname, bo.city) == ("阿波", "杭州")
    assert Event.objects.get(name="integration.member_changed", data__fields=["nickname"])
    assert mall.get("/members/bo").json()["metadata"] == {"vip": 3}


def test_a_mall_moves_in_with_its_past(mall: Mall) -> None:
    sku()
    plan()
    move_in(mall)

    assert member("bo").joined_at == datetime.fromisoformat(JOINED)
    assert Binding.objects.count() == 2
    mall.post("/orders:batch", {"orders": [body()]})
    assert amounts() == [(1, 1_099), (2, 549)]
    assert Event.objects.filter(name="integration.member_moved_in").count() == 3


def test_moving_in_again_changes_nothing(mall: Mall) -> None:
    move_in(mall)
    count = Event.objects.count()

    assert put(mall, "lan", joined_at=JOINED, distributor=True, referrer="mei") == "unchanged"
    assert put(mall, "lan", distributor=False) == "unchanged"
    assert put(mall, "bo", referrer="lan", bound_at=JOINED) == "unchanged"
    assert Event.objects.count() == count


def test_the_earliest_joining_counts(mall: Mall) -> None:
    put(mall, "bo", joined_at=JOINED)

    assert put(mall, "bo", joined_at="2025-02-01T10:00:00+08:00") == "unchanged"
    assert put(mall, "bo", joined_at="2024-02-01T10:00:00+08:00") == "updated"
    assert member("bo").joined_at == datetime.fromisoformat("2024-02-01T10:00:00+08:00")


def test_nobody_is_bound_again(mall: Mall) -> None:
    move_in(mall)
    stored = list(Binding.objects.values()), list(Referral.objects.values())

    assert refusal(mall, "bo", referrer="mei", nickname="x") == (409, "move_in_conflict")
    later = "2025-03-01T00:00:00+08:00"
    assert refusal(mall, "bo", referrer="lan", bound_at=later) == (409, "move_in_conflict")
    assert refusal(mall, "mei", referrer="lan") == (409, "referral_refused")
    assert refusal(mall, "mei", referrer="mei") == (409, "referral_refused")
    assert (list(Binding.objects.values()), list(Referral.objects.values())) == stored
    assert member("bo").nickname == ""


def test_an_unknown_referrer_is_a_clear_problem(mall: Mall) -> None:
    response = mall.put("/members/bo", {"referrer": "lan"})

    assert (response.status_code, response.json()["code"]) == (422, "referrer_unknown")
    assert response.json()["data"] == {"referrer": "lan"}
    assert not Member.objects.exists()


@pytest.mark.parametrize(
    ("fields", "answer"),
    [
        ({"joined_at": "2199-01-01T00:00:00+08:00"}, (422, "move_in_time_invalid")),
        (
            {"joined_at": JOINED, "referrer": "lan", "bound_at": "2024-01-01T00:00:00+08:00"},
            (422, "move_in_time_invalid"),
        ),
        ({"bound_at": JOINED}, (400, "invalid_input")),
        ({"nickname": "x" * 81}, (400, "invalid_input")),
        ({"nickname": 7}, (400, "invalid_input")),
        ({"metadata": {"a": "x" * 5_000}}, (400, "invalid_input")),
        ({"level": "gold"}, (400, "invalid_input")),
    ],
)
def test_bad_values_are_refused(
    mall: Mall, fields: dict[str, Any], answer: tuple[int, str]
) -> None:
    put(mall, "lan", joined_at=JOINED, distributor=True)

    assert refusal(mall, "bo", **fields) == answer
    assert not Identity.objects.filter(external_id="bo").exists()


def test_the_id_is_cleaned_as_in_orders(mall: Mall) -> None:
    assert put(mall, "%20bo%20") == "created"
    assert Identity.objects.get().external_id == "bo"
    assert refusal(mall, "%20") == (400, "invalid_input")
    assert refusal(mall, "b" * 129) == (400, "invalid_input")


def test_the_past_needs_its_own_scope() -> None:
    client, secret = create_client(name="mall", scopes=["members:write"], at=NOON)
    mall = Mall(client.key, secret)

    put(mall, "bo", nickname="Bo")
    for fields in ({"joined_at": JOINED}, {"distributor": True}, {"referrer": "lan"}):
        assert refusal(mall, "bo", **fields) == (403, "scope_missing")
    assert mall.get("/members/bo").status_code == 403
    assert not Distributor.objects.exists()


def test_a_member_is_read_with_upline_and_wallets(mall: Mall) -> None:
    open_shop()

    lan = mall.get("/members/lan").json()

    assert (lan["external_id"], lan["nickname"], lan["referrer"]) == ("lan", "Lan", "mei")
    row = Distributor.objects.get(member=member("lan"))
    assert lan["distributor"] == {"code": row.code, "status": "active"}
    nothing = {"balance": 0, "held": 0, "owed": 0, "withdrawable": 0}
    assert lan["wallets"] == dict.fromkeys(("cash", "store_credit", "points", "bonus"), nothing)
    bo = mall.get("/members/bo").json()
    assert (bo["referrer"], "distributor" in bo, "metadata" in bo) == ("lan", False, False)


def test_money_is_withdrawable_a_day_later(mall: Mall) -> None:
    open_shop()
    mall.post("/orders:batch", {"orders": [body(received_at="2026-11-03T12:00:00+08:00")]})
    settle_all(at=NOON + 20 * DAY)

    assert mall.get("/members/lan").json()["wallets"]["cash"] == {
        "balance": 1_099,
        "held": 0,
        "owed": 0,
        "withdrawable": 1_099,
    }


def test_an_unknown_member_is_not_found(mall: Mall) -> None:
    response = mall.get("/members/nobody")

    assert (response.status_code, response.json()["code"]) == (404, "not_found")


def test_ids_of_a_merged_member_lead_to_the_survivor(mall: Mall) -> None:
    lan, _bo = referral_chain("Lan", "Bo")
    lin = referral_chain("Lin")[0]
    distributor(lin)
    merge(lin, lan)

    assert mall.get("/members/lin").json()["nickname"] == "Lan"
    assert mall.get("/members/bo").json()["referrer"] == "lan"
    assert put(mall, "lin", distributor=True) == "unchanged"

"""Money, debts and distributing stand against closing an account."""

from __future__ import annotations

import pytest

from distribution.models import Distributor
from distribution.services import exit_distributor
from ledger.chart import Asset, Kind, Reason
from ledger.services import Source, account, platform_account, reclaim, transfer
from members.closing import CloseBlocked, close_member
from members.models import Member, User
from tests.cast import CLOCK, NOON, give
from tests.members.api.client import ApiClient
from tests.shop import distributor, ingest, open_shop, order, refund
from tests.withdrawals.factories import ID_NUMBER, YUAN, asked, earned, ready
from withdrawals.services import cancel

pytestmark = pytest.mark.django_db


def blockers(member: Member) -> list[str]:
    try:
        close_member(member=member, at=NOON)
    except CloseBlocked as refused:
        return [row["code"] for row in refused.data["blockers"]]
    return []


def test_nothing_stands_against_it(lan: Member) -> None:
    assert blockers(lan) == []
    assert Member.objects.get(pk=lan.pk).closed_at == NOON


def test_money_in_the_wallet(lan: Member) -> None:
    earned(lan, 100)

    assert blockers(lan) == ["money_left"]
    assert Member.objects.get(pk=lan.pk).closed_at is None


def test_a_debt(lan: Member) -> None:
    reclaim(
        key="order:1", wallet=account(lan, Asset.CASH), amount=200, effective_at=NOON,
        credit=platform_account(Kind.COMMISSION_EXPENSE), source=Source("orders.order", "o1"),
    )  # fmt: skip

    assert blockers(lan) == ["debt_left"]


def test_an_open_withdrawal(lan: Member) -> None:
    row = asked(ready(lan, 100 * YUAN), 100 * YUAN)

    assert blockers(lan) == ["withdrawal_open", "money_left"]
    cancel(withdrawal=row, by=lan, at=NOON)
    assert blockers(lan) == ["money_left"]


def test_the_export_has_withdrawals_and_masked_payees(lan: Member) -> None:
    row = asked(ready(lan, 100 * YUAN), 100 * YUAN)

    response = ApiClient(lan).get("/me/data")

    data = response.json()
    assert [(entry["id"], entry["gross"], entry["account"]) for entry in data["withdrawals"]] == [
        (row.public_id, 10_000, "****-lan")
    ]
    assert [(entry["channel"], entry["account"]) for entry in data["payees"]] == [
        ("wechat", "****-lan")
    ]
    assert [entry["id_number"] for entry in data["real_identities"]] == ["****002X"]
    assert b"openid-of-lan" not in response.content
    assert ID_NUMBER.encode() not in response.content


def test_points_end_with_the_account(lan: Member) -> None:
    transfer(
        key="points:1", debit=platform_account(Kind.ISSUED, Asset.POINTS),
        credit=account(lan, Asset.POINTS), amount=5, reason=Reason.COMMISSION,
        source=Source("orders.order", "o1"), effective_at=NOON,
    )  # fmt: skip

    assert blockers(lan) == []


def test_a_distributor_exits_first(lan: Member, qian: User) -> None:
    row = distributor(lan)

    assert blockers(lan) == ["still_distributor"]
    exit_distributor(distributor=row, by=give(qian, "change_distributor"), reason="asked", at=NOON)
    assert blockers(lan) == []


def test_commissions_that_are_not_credited_yet(qian: User) -> None:
    bo = open_shop()
    ingest(order(bo))
    lan = Member.objects.get(nickname="Lan")
    row = Distributor.objects.get(member=lan)
    exit_distributor(distributor=row, by=give(qian, "change_distributor"), reason="asked", at=CLOCK)

    assert blockers(lan) == ["commissions_open"]
    assert Member.objects.get(pk=lan.pk).closed_at is None


def test_commissions_that_refunds_took_back_block_nothing(qian: User) -> None:
    bo = open_shop()
    ingest(order(bo, refunds=(refund(10_990, quantity=1),)))
    lan = Member.objects.get(nickname="Lan")
    row = Distributor.objects.get(member=lan)
    exit_distributor(distributor=row, by=give(qian, "change_distributor"), reason="asked", at=CLOCK)

    assert blockers(lan) == []


def test_the_export_has_the_wallets(lan: Member) -> None:
    earned(lan, 100)

    wallets = ApiClient(lan).get("/me/data").json()["wallets"]

    assert {"asset": "cash", "kind": "wallet", "balance": 100} in wallets

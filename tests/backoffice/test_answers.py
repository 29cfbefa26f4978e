"""Answers to members: each may be copied, and says nothing of what others earn."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from commissions.models import Commission
from commissions.services import open_claim
from distribution.models import Binding
from distribution.services import reassign
from members.models import Member, User
from tests.cast import NOON, member
from tests.commissions.member_events import settled
from tests.distribution.people import REASON
from tests.shop import DAY, distributor, get_order, open_shop
from tests.withdrawals.factories import NOW, YUAN, asked, operations, ready
from withdrawals.admin.answers import explanation
from withdrawals.models import RejectionReason, Withdrawal
from withdrawals.services import cancel, reject

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_static_files")]


@pytest.fixture(autouse=True)
def english(as_boss: Client) -> None:
    as_boss.cookies["django_language"] = "en"


def answers(client: Client, row: Any, *, lazy: bool = False) -> list[str]:
    """Return what the buttons of a row's page copy."""
    name = f"admin:{row._meta.app_label}_{row._meta.model_name}_"
    panel = reverse(f"{name}panel", args=[row.pk, "answers"])
    page = client.get(panel if lazy else reverse(f"{name}change", args=[row.pk])).text
    return [unescape(text) for text in re.findall(r'class="tt-button" data-copy="([^"]+)"', page)]


def test_each_distributor_of_an_order_gets_their_own(as_boss: Client) -> None:
    settled()
    to_lan, to_mei = answers(as_boss, get_order(), lazy=True)

    assert "Lan is tier 1" in to_lan
    assert "10.99" in to_lan
    assert "Mei" not in to_lan
    assert "5.49" in to_mei
    assert "10.99" not in to_mei


def test_a_commission_is_explained_to_its_distributor(as_boss: Client) -> None:
    settled()
    row = Commission.objects.get(tier=2)
    [text] = answers(as_boss, row)

    assert text.startswith("Order O-1")
    assert "5.49" in text
    assert "10.99" not in text


def test_a_claim_is_answered_from_the_order(as_boss: Client) -> None:
    settled()
    row = open_claim(member=member("Mei"), order_no="O-1", reason="missing", text="?", at=NOON)
    assert "Mei is tier 2" in answers(as_boss, row)[0]

    chen = distributor(member("Chen")).member
    other = open_claim(member=chen, order_no="O-1", reason="missing", text="?", at=NOON)
    [text] = answers(as_boss, other)
    assert "pays no commission to you" in text
    assert "Lan" not in text


def test_a_rejected_withdrawal_says_why(as_boss: Client, lan: Member, qian: User) -> None:
    row = asked(ready(lan, 1_000 * YUAN), 300 * YUAN)
    reason = RejectionReason.objects.create(code="odd", label="资料有误")
    reject(withdrawal=row, by=operations(qian), reason=reason, note="请核对姓名", at=NOW)
    [text] = answers(as_boss, row)

    assert "¥300.00" in text
    assert "资料有误" in text
    assert "请核对姓名" in text
    assert "back in your wallet" in text
    assert "qian" not in text


def test_a_cancelled_withdrawal_says_who_cancelled(lan: Member) -> None:
    row = asked(ready(lan, 1_000 * YUAN), 300 * YUAN)
    cancel(withdrawal=row, by=lan, at=NOW)

    row.refresh_from_db()
    assert explanation(row) == (
        "您于 2026-11-11 12:00 申请提现 ¥300.00。您已取消。款项已退回您的钱包。"
    )


@pytest.mark.parametrize("status", Withdrawal.Status)
def test_every_status_of_a_withdrawal_has_an_answer(status: str, lan: Member) -> None:
    row = Withdrawal(status=status, gross=30_000, net=29_100, tax=900, requested_at=NOON)
    assert len(explanation(row)) > 35


def test_a_binding_is_explained_to_both_sides(as_boss: Client) -> None:
    buyer = open_shop()
    row = Binding.objects.get(member=buyer)
    to_bo, to_others = answers(as_boss, row)

    assert "has been your recommender since" in to_bo
    assert "no end date" in to_bo
    assert "nobody else can become the upline" in to_others
    assert "Lan" not in to_others
    assert answers(as_boss, buyer, lazy=True) == [to_bo, to_others]


def test_an_ended_binding_says_when_and_why(as_boss: Client, qian: User) -> None:
    buyer = open_shop()
    row = Binding.objects.get(member=buyer)
    other = distributor(member("Chen"))
    reassign(member=buyer, to=other, reason=REASON, by=qian, at=NOON + DAY)
    row.refresh_from_db()

    [text] = answers(as_boss, row)
    assert "reassigned by staff" in text
    assert "Chen" not in text

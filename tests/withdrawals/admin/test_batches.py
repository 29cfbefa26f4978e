"""Reviews of many withdrawals at once in the back office."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from members.models import Member, User
from tests.cast import staff
from tests.withdrawals.admin.pages import CHANGELIST, hidden_inputs, select, signed_in
from tests.withdrawals.factories import (
    NOW,
    YUAN,
    asked,
    finance,
    may,
    operations,
    owe,
    picture,
    ready,
)
from withdrawals.models import Withdrawal
from withdrawals.services import approve_as_operations, set_payee

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_static_files"), pytest.mark.slow]


@pytest.fixture
def three(lan: Member, chen: Member, bo: Member) -> list[Withdrawal]:
    """Return requests of Lan, Chen and Bo; Bo owes money after a refund."""
    rows = [asked(who, 100 * YUAN) for who in (lan, ready(chen, 100_000), ready(bo, 100_000))]
    owe(bo, 200_000)
    return rows


def test_a_batch_shows_each_row_and_approves_the_unblocked(
    as_ops: Client, three: list[Withdrawal], chen: Member
) -> None:
    before = picture()
    preview = select(as_ops, "review_many", three)
    assert picture() == before
    assert preview.status_code == 200
    assert preview.text.count("100.00") >= 6
    assert "欠款" in preview.text
    hashes = hidden_inputs(preview, "seen")
    assert [int(each.split(":")[0]) for each in hashes] == [row.pk for row in three[:2]]
    set_payee(member=chen, channel="wechat", account="openid-of-another", at=NOW)

    response = select(as_ops, "review_many", three, confirm="yes", seen=hashes)

    statuses = [Withdrawal.objects.get(pk=row.pk).status for row in three]
    assert statuses == ["ops_approved", "requested", "requested"]
    assert "在您打开页面后已变更" in response.text
    again = select(as_ops, "review_many", three, confirm="yes", seen=hashes)
    assert again.status_code == 200


def test_a_batch_without_a_preview_approves_nothing(
    as_ops: Client, three: list[Withdrawal]
) -> None:
    before = picture()
    for given in ({"confirm": "yes"}, {"confirm": "yes", "seen": ["x", "1", f"{three[0].pk}:"]}):
        assert select(as_ops, "review_many", three, **given).status_code == 200
    assert picture() == before


def test_a_batch_keeps_four_eyes(as_ops: Client, qian: User, three: list[Withdrawal]) -> None:
    finance(qian)
    approve_as_operations(withdrawal=three[0], by=qian, at=NOW)
    preview = select(as_ops, "review_many", three[:1])
    assert hidden_inputs(preview, "seen") == []
    assert "财务审核须由另一人进行" in preview.text


def test_a_person_with_both_roles_reviews_each_withdrawal_once(
    as_ops: Client, qian: User, three: list[Withdrawal]
) -> None:
    finance(qian)
    approve_as_operations(withdrawal=three[1], by=operations(staff("Wei")), at=NOW)
    preview = select(as_ops, "review_many", three)

    response = select(
        as_ops, "review_many", three, confirm="yes", seen=hidden_inputs(preview, "seen")
    )

    statuses = [Withdrawal.objects.get(pk=row.pk).status for row in three]
    assert statuses == ["ops_approved", "finance_approved", "requested"]
    assert "须为不同的人" not in response.text


def test_a_viewer_cannot_review_a_batch(three: list[Withdrawal]) -> None:
    looking = signed_in(may(staff("Guest"), "view_withdrawal"))
    before = picture()
    assert "review_many" not in looking.get(reverse(CHANGELIST)).text
    select(looking, "review_many", three, confirm="yes", seen=[f"{three[0].pk}:x"])
    assert picture() == before

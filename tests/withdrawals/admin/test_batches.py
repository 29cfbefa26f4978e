"""Withdrawals selected in the list are reviewed as a batch at a desk; see ``test_review_desks``."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from members.models import Member, User
from tests.backoffice.desks import address
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
from withdrawals.services import approve_as_operations

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_static_files"), pytest.mark.slow]


@pytest.fixture
def three(lan: Member, chen: Member, bo: Member) -> list[Withdrawal]:
    """Return requests of Lan, Chen and Bo; Bo owes money after a refund."""
    rows = [asked(who, 100 * YUAN) for who in (lan, ready(chen, 100_000), ready(bo, 100_000))]
    owe(bo, 200_000)
    return rows


def test_selected_rows_open_as_a_batch_with_a_total(
    as_ops: Client, three: list[Withdrawal]
) -> None:
    before = picture()

    preview = select(as_ops, "review_many", three)

    assert picture() == before
    assert f'action="{address("operations_reviews")}"' in preview.text
    assert "¥200.00" in preview.text
    assert "欠款" in preview.text
    keys = [int(seen.split(":")[0]) for seen in hidden_inputs(preview, "seen")]
    assert keys == [row.pk for row in three[:2]]


def test_confirming_in_the_list_approves_nothing(as_ops: Client, three: list[Withdrawal]) -> None:
    before = picture()
    seen = [f"{row.pk}:{row.content_hash}" for row in three]
    select(as_ops, "review_many", three, confirm="yes", seen=seen, control_total="300")
    assert picture() == before


def test_finance_gets_the_desk_of_finance(
    as_fin: Client, qian: User, three: list[Withdrawal]
) -> None:
    approve_as_operations(withdrawal=three[0], by=operations(qian), at=NOW)
    preview = select(as_fin, "review_many", three[:2])
    assert f'action="{address("finance_reviews")}"' in preview.text
    assert len(hidden_inputs(preview, "seen")) == 1


def test_a_batch_keeps_four_eyes(as_ops: Client, qian: User, three: list[Withdrawal]) -> None:
    finance(qian)
    approve_as_operations(withdrawal=three[0], by=qian, at=NOW)
    preview = select(as_ops, "review_many", three[:1])
    assert hidden_inputs(preview, "seen") == []
    assert "财务审核须由另一人进行" in preview.text


def test_a_viewer_cannot_review_a_batch(three: list[Withdrawal]) -> None:
    looking = signed_in(may(staff("Guest"), "view_withdrawal"))
    before = picture()
    assert "review_many" not in looking.get(reverse(CHANGELIST)).text
    select(looking, "review_many", three, confirm="yes", seen=[f"{three[0].pk}:x"])
    assert picture() == before

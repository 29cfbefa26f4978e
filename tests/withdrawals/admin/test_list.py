"""The list and the page of withdrawals in the back office."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from common import clock
from members.models import Member, User
from tests.cast import NOON, member, staff
from tests.withdrawals.admin.pages import CHANGELIST, page
from tests.withdrawals.factories import DAY, NOW, YUAN, approved, asked, attempted, ready
from withdrawals.gateways.sandbox import SandboxGateway
from withdrawals.models import Withdrawal
from withdrawals.services import approve_as_operations, change_policy, pause_channel

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_static_files"), pytest.mark.slow]
AMOUNT = 300 * YUAN


def test_the_list_shows_what_a_reviewer_needs(as_ops: Client, requested: Withdrawal) -> None:
    change_policy(by=staff("Boss"), at=NOON, review_hours=24)
    text = as_ops.get(reverse(CHANGELIST)).text
    for words in (requested.public_id, "Lan", "300.00", "待", "小时"):
        assert words in text


@pytest.mark.parametrize(("hours", "late"), [(1, False), (25, True)])
def test_an_overdue_review_is_marked(as_ops: Client, lan: Member, hours: int, late: bool) -> None:
    row = asked(lan, 100, at=clock.now() - timedelta(hours=hours, minutes=1))
    assert ("已超时" in as_ops.get(page(row)).text) is late


def test_a_queue_shows_the_longest_waiting_first(
    as_ops: Client, qian: User, lan: Member, chen: Member
) -> None:
    first, second = asked(lan, 100), asked(ready(chen, 1_000), 100, at=NOW + DAY)
    for queue, rows in (("operations", [first, second]), ("finance", [])):
        response = as_ops.get(reverse(CHANGELIST), {"queue": queue})
        assert list(response.context["cl"].result_list) == rows
    approve_as_operations(withdrawal=first, by=qian, at=NOW)
    response = as_ops.get(reverse(CHANGELIST), {"queue": "finance"})
    assert list(response.context["cl"].result_list) == [first]


def test_search_finds_whole_ids_nicknames_and_numbers(
    as_ops: Client, lan: Member, qian: User, feng: User, sandbox: SandboxGateway
) -> None:
    attempt = attempted(lan, 100 * YUAN, qian, feng)
    public_id = attempt.withdrawal.public_id
    for words, count in (
        (public_id, 1), ("Lan", 1), (attempt.out_bill_no, 1), (public_id[:-1], 0), ("Chen", 0),
    ):  # fmt: skip
        response = as_ops.get(reverse(CHANGELIST), {"q": words})
        assert len(response.context["cl"].result_list) == count, words


def test_more_rows_need_no_more_queries(as_ops: Client, requested: Withdrawal) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            as_ops.get(reverse(CHANGELIST))
        return len(queries)

    as_ops.get(reverse(CHANGELIST))
    few = cost()
    for number in range(5):
        asked(ready(member(f"Member {number}"), 1_000), 100)
    assert cost() <= few


def test_a_pause_is_shown_on_the_list_and_the_page(
    as_feng: Client, lan: Member, qian: User, feng: User
) -> None:
    row = approved(lan, AMOUNT, qian, feng)
    pause_channel(channel="all", at=NOW, pause_reason="盘点", by=feng)

    assert as_feng.get(page(row)).text.count("付款已暂停：盘点") == 2
    assert "付款已暂停：盘点" in as_feng.get(reverse(CHANGELIST)).text


def test_the_timeline_shows_labels_of_events(
    as_feng: Client, lan: Member, qian: User, feng: User
) -> None:
    text = as_feng.get(page(approved(lan, AMOUNT, qian, feng))).text

    assert "withdrawals.requested" not in text
    assert "运营已通过" in text

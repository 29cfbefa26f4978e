"""A gift is sent by operations; until then it follows its award."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError, transaction

from common.errors import PermissionMissing, ReasonRequired
from common.status import WrongStatus
from events.models import Event
from incentives.models import GiftTask
from incentives.services.gifts import (
    GiftNoteRequired,
    OwnGiftForbidden,
    cancel_gift,
    cancel_task,
    open_task,
    send_gift,
)
from orders.models import Order
from tests.cast import link, member, staff
from tests.incentives.contests.gifts_stage import awards, gift_for_each_order, gift_task, sender
from tests.incentives.contests.stage import RELEASED, follow
from tests.shop import DAY, ingest, line, order, refund, with_refund

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
LATER = RELEASED + DAY


@pytest.fixture
def task(db: None) -> GiftTask:
    gift_for_each_order()
    return gift_task()


def events(name: str) -> list[dict[str, Any]]:
    return [row.data for row in Event.objects.filter(name=f"incentives.{name}").order_by("pk")]


def test_an_award_opens_a_task(task: GiftTask) -> None:
    assert (task.status, task.sku.code, task.award.member) == ("open", "tea", member("Lan"))
    assert events("gift_opened") == [
        {"member": member("Lan").public_id, "sku": "tea", "award": task.award.public_id}
    ]


def test_the_same_award_opens_no_second_task(task: GiftTask) -> None:
    assert open_task(award=task.award, at=LATER) == task
    assert GiftTask.objects.count() == len(events("gift_opened")) == 1


def test_it_is_sent_with_a_note(task: GiftTask) -> None:
    qian = sender()
    send_gift(task=task, note="  SF  123 ", by=qian, at=LATER)
    task.refresh_from_db()
    assert (task.status, task.note, task.done_at, task.done_by) == ("sent", "SF 123", LATER, qian)
    assert [data["note"] for data in events("gift_sent")] == ["SF 123"]


def refund_the_order(at: Any = LATER) -> None:
    facts = order(member("Lan's buyer"), line(price=100_000), number="Lan-1", received=True)
    ingest(with_refund(facts, refund(100_000, quantity=1, at=at)), at=at)
    follow(Order.objects.filter(number="Lan-1"), at=at)


def test_what_was_not_sent_is_cancelled_with_its_award(task: GiftTask) -> None:
    refund_the_order()
    task.refresh_from_db()
    assert (task.status, task.done_by) == ("cancelled", None)
    assert awards() == [("Lan", "gift", 0, "taken_back")]
    assert [data["reason"] for data in events("gift_cancelled")] == [None]


def test_what_was_sent_stays(task: GiftTask) -> None:
    send_gift(task=task, note="SF 123", by=sender(), at=LATER)
    refund_the_order(LATER + DAY)
    task.refresh_from_db()
    assert task.status == "sent"
    assert awards() == [("Lan", "gift", 1, "granted")]


def test_a_task_opens_again_with_its_award(task: GiftTask) -> None:
    assert cancel_task(award=task.award, at=LATER)
    assert cancel_task(award=task.award, at=LATER)
    again = open_task(award=task.award, at=LATER + DAY)
    assert (again.pk, again.status, again.opened_at) == (task.pk, "open", LATER + DAY)


def test_what_was_sent_is_not_sent_again(task: GiftTask) -> None:
    send_gift(task=task, note="SF 123", by=sender(), at=LATER)
    assert not cancel_task(award=task.award, at=LATER)
    assert open_task(award=task.award, at=LATER).status == "sent"


def test_a_person_cancels_with_a_reason_and_it_stays_so(task: GiftTask) -> None:
    cancel_gift(task=task, reason="sold out", by=sender(), at=LATER)
    assert open_task(award=task.award, at=LATER).status == "cancelled"
    with pytest.raises(DatabaseError), transaction.atomic():
        GiftTask.objects.update(status="open", done_at=None, done_by=None)


def assert_nothing_moved(task: GiftTask) -> None:
    task.refresh_from_db()
    assert (task.status, task.note, task.done_by) == ("open", "", None)
    assert events("gift_sent") == events("gift_cancelled") == []


def test_without_the_right_nothing_is_sent(task: GiftTask) -> None:
    with pytest.raises(PermissionMissing):
        send_gift(task=task, note="SF 123", by=staff("Feng"), at=LATER)
    with pytest.raises(PermissionMissing):
        cancel_gift(task=task, reason="no", by=staff("Feng"), at=LATER)
    assert_nothing_moved(task)


def test_nobody_sends_a_gift_to_oneself(task: GiftTask) -> None:
    qian = sender()
    link(qian, member("Lan"))
    with pytest.raises(OwnGiftForbidden):
        send_gift(task=task, note="SF 123", by=qian, at=LATER)
    with pytest.raises(OwnGiftForbidden):
        cancel_gift(task=task, reason="no", by=qian, at=LATER)
    assert_nothing_moved(task)


@pytest.mark.parametrize("text", ["", " \n ", "x" * 201])
def test_the_member_reads_something_short(task: GiftTask, text: str) -> None:
    with pytest.raises(GiftNoteRequired):
        send_gift(task=task, note=text, by=sender(), at=LATER)
    with pytest.raises(ReasonRequired):
        cancel_gift(task=task, reason=text, by=sender(), at=LATER)
    assert_nothing_moved(task)


def test_it_is_decided_once(task: GiftTask) -> None:
    send_gift(task=task, note="SF 123", by=sender(), at=LATER)
    with pytest.raises(WrongStatus):
        send_gift(task=task, note="SF 124", by=sender(), at=LATER)
    with pytest.raises(WrongStatus):
        cancel_gift(task=task, reason="no", by=sender(), at=LATER)
    task.refresh_from_db()
    assert task.note == "SF 123"


@pytest.mark.parametrize("changes", [{"sku": 1}, {"award": 1}])
def test_what_is_sent_to_whom_never_changes(task: GiftTask, changes: dict[str, int]) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        GiftTask.objects.update(**changes)


def test_a_task_is_never_deleted(task: GiftTask) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        task.delete()

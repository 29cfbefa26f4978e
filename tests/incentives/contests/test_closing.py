"""A contest closes: what counts is fixed, prizes are computed, and a second person confirms."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from alarms.models import Alarm
from common.errors import PermissionMissing, SelfApprovalForbidden, violated_constraint
from common.status import WrongStatus
from distribution.services import change_status
from events.models import Delivery, Event, Reference
from incentives.due_periods import MERGER
from incentives.models import PeriodClosing, Policy
from incentives.services.closing import (
    ClosingNotCounted,
    close_periods,
    confirm_closing,
    count_closing,
)
from incentives.services.publication import stop
from members.models import User
from members.reviews import ReviewTooEarly
from orders.models import Order
from orders.services import complete
from tests.cast import NOON, link, member, staff
from tests.incentives.contests.stage import (
    CLOSES,
    PRICE,
    RELEASED,
    WEEK_START,
    close,
    confirmer,
    contest,
    follow,
    open_stage,
    prize,
    release,
    sell,
    winners,
)
from tests.incentives.offers import published
from tests.shop import DAY, PLACED, ingest, line, order, refund, wallet_balance, with_refund

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def stage(db: None) -> None:
    open_stage()


def sold() -> None:
    """Lan sells for 3,000 yuan, Chen for 2,000 and Mei for 1,000."""
    sell("Lan", 100_000, 100_000, 100_000)
    sell("Chen", 100_000, 100_000)
    sell("Mei", 100_000)
    release()


def test_the_places_of_a_week_are_paid_at_its_close() -> None:
    contest()
    sold()

    assert close(CLOSES - SECOND) is None
    assert winners() == []
    closing = close(CLOSES)

    assert closing
    assert (closing.status, closing.awards, closing.amount) == ("final", 3, 23_000)
    assert winners() == [
        ("Lan", 1, 10_000, 10_000, "granted"),
        ("Chen", 2, 8_000, 8_000, "granted"),
        ("Mei", 3, 5_000, 5_000, "granted"),
    ]
    assert wallet_balance(member("Lan")) == 10_000


def test_a_second_close_changes_nothing() -> None:
    contest()
    sold()
    closing = close()
    before = winners()

    assert close_periods(at=CLOSES + DAY, limit=10) == 0
    assert closing
    count_closing(closing=closing, at=CLOSES + DAY)

    assert winners() == before
    events = Event.objects.filter(name="incentives.closing_final")
    assert events.filter(subject_id=closing.public_id).count() == 1


def test_equal_sales_share_the_prizes() -> None:
    contest()
    sell("Lan", 100_000)
    sell("Chen", 100_000)
    sell("Mei", 50_000)
    release()
    close()
    assert [(name, rank, given) for name, rank, _, given, _ in winners()] == [
        ("Lan", 1, 9_000), ("Chen", 1, 9_000), ("Mei", 3, 5_000)
    ]  # fmt: skip


def test_each_is_paid_only_if_the_budget_covers_all() -> None:
    rich = contest(ties="each", budget_amount=25_000)
    poor = contest(ties="each", budget_amount=24_999)
    sell("Lan", 100_000)
    sell("Chen", 100_000)
    sell("Mei", 50_000)
    release()
    close()
    assert [given for _, _, _, given, _ in winners(rich.incentive)] == [10_000, 10_000, 5_000]
    assert [given for _, _, _, given, _ in winners(poor.incentive)] == [9_000, 9_000, 5_000]


def test_a_week_without_sales_is_closed_too() -> None:
    contest()
    closing = close()
    assert closing
    assert (closing.status, closing.awards, closing.amount) == ("final", 0, 0)


def test_what_is_not_completed_does_not_count() -> None:
    contest()
    sell("Lan", 100_000)
    sell("Chen", 200_000, received=False)
    release()
    close()
    assert [(name, given) for name, _, _, given, _ in winners()] == [("Lan", 10_000)]


def refund_of_lan(at: Any) -> None:
    (row,) = Order.objects.filter(number="Lan-1")
    facts = order(member("Lan's buyer"), line(price=100_000), number="Lan-1", received=True)
    ingest(with_refund(facts, refund(100_000, quantity=1, at=at)), at=at)
    follow([row], at=at)


def test_a_refund_before_the_close_changes_the_places() -> None:
    contest()
    sell("Lan", 100_000)
    sell("Chen", 50_000)
    release()
    refund_of_lan(CLOSES - SECOND)
    close()
    assert [(name, rank, given) for name, rank, _, given, _ in winners()] == [("Chen", 1, 10_000)]


@pytest.mark.parametrize("at", [CLOSES, CLOSES + DAY], ids=["same second", "a day later"])
def test_a_refund_after_the_close_leaves_the_prizes(at: Any) -> None:
    contest()
    sell("Lan", 100_000)
    sell("Chen", 50_000)
    release()
    close()
    before = winners()

    refund_of_lan(at)
    close(at + DAY)

    assert winners() == before
    assert wallet_balance(member("Lan")) == 10_000


def test_an_order_that_is_told_after_the_close_counts_nothing() -> None:
    contest()
    sell("Chen", 50_000)
    release()
    close()
    before = winners()

    sell("Lan", 100_000)
    release(CLOSES + DAY)
    close(CLOSES + 2 * DAY)

    assert winners() == before


@pytest.mark.parametrize("follower", ["count_orders", "follow_merges"])
def test_a_close_waits_for_orders_that_no_worker_has_counted(follower: str) -> None:
    contest()
    sold()
    event = Event.objects.filter(name="orders.completed").latest("pk")
    waiting = Delivery.objects.create(
        event=event, follower=f"incentives.followers.{follower}", subject="orders.order:x"
    )

    assert close(CLOSES) is None
    waiting.delete()
    assert close(CLOSES)


def test_an_alarm_names_how_many_orders_a_close_leaves_out() -> None:
    contest()
    sell("Chen", 80_000)
    release()
    sell("Lan", 100_000, 50_000)
    while complete(at=RELEASED):
        pass

    assert close(CLOSES + HOUR - SECOND) is None
    assert not Alarm.objects.exists()
    closing = close(CLOSES + HOUR)

    assert closing
    assert [row[0] for row in winners()] == ["Chen"]
    alarm = Alarm.objects.get()
    assert (alarm.kind, alarm.subject) == ("closed_without_orders", Reference.to(closing))
    assert alarm.detail == {"orders": 2}
    close(CLOSES + 2 * HOUR)
    alarm.refresh_from_db()
    assert alarm.count == 1


@pytest.mark.parametrize(("who", "left_out"), [("Lan", [{"merged": 1}]), ("Lan's buyer", [])])
def test_an_alarm_names_the_merges_of_participants_that_a_close_leaves_out(
    who: str, left_out: list[dict[str, int]]
) -> None:
    contest()
    sold()
    told = Event.objects.create(
        name="members.merged", subject_kind="members.member", subject_id=member(who).public_id,
        at=RELEASED,
    )  # fmt: skip
    Delivery.objects.create(event=told, follower=MERGER, subject="members.member:x")

    close(CLOSES + HOUR)

    assert list(Alarm.objects.values_list("detail", flat=True)) == left_out


def test_a_close_that_leaves_nothing_out_raises_no_alarm() -> None:
    contest()
    sold()

    assert close(CLOSES + HOUR)

    assert not Alarm.objects.exists()


def test_a_close_waits_an_hour_for_orders_to_be_completed() -> None:
    contest()
    sell("Lan", 100_000)
    assert close(CLOSES) is None
    assert close(CLOSES + timedelta(hours=1))


def test_a_frozen_winner_keeps_the_place_and_waits() -> None:
    contest()
    sold()
    lan = member("Lan").distributor
    change_status(distributor=lan, to="frozen", at=RELEASED, by=staff("Qian"), reason="check")
    close()
    assert winners()[0] == ("Lan", 1, 10_000, 0, "held")
    assert winners()[1] == ("Chen", 2, 8_000, 8_000, "granted")


# A second person


def waiting_closing(**terms: Any) -> PeriodClosing:
    contest(confirm_above=20_000, **terms)
    sold()
    closing = close()
    assert closing
    return closing


def test_above_an_amount_the_awards_wait() -> None:
    closing = waiting_closing()
    assert (closing.status, closing.awards, closing.amount) == ("waiting", 3, 23_000)
    assert {(given, status) for _, _, _, given, status in winners()} == {(0, "waiting")}
    assert wallet_balance(member("Lan")) == 0


def test_up_to_the_amount_nobody_is_asked() -> None:
    contest(confirm_above=23_000)
    sold()
    closing = close()
    assert closing
    assert closing.status == "final"


def test_the_amount_of_the_settings_counts_where_the_terms_name_none() -> None:
    Policy.objects.update(confirm_above=22_999)
    contest()
    sold()
    closing = close()
    assert closing
    assert closing.status == "waiting"


def test_terms_do_not_loosen_the_settings() -> None:
    Policy.objects.update(confirm_above=22_999)
    contest(confirm_above=1_000_000)
    sold()
    closing = close()
    assert closing
    assert closing.status == "waiting"


def test_points_are_no_money() -> None:
    contest(prize(50_000, 1, asset="points"), confirm_above=1)
    sold()
    closing = close()
    assert closing
    assert (closing.status, closing.awards, closing.amount) == ("final", 1, 0)


def test_another_person_confirms() -> None:
    closing = waiting_closing()
    wen = confirmer()

    confirm_closing(closing=closing, by=wen, at=CLOSES + DAY)
    close(CLOSES + DAY)

    closing.refresh_from_db()
    assert (closing.status, closing.confirmed_by) == ("final", wen)
    assert [given for _, _, _, given, _ in winners()] == [10_000, 8_000, 5_000]


def assert_still_waiting(closing: PeriodClosing) -> None:
    closing.refresh_from_db()
    assert (closing.status, closing.confirmed_by) == ("waiting", None)
    assert {(given, status) for _, _, _, given, status in winners()} == {(0, "waiting")}


def refused(closing: PeriodClosing, by: User, error: type[Exception]) -> None:
    with pytest.raises(error):
        confirm_closing(closing=closing, by=by, at=CLOSES + DAY)
    assert_still_waiting(closing)


def test_who_published_does_not_confirm() -> None:
    refused(waiting_closing(), confirmer("Feng"), SelfApprovalForbidden)


def test_a_winner_does_not_confirm() -> None:
    closing = waiting_closing()
    wen = confirmer()
    link(wen, member("Chen"))
    refused(closing, wen, SelfApprovalForbidden)


def test_without_the_right_nobody_confirms() -> None:
    refused(waiting_closing(), staff("Wen"), PermissionMissing)


def test_an_account_that_has_just_changed_does_not_confirm() -> None:
    closing = waiting_closing()
    wen = confirmer()
    User.objects.filter(pk=wen.pk).update(may_review_from=CLOSES + 3650 * DAY)
    refused(closing, wen, ReviewTooEarly)


def test_nobody_confirms_twice() -> None:
    closing = waiting_closing()
    confirm_closing(closing=closing, by=confirmer(), at=CLOSES + DAY)
    with pytest.raises(WrongStatus):
        confirm_closing(closing=closing, by=confirmer("Xu"), at=CLOSES + DAY)


def test_what_is_being_counted_is_not_confirmed() -> None:
    version = contest()
    closing = PeriodClosing.objects.create(
        incentive=version.incentive, period_start=WEEK_START, closed_at=CLOSES, status="counting"
    )
    with pytest.raises(ClosingNotCounted):
        confirm_closing(closing=closing, by=confirmer(), at=CLOSES)


# What the database refuses


def refusal(closing: PeriodClosing, **changes: Any) -> str:
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        PeriodClosing.objects.filter(pk=closing.pk).update(**changes)
    return violated_constraint(refused.value)


def test_the_database_knows_who_may_not_confirm() -> None:
    closing = waiting_closing()
    final = {"status": "final", "confirmed_at": CLOSES}
    assert refusal(closing, confirmed_by=staff("Feng"), **final) == "closing_four_eyes"
    wen = confirmer()
    link(wen, member("Lan"))
    assert refusal(closing, confirmed_by=wen, **final) == "closing_own_award"


def test_a_final_close_does_not_change() -> None:
    contest()
    closing = close()
    assert closing
    assert refusal(closing, status="waiting") == "incentive_closing_final"
    assert refusal(closing, awards=7) == "incentive_closing_final"


# Which periods close when


def closed() -> list[str]:
    rows = PeriodClosing.objects.order_by("period_start").values_list("period_start", flat=True)
    return [f"{day:%m-%d}" for day in rows]


def test_each_week_closes_in_its_turn() -> None:
    contest()  # in force from a Sunday on
    close(CLOSES)
    assert closed() == ["10-26", "11-02"]
    close(CLOSES + 21 * DAY)
    assert closed() == ["10-26", "11-02", "11-09", "11-16", "11-23"]


def test_a_week_after_a_gap_is_paid_by_the_version_that_began_in_it() -> None:
    ended = contest(ends_at=NOON + HOUR)
    again = contest(prize(7_000, 1), based_on=ended, ends_at=None, at=PLACED - HOUR)
    contest(prize(6_000, 1), based_on=again, at=PLACED + HOUR)
    sold()
    close()
    assert closed() == ["10-26", "11-02"]
    assert [given for _, _, _, given, _ in winners()] == [7_000]


def test_after_the_end_nothing_closes() -> None:
    contest(ends_at=CLOSES - 15 * DAY)
    close(CLOSES + 100 * DAY)
    assert closed() == ["10-26", "11-02"]


def test_a_campaign_closes_as_a_whole() -> None:
    contest(period="campaign", ends_at=CLOSES)
    sold()
    close(CLOSES + 15 * DAY - SECOND)
    assert closed() == []
    close(CLOSES + 15 * DAY)
    assert closed() == ["11-01"]
    assert [given for _, _, _, given, _ in winners()] == [10_000, 8_000, 5_000]


def test_a_campaign_that_was_stopped_closes_after_its_stop() -> None:
    version = contest(period="campaign", ends_at=CLOSES + 100 * DAY)
    sold()
    stop(incentive=version.incentive, by=staff("Feng"), at=PLACED + DAY, reason="sold out")
    midnight = PLACED.replace(hour=16) + DAY
    close(midnight + 15 * DAY - SECOND)
    assert closed() == []
    close(midnight + 15 * DAY)
    assert closed() == ["11-01"]
    assert [given for _, _, _, given, _ in winners()] == [10_000, 8_000, 5_000]


def test_awards_of_each_order_have_no_period_to_close() -> None:
    published(metric="own_orders", period="each")
    close(CLOSES + 100 * DAY)
    assert closed() == []


# What a close costs


def queries_of_close(**orders: int) -> int:
    """Return how many queries a close needs after these sales, and undo all of it.

    :param orders: how many orders each seller has
    """
    with transaction.atomic():
        for name, count in orders.items():
            sell(name, *[PRICE] * count)
        release()
        with CaptureQueriesContext(connection) as seen:
            close_periods(at=CLOSES, limit=10)
        assert PeriodClosing.objects.filter(status="final").count() == 2  # with the week before
        transaction.set_rollback(True)
    return len(seen)


@pytest.mark.one_transaction
def test_a_close_needs_no_more_queries_for_more_orders_and_sellers() -> None:
    contest(prize(10_000, 1))
    queries_of_close(Lan=1)

    assert queries_of_close(Lan=6, Chen=5, Mei=5) == queries_of_close(Lan=1)


@pytest.mark.one_transaction
def test_each_prize_of_a_close_needs_the_same_number_of_queries() -> None:
    contest()
    queries_of_close(Lan=1)

    one, two, three = (
        queries_of_close(Lan=3), queries_of_close(Lan=3, Chen=2),
        queries_of_close(Lan=3, Chen=2, Mei=1),
    )  # fmt: skip

    assert three - two == two - one

"""Where channels are chosen, only orders that came by a share in one of them count."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError, transaction

from common.errors import violated_constraint
from incentives.models import Contribution, Metric, PeriodKind, Reward, Version
from incentives.services.back_tests import request_back_test, run_back_tests
from incentives.worst_case import worst_case
from members.models import Member
from sharing.models import Share
from tests.cast import NOON, member, staff
from tests.incentives.engine.story import (
    NOVEMBER,
    RELEASED,
    awards,
    buy,
    complete_by,
    give_back,
    progress,
)
from tests.incentives.offers import draft, published, reward
from tests.sharing.things import share
from tests.shop import DAY, make_referral

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

MONTHLY = {"period": PeriodKind.MONTH, "reach": Version.Reach.STEPS}
CREDIT = {"asset": "store_credit"}


def by(sharer: Member, channel: str) -> str:
    return share(sharer, channel=channel).code


def counted() -> list[str]:
    rows = Contribution.objects.filter(counted=True, value__gt=0).select_related("order")
    return sorted(row.order.number for row in rows if row.order)


def test_orders_of_other_channels_and_without_a_share_never_count(lan: Member, bo: Member) -> None:
    published(
        metric=Metric.OWN_SALES, rewards=[reward(1_000, threshold=20_000)],
        channels=["moments", "poster"], **MONTHLY,
    )  # fmt: skip
    buy(bo, "O-1", share=by(lan, "moments"))
    buy(bo, "O-2", share=by(lan, "poster"))
    buy(bo, "O-3", share=by(lan, "group"))
    buy(bo, "O-4")
    complete_by(RELEASED)

    assert counted() == ["O-1", "O-2"]
    assert progress(lan) == [(NOVEMBER, 21_980, 0)]
    assert awards(lan) == [("from:20000:cash", 1_000, 1_000, "granted")]


def test_without_chosen_channels_every_order_counts(lan: Member, bo: Member) -> None:
    published(metric=Metric.OWN_ORDERS)
    buy(bo, "O-1", share=by(lan, "moments"))
    buy(bo, "O-2")
    complete_by(RELEASED)

    assert counted() == ["O-1", "O-2"]


def test_a_refund_of_an_order_by_a_channel_takes_back(lan: Member, bo: Member) -> None:
    published(metric=Metric.OWN_ORDERS, channels=["chat"])
    told = buy(bo, "O-1", share=by(lan, "chat"))
    complete_by(RELEASED)
    assert awards(lan) == [("O-1:cash", 1_000, 1_000, "granted")]

    give_back(told, 10_990, quantity=1, at=RELEASED + DAY)

    assert awards(lan) == [("O-1:cash", 0, 0, "taken_back")]


@pytest.mark.parametrize(
    ("metric", "gives", "terms"),
    [
        (Metric.OWN_SALES, reward(500), {}),
        (Metric.OWN_ORDERS, reward(500), {}),
        (Metric.OWN_UNITS, reward(500), {}),
        (Metric.OWN_SPEND, reward(500, **CREDIT), {}),
        (Metric.FIRST_SALE, reward(500), {}),
        (Metric.REFERRED_BUYERS, reward(500, **CREDIT), {}),
        (Metric.NEW_DISTRIBUTORS, reward(500, **CREDIT),
         {"period": PeriodKind.MONTH, "most_per_member": 3}),
    ],
    ids=["sales", "orders", "units", "spend", "first_sale", "friends", "distributors"],
)  # fmt: skip
def test_the_channel_filters_every_metric_that_counts_orders(
    lan: Member, bo: Member, metric: str, gives: Reward, terms: dict[str, Any]
) -> None:
    published(metric=metric, rewards=[gives], channels=["weibo"], **terms)
    buy(bo, "O-1", share=by(lan, "chat"))
    buy(bo, "O-2", day=1)
    complete_by(RELEASED + DAY)
    assert counted() == []

    buy(bo, "O-3", day=2, share=by(lan, "weibo"))
    complete_by(RELEASED + 2 * DAY)

    assert counted() == ["O-3"]


def test_a_back_test_counts_by_the_channel(lan: Member, bo: Member) -> None:
    buy(bo, "O-1", share=by(lan, "moments"))
    buy(bo, "O-2")
    version = draft(channels=["moments"])
    test = request_back_test(version=version, days=30, by=staff("Qian"), at=RELEASED)
    while run_back_tests(at=RELEASED):
        pass

    test.refresh_from_db()
    assert (test.status, test.orders, test.counted, test.totals) == ("done", 2, 1, {"cash": 1_000})


def test_the_share_of_another_member_is_a_channel_too(mei: Member, bo: Member) -> None:
    """Who shared decides nothing here: Lan is the upline of Bo."""
    published(metric=Metric.OWN_ORDERS, channels=["qq"])
    buy(bo, "O-1", share=by(mei, "qq"))
    complete_by(RELEASED)

    assert counted() == ["O-1"]


def test_a_channel_that_ends_with_the_next_version_counts_until_then(
    lan: Member, bo: Member
) -> None:
    first = published(metric=Metric.OWN_ORDERS, channels=["chat"])
    published(based_on=first, channels=["poster"], starts_at=NOON + 3 * DAY)
    for day in (0, 3):
        buy(bo, f"CHAT-{day}", day=day, share=by(lan, "chat"))
        buy(bo, f"POSTER-{day}", day=day, share=by(lan, "poster"))
    complete_by(RELEASED + 3 * DAY)

    assert counted() == ["CHAT-0", "POSTER-3"]


def test_channels_that_never_meet_do_not_add_up(lan: Member) -> None:
    published(name="A", rewards=[reward(1_000)], channels=["moments"])
    published(name="B", rewards=[reward(2_000)], channels=["chat", "poster"])
    published(name="C", rewards=[reward(100)])
    version = draft(name="D", rewards=[reward(500)], channels=["moments", "group"])

    found = worst_case(version, list(version.rewards.all()), at=NOON)

    assert dict(found.awards).keys() == {"B", "C"}, "2,100 of an order by a chat are the most"
    meeting = draft(name="E", rewards=[reward(1_500)], channels=["moments"])
    found = worst_case(meeting, list(meeting.rewards.all()), at=NOON)
    assert dict(found.awards).keys() == {"A", "C", "E"}


def test_a_friend_is_brought_in_a_channel(lan: Member) -> None:
    dan = member("Dan")
    make_referral(lan, dan)
    published(
        metric=Metric.REFERRED_BUYERS, rewards=[reward(800, **CREDIT)], channels=["xiaohongshu"]
    )
    buy(dan, "O-1", share=by(lan, "xiaohongshu"))
    complete_by(RELEASED)

    assert awards(lan) == [("friend:store_credit", 800, 800, "granted")]


def test_the_database_knows_the_channels_of_shares() -> None:
    version = draft(channels=Share.Channel.values)
    with pytest.raises(DatabaseError) as error, transaction.atomic():
        Version.objects.filter(pk=version.pk).update(channels=["chat", "tv"])

    assert violated_constraint(error.value) == "incentive_channels_known"
    version.refresh_from_db()
    assert version.channels == Share.Channel.values

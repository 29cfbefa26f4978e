"""Figures of shares: from the share to the commission.

Lan shares the mask; Hua opens it, joins and buys one for 109.90: Lan earns 10.99 and Mei 5.49.
"""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from commissions.services import accept_conflicts
from members.models import Member
from orders.intake import ingest_orders
from orders.models import OrderConflict, OrderShare
from reports.models import ShareDelta, ShareFigures
from reports.services import differences
from reports.shares import Funnel, life_funnels, member_funnels, share_report
from tests.cast import CLOCK, NOON, give, member, staff
from tests.reports.folding import fold_all
from tests.reports.sharers import (
    JOINED,
    VISITED,
    a_share,
    a_visit,
    order_by_share,
    sign_in,
)
from tests.shop import (
    DAY,
    PLACED,
    WEEK,
    get_order,
    ingest,
    line,
    open_shop,
    order,
    refund,
    settle_all,
    with_refund,
)

pytestmark = pytest.mark.django_db
FIRST, LAST = date(2026, 11, 1), date(2026, 11, 30)
SOLD = Funnel(orders=1, sales=10_990, commission=1_648, earned=1_099)


def life(share) -> Funnel:
    return share_report(share, first=FIRST, last=LAST).life


@pytest.fixture
def lans_share(db: None):
    open_shop()
    return a_share("Lan")


@pytest.fixture
def hua(lans_share) -> Member:
    """A new member, who came by Lan's share."""
    seen = a_visit(lans_share)
    return sign_in("Hua", anonymous_id=seen.anonymous_id)


@pytest.mark.parametrize("folded", [False, True])
def test_a_share_is_followed_to_the_commission(lans_share, hua: Member, folded: bool) -> None:
    ingest(order(hua))
    if folded:
        fold_all()
        assert not ShareDelta.objects.exists()

    report = share_report(lans_share, first=FIRST, last=LAST)

    assert report.life == Funnel(1, 1, 1, 1, 10_990, 1_648, 1_099)
    assert report.life.conversion == 10_000
    assert report.days == [
        (NOON.date(), Funnel(shares=1, visits=1, new_members=1)),
        (PLACED.date(), SOLD),
    ]
    lan = Member.objects.get(nickname="Lan")
    ours = member_funnels(lan, today=PLACED.date())
    assert (ours.today, ours.yesterday, ours.life) == (SOLD, report.days[0][1], report.life)
    assert ours.month == report.life
    assert life_funnels([lans_share]) == {lans_share.pk: report.life}
    assert differences() == []


def test_each_group_of_a_share_has_its_figures(lans_share) -> None:
    open_by_poster = a_share("Lan", channel="poster", template="tpl-1")
    a_visit(open_by_poster)
    fold_all()

    rows = ShareFigures.objects.filter(day=date(1970, 1, 1)).values_list(
        "kind", "key", "shares", "visits"
    )
    lan = Member.objects.get(nickname="Lan")
    assert sorted(rows) == sorted(
        [
            ("channel", "chat", 1, 0),
            ("channel", "poster", 1, 1),
            ("member", str(lan.pk), 2, 1),
            ("product", lans_share.target_id, 2, 1),
            ("share", lans_share.code, 1, 0),
            ("share", open_by_poster.code, 1, 1),
            ("template", "tpl-1", 1, 1),
        ]
    )


def test_bots_repeated_visits_and_own_visits_are_none(lans_share) -> None:
    seen = a_visit(lans_share)
    a_visit(lans_share, anonymous_id=seen.anonymous_id, at=VISITED + timedelta(minutes=1))
    a_visit(lans_share, agent="Googlebot/2.1")
    a_visit(lans_share, by=Member.objects.get(nickname="Lan"))

    assert life(lans_share).visits == 1

    a_visit(lans_share, anonymous_id=seen.anonymous_id, at=VISITED + DAY)
    assert life(lans_share).visits == 2
    assert differences() == []


def test_a_member_is_new_to_the_first_share_alone(lans_share) -> None:
    other = a_share("Lan", channel="qq")
    first = a_visit(lans_share)
    a_visit(other, anonymous_id=first.anonymous_id, at=VISITED + timedelta(minutes=5))
    sign_in("Hua", anonymous_id=first.anonymous_id)
    sign_in("Hua", share=other.code, at=JOINED + DAY)

    assert (life(lans_share).new_members, life(other).new_members) == (1, 0)


def test_a_member_of_before_is_not_new(lans_share) -> None:
    member("Chen")
    seen = a_visit(lans_share)
    sign_in("Chen", anonymous_id=seen.anonymous_id)

    assert life(lans_share).new_members == 0


def test_an_order_counts_once_it_is_paid(lans_share, hua: Member) -> None:
    ingest(order(hua, paid=False))
    assert life(lans_share).orders == 0

    ingest(order(hua))

    assert life(lans_share) == Funnel(1, 1, 1, 1, 10_990, 1_648, 1_099)
    assert differences() == []


def test_a_refund_lowers_the_day_of_the_order(lans_share, hua: Member) -> None:
    ingest(order(hua, line(quantity=2)))
    fold_all()

    ingest(with_refund(order(hua, line(quantity=2)), refund(10_990, quantity=1)))

    report = share_report(lans_share, first=PLACED.date(), last=PLACED.date())
    assert report.days == [(PLACED.date(), SOLD)]
    assert differences() == []


def test_a_clawback_lowers_what_was_earned(lans_share, hua: Member) -> None:
    received = order(hua, received=True)
    ingest(received)
    settle_all(at=PLACED + 3 * DAY + WEEK)
    assert life(lans_share).earned == 1_099

    ingest(with_refund(received, refund(10_990, quantity=1, at=PLACED + 12 * DAY)))

    assert life(lans_share) == Funnel(shares=1, visits=1, new_members=1, orders=1)
    assert differences() == []


def test_an_unknown_code_and_another_binding_are_no_share(lans_share) -> None:
    bo = Member.objects.get(nickname="Bo")  # bound by a visit that no table has
    ingest(order_by_share(bo, lans_share, number="O-1"), order(bo, number="O-2"))

    named = OrderShare.objects.get()
    assert (named.order.number, named.reason, named.visit, named.tier) == ("O-1", "named", None, 1)
    assert life(lans_share) == SOLD + Funnel(shares=1)


def test_the_share_that_an_order_names_counts_before_that_of_the_binding(
    lans_share, hua: Member
) -> None:
    meis = a_share("Mei", channel="weibo")
    seen = a_visit(meis, by=hua, at=PLACED - timedelta(minutes=1))
    ingest(order_by_share(hua, meis))

    row = OrderShare.objects.get(order=get_order())
    assert (row.share, row.visit, row.reason, row.tier) == (meis, seen.visit, "named", 2)
    assert life(lans_share).orders == 0
    assert life(meis) == Funnel(1, 1, 0, 1, 10_990, 1_648, 549)  # Mei is tier 2


def test_a_share_of_a_stranger_earns_the_stranger_nothing(lans_share, hua: Member) -> None:
    member("Chen")
    chens = a_share("Chen")
    ingest(order_by_share(hua, chens))

    assert OrderShare.objects.get().tier is None
    assert life(chens) == Funnel(shares=1, orders=1, sales=10_990, commission=1_648)


def test_ones_own_share_and_one_that_has_expired_do_not_count(lans_share) -> None:
    lan, bo = (Member.objects.get(nickname=name) for name in ("Lan", "Bo"))
    type(lans_share).objects.filter(pk=lans_share.pk).update(expires_at=PLACED)

    ingest(
        order_by_share(lan, lans_share, number="O-1"), order_by_share(bo, lans_share, number="O-2")
    )

    assert not OrderShare.objects.exists()
    assert life(lans_share) == Funnel(shares=1)


def test_the_share_of_an_order_never_changes(lans_share, hua: Member) -> None:
    ingest(order(hua))

    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE orders_ordershare SET tier = NULL")

    assert OrderShare.objects.get().tier == 1


def test_a_changed_figure_is_found(lans_share) -> None:
    a_visit(lans_share)
    fold_all()

    with connection.cursor() as cursor:
        cursor.execute("UPDATE reports_sharefigures SET visits = 5 WHERE kind = 'channel'")

    assert [text.split(":")[0] for text in differences()] == [
        f"shares of channel chat, {day}" for day in ("1970-01-01", "2026-11-01")
    ]


def test_a_corrected_day_of_payment_takes_its_figures_along(lans_share, hua: Member) -> None:
    ingest(order(hua))
    fold_all()
    later = order(hua, paid_at=PLACED + DAY)
    ingest_orders([later], at=PLACED + 2 * DAY, clock=CLOCK)

    accept_conflicts(
        conflicts=list(OrderConflict.objects.all()), reason="asked the mall",
        by=give(staff("Qian"), "decide_orderconflict"),
        at=PLACED + 2 * DAY,
    )  # fmt: skip

    report = share_report(lans_share, first=PLACED.date(), last=LAST)
    assert get_order().paid_at == PLACED + DAY
    assert report.days == [(PLACED.date(), Funnel()), ((PLACED + DAY).date(), SOLD)]
    assert differences() == []

"""Two workers count different orders of people who have somebody in common."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction

from distribution.models import Referral
from distribution.services import leave
from events.models import Reference
from incentives.models import Metric, PeriodKind, Policy, Progress, Version
from incentives.services import scopes
from incentives.services.awards import review_awards
from incentives.services.locks import lock_found, lock_people
from integration.merges import merge_members, propose_merge
from ledger.chart import Asset
from members.models import Member
from orders.models import Order
from risk.models import Assessment, Hold, Outcome, Rule, RuleName, Stage
from risk.services import release
from risk.services.holds import create_holds
from tests import shop
from tests.cast import give, member, staff
from tests.concurrency import run_concurrently, run_during_transaction, wait_for_others
from tests.incentives.engine.story import MERGED, RELEASED, awards
from tests.incentives.offers import published, reward
from tests.races.uncounted import complete_all, count, tell
from tests.shop import DAY, PLACED, make_referral, referral_chain

BOTH = [("from:2:store_credit", 700, 700, "granted")]
"""The award for two, which one alone does not reach."""


def people_of_two(metric: str, **terms: Any) -> Version:
    """Publish store credit for bringing two."""
    return published(
        metric=metric, rewards=[reward(700, asset=Asset.STORE_CREDIT, threshold=2)],
        period=PeriodKind.MONTH, reach=Version.Reach.STEPS, **terms,
    )  # fmt: skip


def value_of(who: Member) -> int:
    return Progress.objects.get(member=who).value


# Who brought an account that was merged into the buyer


def two_friends() -> Member:
    """Chen brought Gus, and an account that was merged into Fan; both friends have ordered."""
    Rule.objects.update(enabled=False)
    shop.sku()
    shop.plan()
    chen, fan, second, gus = (member(name) for name in ("Chen", "Fan", "Fan 2", "Gus"))
    for friend in (second, gus):
        make_referral(chen, friend)
    people_of_two(Metric.REFERRED_BUYERS)
    tell(fan, "FAN")
    tell(gus, "GUS")
    complete_all()
    proposal = propose_merge(
        merged=second, survivor=fan, by=give(staff("Qian"), "propose_merge"), reason="one person",
        at=MERGED,
    )  # fmt: skip
    merge_members(proposal=proposal, by=give(staff("Feng"), "decide_merge"), at=MERGED)
    return chen


def test_two_friends_at_once_are_two_also_if_one_was_merged(committed: str) -> None:
    chen = two_friends()

    assert run_during_transaction(count("FAN"), count("GUS")) == [None, None]

    assert value_of(chen) == 2
    assert awards(chen) == BOTH


def test_control_without_the_bringer_of_the_merged_account_one_friend_is_lost(
    committed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    chen = two_friends()
    own = Referral.objects.order_by("pk")
    monkeypatch.setattr(
        scopes, "referrers_of",
        lambda persons: set(own.filter(member__in=persons).values_list("referrer", flat=True)),
    )  # fmt: skip

    run_during_transaction(count("FAN"), count("GUS"))

    assert value_of(chen) == 1


# Who was the upline of another order


@dataclass
class Uplines:
    first: Member
    second: Member


def seller_with_two_uplines() -> Uplines:
    """Lan sold under Mei, whom that brought an award, and then under Chen, as Gus does.

    What Lan sold first has been refunded: what Lan sold under Chen is to count instead.
    """
    Rule.objects.update(enabled=False)
    shop.sku()
    shop.plan()
    mei, lan, bo = referral_chain("Mei", "Lan", "Bo")
    chen, _gus, ida = referral_chain("Chen", "Gus", "Ida")
    people_of_two(Metric.NEW_DISTRIBUTORS, most_per_member=3, sums_steps=True)
    first = tell(bo, "LAN-1")
    leave(member=lan, by=lan, at=PLACED + DAY, reason="moved")
    assert make_referral(chen, lan, at=PLACED + DAY).outcome == "bound"
    tell(bo, "LAN-2", day=2)
    tell(ida, "GUS-1", day=2)
    complete_all()
    count("LAN-1")()
    count("LAN-2")()
    assert value_of(mei) == 1
    back = shop.refund(10_990, quantity=1, at=RELEASED + 5 * DAY)
    shop.ingest(shop.with_refund(first, back), at=RELEASED + 5 * DAY)
    return Uplines(mei, chen)


def test_an_order_that_counts_instead_is_counted_for_its_upline(committed: str) -> None:
    of_lan = seller_with_two_uplines()

    assert run_during_transaction(count("LAN-1"), count("GUS-1")) == [None, None]

    assert (value_of(of_lan.first), value_of(of_lan.second)) == (0, 2)
    assert awards(of_lan.second) == BOTH


def test_control_without_the_orders_that_count_instead_one_is_lost(
    committed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    of_lan = seller_with_two_uplines()
    monkeypatch.setattr(scopes, "_related", lambda *_: set())

    run_during_transaction(count("LAN-1"), count("GUS-1"))

    assert (value_of(of_lan.first), value_of(of_lan.second)) == (0, 1)


# Who bought what another incentive counts as well


def buyer_who_shares_an_order() -> Member:
    """Bo is to get ¥10 for an order; Mei may get all that it leaves, as it shows that Lan sells.

    What Dan bought of Lan was completed first, and has been refunded: Bo's order is to count for
    Mei instead. The incentive for Bo had ended when Dan paid. Bo's award was held until now.
    """
    Rule.objects.update(enabled=False)
    shop.sku()
    shop.plan()
    _mei, lan, bo = referral_chain("Mei", "Lan", "Bo")
    dan = member("Dan")
    make_referral(lan, dan)
    published(
        metric=Metric.NEW_DISTRIBUTORS, rewards=[reward(2_000, asset=Asset.STORE_CREDIT)],
        period=PeriodKind.MONTH, most_per_member=3,
    )  # fmt: skip
    published(
        metric=Metric.OWN_SPEND, rewards=[reward(1_000, asset=Asset.STORE_CREDIT)],
        ends_at=PLACED + DAY,
    )  # fmt: skip
    Policy.objects.update(most_of_an_order=2_500)  # ¥10.99 are left after commissions
    tell(bo, "BO", received_at=PLACED + 6 * DAY)
    told = tell(dan, "DAN", day=2)
    complete_all()
    hold = hold_order("BO", lan)
    count("DAN")()
    count("BO")()
    assert awards(bo) == [("BO:store_credit", 1_000, 0, "held")]
    release(hold=hold, by=staff("Qian"), at=RELEASED + 5 * DAY, reason="checked")
    back = shop.refund(10_990, quantity=1, at=RELEASED + 5 * DAY)
    shop.ingest(shop.with_refund(told, back), at=RELEASED + 5 * DAY)
    return bo


def hold_order(number: str, seller: Member) -> Hold:
    subject = Reference("orders.order", Order.objects.get(number=number).public_id)
    found = Assessment.objects.create(
        stage=Stage.ORDER, member=seller, rule=RuleName.SHARED_PHONE, outcome=Outcome.HOLD,
        subject_kind=subject.kind, subject_id=subject.id, at=RELEASED, evidence={},
    )  # fmt: skip
    with transaction.atomic():
        [hold] = create_holds({found: subject}, at=RELEASED)
    return hold


def test_an_award_is_not_given_while_another_incentive_takes_its_order(committed: str) -> None:
    bo = buyer_who_shares_an_order()
    review = partial(review_awards, members=[bo.pk], at=RELEASED + 6 * DAY)

    assert run_during_transaction(count("DAN"), review) == [None, None]

    assert awards(bo) == [("BO:store_credit", 0, 0, "taken_back")]


def test_control_without_the_lock_of_its_buyer_an_order_gives_twice(
    committed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    bo = buyer_who_shares_an_order()
    monkeypatch.setattr(scopes, "_counted_for", lambda *_: set())
    review = partial(review_awards, members=[bo.pk], at=RELEASED + 6 * DAY)

    assert run_during_transaction(count("DAN"), review) == [None, None]

    assert awards(bo) == [("BO:store_credit", 1_000, 1_000, "granted")]


# Who is found only under the locks


@dataclass
class Search:
    """Finds one person at first, and a second one, whose lock comes before, under the lock."""

    first: int
    second: int
    goes_on: threading.Event
    asked: int = 0

    def __call__(self) -> Search:
        self.asked += 1
        if self.asked == 2:
            self.goes_on.set()
            wait_for_others()
        return self

    @property
    def people(self) -> set[int]:
        return {self.second} if self.asked == 1 else {self.first, self.second}


def meet() -> list[Any]:
    """Let one transaction find a second person while another one locks both."""
    # advisory_lock sorts by name
    first, second = sorted((member("Mei").pk, member("Lan").pk), key=str)
    goes_on = threading.Event()

    @transaction.atomic
    def finds_more() -> int:
        lock_found(Search(first, second, goes_on))
        return held_locks()

    @transaction.atomic
    def locks_both() -> int:
        assert goes_on.wait(30)
        lock_people([first, second])
        return held_locks()

    return run_concurrently(finds_more, locks_both)


def held_locks() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks"
            " WHERE locktype = 'advisory' AND granted AND pid = pg_backend_pid()"
        )
        return int(cursor.fetchone()[0])


def test_who_is_found_late_is_locked_without_a_deadlock(committed: str) -> None:
    assert meet() == [2, 2]


def test_control_without_giving_the_locks_back_two_wait_for_each_other(
    committed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transaction, "savepoint_rollback", lambda *_: None)

    assert [type(end) for end in meet()].count(OperationalError) == 1

"""Two workers count different orders of people who have somebody in common."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction

from distribution.models import Referral
from distribution.services import leave
from events.delivery import deliver_due
from events.models import Delivery, Event, Reference
from incentives import grants, tasks
from incentives.followers import follow_risk_holds
from incentives.models import Award, AwardPosting, Metric, PeriodKind, Progress, Version
from incentives.services import awards as awards_module
from incentives.services import scopes
from incentives.services.catching_up import catch_up
from incentives.services.closing import close_periods
from incentives.services.locks import lock_found, lock_people
from integration.merges import merge_members, propose_merge
from ledger.chart import Asset
from ledger.proof import differences
from members.closing import CloseBlocked, close_member
from members.models import Member
from orders.models import Order
from orders.services import complete
from orders.snapshots import OrderSnapshot
from risk.models import Assessment, Hold, Outcome, Rule, RuleName, Stage
from risk.services.holds import create_holds
from tests import shop
from tests.cast import CLOCK, give, member, staff
from tests.concurrency import run_concurrently, run_during_transaction, wait_for_others
from tests.incentives.contests.stage import CLOSES, contest, prize, sell
from tests.incentives.contests.stage import open_stage as open_contest
from tests.incentives.contests.stage import release as complete_contest
from tests.incentives.engine.story import MERGED, RELEASED, awards
from tests.incentives.offers import published, reward
from tests.shop import DAY, PLACED, make_referral, referral_chain

BOTH = [("from:2:store_credit", 700, 700, "granted")]
"""The award for two, which one alone does not reach."""


def people_of_two(metric: str, **terms: Any) -> Version:
    """Publish store credit for bringing two."""
    return published(
        metric=metric, rewards=[reward(700, asset=Asset.STORE_CREDIT, threshold=2)],
        period=PeriodKind.MONTH, reach=Version.Reach.STEPS, **terms,
    )  # fmt: skip


def tell(buyer: Member, number: str, *, day: int = 0) -> OrderSnapshot:
    """Tell a received order, which no worker has counted yet."""
    placed = PLACED + day * DAY
    told = shop.order(buyer, number=number, placed_at=placed, received=True)
    shop.ingest(told, at=placed)
    return told


def complete_all() -> None:
    while complete(at=RELEASED + 5 * DAY):
        pass


def count(number: str) -> Callable[[], None]:
    """Return what a worker does after an order changed."""
    return partial(catch_up, orders=[Order.objects.get(number=number).pk], at=RELEASED + 6 * DAY)


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
        scopes, "bringers_of",
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


# What holds a budget and goes on to other people


def sold_by_two() -> tuple[Member, Member, Member]:
    """Lan has sold to Bo, and Chen to Ida; nothing is counted yet."""
    Rule.objects.update(enabled=False)
    shop.sku()
    shop.plan()
    lan, bo = referral_chain("Lan", "Bo")
    _chen, ida = referral_chain("Chen", "Ida")
    published(metric=Metric.OWN_ORDERS, rewards=[reward(300)])
    tell(bo, "OF-LAN")
    tell(ida, "OF-CHEN")
    complete_all()
    return lan, bo, ida


def hold_payee(of: Member, *others: Member) -> Hold:
    subject = Reference("withdrawals.withdrawal", "w1")
    found = Assessment.objects.create(
        stage=Stage.WITHDRAWAL, member=of, rule=RuleName.SHARED_PAYEE, outcome=Outcome.HOLD,
        subject_kind=subject.kind, subject_id=subject.id, at=RELEASED,
        evidence={"others": 2, "members": [other.public_id for other in others]},
    )  # fmt: skip
    with transaction.atomic():
        [hold] = create_holds({found: subject}, at=RELEASED)
    return hold


def meet_at_the_budget(first: Callable[[], Any], second: Callable[[], Any]) -> list[Any]:
    """Let ``second`` begin when the transaction of ``first`` has locked a budget.

    ``first`` goes on once ``second`` waits for it.
    """
    goes_on = threading.Event()

    def stop_at_budget(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        result = execute(sql, *rest)
        if not goes_on.is_set() and "incentives_budget" in sql and "FOR NO KEY UPDATE" in sql:
            goes_on.set()
            wait_for_others()
        return result

    def goes_first() -> Any:
        with transaction.atomic(), connection.execute_wrapper(stop_at_budget):
            first()

    def goes_second() -> Any:
        assert goes_on.wait(30)
        second()

    return run_concurrently(goes_first, goes_second)


def test_a_hold_that_concerns_several_sellers_is_followed_beside_another_count(
    committed: str,
) -> None:
    """Lan has the payee of Bo and Ida; what Ida bought of Chen is counted again, too."""
    people = sold_by_two()
    count("OF-LAN")()
    assert given() == ["Lan"]
    hold = hold_payee(*people)
    events = list(Event.objects.filter(name="risk.held", subject_id=hold.public_id))

    ends = meet_at_the_budget(partial(follow_risk_holds, events), count("OF-CHEN"))

    assert ends == [None, None]
    assert given() == ["Chen"]
    assert differences() == []


def test_control_one_transaction_that_settles_twice_waits_for_who_waits_for_it(
    committed: str,
) -> None:
    sold_by_two()

    def settle_twice() -> None:
        count("OF-LAN")()
        count("OF-CHEN")()

    ends = meet_at_the_budget(settle_twice, count("OF-CHEN"))

    assert [type(end) for end in ends].count(OperationalError) == 1


# Closes with more winners than one transaction takes


def test_a_large_close_is_given_by_several_transactions(
    committed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_contest()
    contest(prize(10_000, 1, 3))
    for seller in ("Lan", "Chen", "Mei"):
        sell(seller, 100_000)
    complete_contest()
    monkeypatch.setattr(awards_module, "BATCH_SIZE", 2)
    while close_periods(at=CLOSES, limit=10):
        pass

    deliver()
    assert len(given()) == 2

    assert run_concurrently(*[tasks.release_awards] * 3) == [None] * 3
    assert given() == ["Chen", "Lan", "Mei"]
    assert AwardPosting.objects.count() == 3
    assert differences() == []


def given() -> list[str]:
    return sorted(Award.objects.filter(status="granted").values_list("member__nickname", flat=True))


def deliver() -> None:
    while deliver_due(at=CLOCK):
        pass
    assert not Delivery.objects.exclude(last_error="").exists()


# An account that is closed while it gets an award


def close_while_counted() -> list[Any]:
    """Close the account of Bo, who is about to get store credit for a purchase."""
    Rule.objects.update(enabled=False)
    shop.sku()
    shop.plan()
    bo = member("Bo")
    published(metric=Metric.OWN_SPEND, rewards=[reward(300, asset=Asset.STORE_CREDIT)])
    tell(bo, "O-1")
    complete_all()
    return run_during_transaction(
        count("O-1"), partial(close_member, member=bo, at=RELEASED + 7 * DAY)
    )


def test_an_account_is_not_closed_while_it_gets_an_award(committed: str) -> None:
    _, refused = close_while_counted()

    assert isinstance(refused, CloseBlocked)
    assert [row["code"] for row in refused.data["blockers"]] == ["money_left"]
    assert Member.objects.get(nickname="Bo").closed_at is None


def test_control_without_the_lock_a_closed_account_has_an_award(
    committed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grants, "_keep_open", lambda *_: None)

    assert close_while_counted() == [None, None]

    assert Award.objects.get().member.closed_at
    assert Award.objects.get().posted == 300

"""Awards are given while another transaction counts, gives the same close or closes the account."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction

from events.delivery import deliver_due
from events.models import Delivery, Event, Reference
from incentives import tasks
from incentives.followers import follow_risk_holds
from incentives.models import Award, AwardPosting, Metric
from incentives.services import awards as awards_module
from incentives.services.closing import close_periods
from ledger.chart import Asset
from ledger.proof import differences
from members import persons
from members.closing import CloseBlocked, close_member
from members.models import Member
from risk.models import Assessment, Hold, Outcome, Rule, RuleName, Stage
from risk.services.holds import create_holds
from tests import shop
from tests.cast import CLOCK, member
from tests.concurrency import run_concurrently, run_during_transaction, wait_for_others
from tests.incentives.contests.stage import CLOSES, contest, prize, sell
from tests.incentives.contests.stage import open_stage as open_contest
from tests.incentives.contests.stage import release as complete_contest
from tests.incentives.engine.story import RELEASED
from tests.incentives.offers import published, reward
from tests.races.uncounted import complete_all, count, tell
from tests.shop import DAY, referral_chain

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


def test_control_one_transaction_that_settles_twice_deadlocks(
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
    monkeypatch.setattr(persons, "hold_rows", lambda *_: {})

    assert close_while_counted() == [None, None]

    assert Award.objects.get().member.closed_at
    assert Award.objects.get().posted == 300

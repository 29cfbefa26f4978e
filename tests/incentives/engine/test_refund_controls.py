"""What refunds would do without the guards: members keep what was returned, closed places change.

Each control bypasses what guards one case; the test before it has the same story with it.
"""

from __future__ import annotations

from datetime import datetime

import pytest
from django.db import connection

from incentives.metrics import build, facts
from incentives.models import Metric, PeriodKind, Version
from incentives.services import catching_up, contributions, grants
from ledger.chart import Asset
from members.models import Member
from tests.incentives.engine.story import (
    CLOSED,
    NOVEMBER,
    RELEASED,
    buy,
    close,
    complete_by,
    everything,
    give_back,
    progress,
)
from tests.incentives.offers import published, reward
from tests.shop import DAY, PLACED, line, wallet_balance

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

MASK = 10_990
OF_TWO, OF_ONE = 659, 329
"""3 % of two masks, and of the one that is kept."""
TOLD_BEFORE = {"before_the_grant": PLACED + 4 * DAY, "same_second": RELEASED}
TOLD_AFTER = {"after_the_grant": RELEASED + DAY, "same_second": RELEASED}


def kept_of_two(lan: Member, bo: Member, *, refunded_at: datetime, told_first: bool) -> int:
    """Let Bo return one of two masks; return what Lan keeps of an award of 3 %."""
    published(
        metric=Metric.OWN_SALES,
        rewards=[reward(kind="percent", rate=300, asset=Asset.STORE_CREDIT)],
    )
    told = buy(bo, "O-1", line(quantity=2))
    if told_first:
        give_back(told, MASK, quantity=1, at=refunded_at)
    complete_by(RELEASED)
    if not told_first:
        give_back(told, MASK, quantity=1, at=refunded_at)
    return wallet_balance(lan, Asset.STORE_CREDIT)


@pytest.mark.parametrize("at", TOLD_BEFORE.values(), ids=list(TOLD_BEFORE))
def test_what_is_returned_before_the_grant_gives_nothing(
    lan: Member, bo: Member, at: datetime
) -> None:
    assert kept_of_two(lan, bo, refunded_at=at, told_first=True) == OF_ONE


@pytest.mark.parametrize("at", TOLD_BEFORE.values(), ids=list(TOLD_BEFORE))
def test_control_without_counting_refunds_what_was_returned_is_paid(
    lan: Member, bo: Member, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(facts, "_counts_refund", lambda *_: False)

    assert kept_of_two(lan, bo, refunded_at=at, told_first=True) == OF_TWO


@pytest.mark.parametrize("at", TOLD_AFTER.values(), ids=list(TOLD_AFTER))
def test_what_is_returned_after_the_grant_is_taken_back(
    lan: Member, bo: Member, at: datetime
) -> None:
    assert kept_of_two(lan, bo, refunded_at=at, told_first=False) == OF_ONE


@pytest.mark.parametrize("at", TOLD_AFTER.values(), ids=list(TOLD_AFTER))
def test_control_without_taking_back_a_member_keeps_what_was_returned(
    lan: Member, bo: Member, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grants, "take_back", lambda _move, **_at: False)

    assert kept_of_two(lan, bo, refunded_at=at, told_first=False) == OF_TWO


def closed_contest(lan: Member, bo: Member, *, takes_back: bool) -> None:
    """Close a month that Lan won with three masks before Mei with two; then Bo returns two."""
    published(
        metric=Metric.OWN_UNITS, period=PeriodKind.MONTH, reach=Version.Reach.RANK,
        rewards=[
            reward(3_000, first_rank=1, last_rank=1), reward(1_000, first_rank=2, last_rank=2),
        ],
        takes_back_after_close=takes_back,
    )  # fmt: skip
    told = buy(bo, "O-1", line(quantity=3))
    buy(lan, "O-2", line(quantity=2), day=1)
    complete_by(RELEASED + DAY)
    close()
    give_back(told, 2 * MASK, quantity=2, at=CLOSED + DAY)


def test_a_refund_after_the_close_leaves_places_and_prizes(
    mei: Member, lan: Member, bo: Member
) -> None:
    closed_contest(lan, bo, takes_back=False)

    assert progress(lan) == [(NOVEMBER, 3, 0)]
    assert [wallet_balance(who) for who in (lan, mei)] == [3_000, 1_000]


def test_control_without_the_close_the_ranking_contradicts_the_prizes(
    mei: Member, lan: Member, bo: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only the progress shows it: prizes are computed once, at the close, from what it fixed.

    The money of what is counted again after a close is in the control below.
    """
    open_closed_periods(monkeypatch)

    closed_contest(lan, bo, takes_back=False)

    assert progress(lan) == [(NOVEMBER, 1, 0)]
    assert progress(mei) == [(NOVEMBER, 2, 0)]
    assert [wallet_balance(who) for who in (lan, mei)] == [3_000, 1_000]


def test_control_without_the_close_what_is_final_is_taken_back(
    lan: Member, bo: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With it nothing moves, see ``test_after_the_close_a_refund_changes_nothing``."""
    published(
        metric=Metric.OWN_ORDERS, rewards=[reward(threshold=1)], period=PeriodKind.MONTH,
        reach=Version.Reach.STEPS,
    )  # fmt: skip
    told = buy(bo)
    complete_by(RELEASED)
    close()
    before = everything()
    open_closed_periods(monkeypatch)

    give_back(told, MASK, quantity=1, at=CLOSED + DAY)

    assert everything() != before
    assert wallet_balance(lan) == 0


def test_a_refund_after_the_close_lowers_a_prize_if_the_terms_say_so(
    mei: Member, lan: Member, bo: Member
) -> None:
    closed_contest(lan, bo, takes_back=True)

    assert [wallet_balance(who) for who in (lan, mei)] == [1_000, 1_000]


def test_control_without_lowering_prizes_the_first_one_stays_for_the_second_place(
    mei: Member, lan: Member, bo: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catching_up, "lowered_prizes", lambda _places: [])

    closed_contest(lan, bo, takes_back=True)

    assert progress(lan) == [(NOVEMBER, 1, 0)]
    assert [wallet_balance(who) for who in (lan, mei)] == [3_000, 1_000]


def open_closed_periods(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let refunds count whenever they were done: by the facts, the service and the database."""
    monkeypatch.setattr(build, "refunds_until", lambda *_: None)
    monkeypatch.setattr(contributions, "_closed_periods", lambda *_: set())
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE incentives_contribution DISABLE TRIGGER fixed_at_close")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")

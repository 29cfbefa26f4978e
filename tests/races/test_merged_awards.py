"""An award is given or taken back while its member is merged: the survivor has it, and pays it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from events.delivery import deliver_due
from incentives.models import Award, Metric
from incentives.services.catching_up import catch_up
from integration.merges import merge_members, propose_merge
from ledger.chart import Kind
from ledger.proof import differences
from members import persons
from members.models import Member
from orders.models import Order
from orders.services import complete
from risk.models import Rule
from tests import shop
from tests.cast import CLOCK, give, member, staff
from tests.concurrency import run_during_transaction
from tests.incentives.engine.story import MERGED, RELEASED
from tests.incentives.offers import published, reward
from tests.shop import DAY, PLACED, distributor, referral_chain, wallet_balance


@pytest.fixture
def lan(committed: str) -> Member:
    """Lan gets ¥10 for what Bo has bought; no worker has counted it yet."""
    Rule.objects.update(enabled=False)
    shop.sku()
    shop.plan()
    lan, bo = referral_chain("Lan", "Bo")
    distributor(member("Lin"))
    published(metric=Metric.OWN_ORDERS, rewards=[reward(1_000)])
    shop.ingest(shop.order(bo, received=True), at=PLACED)
    while complete(at=RELEASED):
        pass
    return lan


def count() -> None:
    catch_up(orders=[Order.objects.get().pk], at=RELEASED + DAY)


def merge_while_counted(lan: Member) -> Callable[[], list[Any]]:
    """Return what merges Lan into Lin, and counts the order before the merge commits."""
    proposal = propose_merge(
        merged=lan, survivor=member("Lin"), by=give(staff("Qian"), "propose_merge"),
        reason="one person", at=MERGED,
    )  # fmt: skip
    merge = partial(
        merge_members, proposal=proposal, by=give(staff("Feng"), "decide_merge"), at=MERGED
    )
    return partial(run_during_transaction, merge, count)


def refund() -> None:
    """Tell that the order was refunded, after its award was given."""
    count()
    told = shop.order(member("Bo"), received=True)
    back = shop.refund(10_990, quantity=1, at=RELEASED + DAY)
    shop.ingest(shop.with_refund(told, back), at=RELEASED + DAY)


def balances(lan: Member) -> list[tuple[int, int]]:
    """Return what Lan and Lin have, and what they owe."""
    return [
        (wallet_balance(who), wallet_balance(who, kind=Kind.OWED)) for who in (lan, member("Lin"))
    ]


def test_an_award_goes_to_the_survivor_of_a_merge_beside_it(lan: Member) -> None:
    assert merge_while_counted(lan)() == [None, None]

    assert Award.objects.get().posted == 1_000
    assert balances(lan) == [(0, 0), (1_000, 0)]
    while deliver_due(at=CLOCK):
        pass
    assert (Award.objects.get().member, Award.objects.get().moves) == (member("Lin"), 1)
    assert balances(lan) == [(0, 0), (1_000, 0)]
    assert differences() == []


def test_control_without_the_lock_a_merged_account_has_the_award(
    lan: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(persons, "hold_rows", lambda *_: {})

    merge_while_counted(lan)()

    assert balances(lan) == [(1_000, 0), (0, 0)]


def test_an_award_is_taken_back_from_the_survivor_of_a_merge_beside_it(lan: Member) -> None:
    refund()

    assert merge_while_counted(lan)() == [None, None]

    assert Award.objects.get().posted == 0
    assert balances(lan) == [(0, 0), (0, 0)]
    assert differences() == []


def test_control_without_the_lock_a_merged_account_owes_what_the_survivor_has(
    lan: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    refund()
    monkeypatch.setattr(persons, "hold_rows", lambda *_: {})

    merge_while_counted(lan)()

    assert balances(lan) == [(0, 1_000), (1_000, 0)]

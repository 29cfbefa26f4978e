"""Two workers give a boost at once, or end it while an order is placed: one result, explained."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from commissions.explanations import explain
from commissions.models import Boost
from commissions.services import add_boost, end_boost
from commissions.services.boosts import BoostSourceUsed
from distribution.models import Distributor
from events.models import Reference
from members.models import Member
from tests import shop
from tests.cast import NOON
from tests.concurrency import run_during_transaction
from tests.shop import DAY, PLACED, WEEK, commissions, get_order, ingest, order

AWARD = Reference("incentives.award", "award-1")


@pytest.fixture
def buyer(committed: str) -> Member:
    return shop.open_shop()


def give(rate: int) -> Boost:
    lan = Distributor.objects.get(member__nickname="Lan")
    return add_boost(distributor=lan, rate=rate, starts_at=NOON, ends_at=NOON + WEEK, source=AWARD)


def test_two_workers_give_one_boost(buyer: Member) -> None:
    results = run_during_transaction(partial(give, 20_000), partial(give, 20_000))

    assert results[0] == results[1] == Boost.objects.get()


def test_of_two_boosts_of_a_source_the_second_is_refused(buyer: Member) -> None:
    first, second = run_during_transaction(partial(give, 20_000), partial(give, 30_000))

    assert isinstance(second, BoostSourceUsed)
    assert Boost.objects.get() == first
    assert Boost.objects.get().rate == 20_000


@pytest.mark.parametrize("ending_first", [True, False])
def test_an_order_keeps_what_it_has_read_while_the_boost_ends(
    buyer: Member, ending_first: bool
) -> None:
    give(20_000)
    actions: list[Any] = [
        partial(end_boost, source=AWARD, at=PLACED - DAY / 24), partial(ingest, order(buyer))
    ]  # fmt: skip

    results = run_during_transaction(*(actions if ending_first else actions[::-1]))

    assert not [result for result in results if isinstance(result, Exception)]
    [line] = explain(get_order())
    assert line.matches_stored
    stored = get_order().terms.tier1_boost or 10_000
    assert commissions()[0][3] == 1_099 * stored // 10_000

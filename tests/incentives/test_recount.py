"""Whatever the order in which facts arrive, awards and wallets are those of the recount."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger import proof
from orders.snapshots import LineSnapshot, OrderSnapshot, RefundSnapshot
from tests.incentives.oracle import Terms, recount
from tests.incentives.published import publish
from tests.incentives.town import (
    ALL_TERMS,
    BUYERS,
    SKUS,
    TOWN,
    complete_all,
    given_by,
    settle_town,
    sums_of,
    tell,
    wallets,
    wallets_of,
)
from tests.shop import PLACED

pytestmark = [pytest.mark.slow, pytest.mark.one_transaction, pytest.mark.django_db]

END = PLACED + timedelta(days=60)
OPEN_PERIODS = 90
"""Days until the close, so that every fact of the examples comes in time."""

days = st.floats(0, 20, allow_nan=False).map(lambda number: PLACED + timedelta(days=number))
choices = st.lists(
    st.sampled_from(ALL_TERMS), min_size=1, max_size=3, unique_by=lambda terms: terms.metric
)


@st.composite
def orders(draw: Any, number: int) -> OrderSnapshot:
    placed = draw(days)
    later = st.floats(0, 20).map(lambda days: placed + timedelta(days=days))
    lines = [
        LineSnapshot(
            number=index, sku=draw(st.sampled_from(sorted(SKUS))),
            quantity=draw(st.integers(1, 4)), unit_price=draw(st.integers(100, 20_000)),
        )
        for index in range(1, draw(st.integers(1, 2)) + 1)
    ]  # fmt: skip
    return OrderSnapshot(
        number=f"O-{number}", buyer=draw(st.sampled_from(BUYERS)), placed_at=placed,
        lines=tuple(lines), paid_at=draw(later | st.none()), received_at=draw(later | st.none()),
        refunds=tuple(draw(refunds(number, lines, placed))), revision=1,
    )  # fmt: skip


@st.composite
def refunds(
    draw: Any, order: int, lines: list[LineSnapshot], placed: datetime
) -> list[RefundSnapshot]:
    """Most orders keep some goods: at most one refund a line, often of a part."""
    found = []
    for line in lines:
        if not draw(st.booleans()):
            continue
        requested_at = placed + timedelta(days=draw(st.floats(0, 20)))
        end = draw(st.sampled_from(["done_at", "done_at", "rejected_at", "withdrawn_at"]))
        found.append(
            RefundSnapshot(
                number=f"R-{order}-{line.number}", line=line.number,
                quantity=draw(st.integers(0, line.quantity)),
                amount=draw(st.integers(1, line.paid)), requested_at=requested_at,
                **{end: requested_at + timedelta(days=draw(st.floats(0, 15)))},
            )
        )  # fmt: skip
    return found


histories = st.integers(1, 5).flatmap(
    lambda count: st.tuples(*(orders(number) for number in range(count)))
)


def tellings_of(order: OrderSnapshot) -> list[OrderSnapshot]:
    """Return what a mall may tell of an order: each fact by itself, and everything."""
    bare = replace(order, paid_at=None, received_at=None, refunds=())
    known = [name for name in ("paid_at", "received_at") if getattr(order, name)]
    return [
        bare,
        *(replace(bare, **{name: getattr(order, name)}) for name in known),
        *(replace(bare, refunds=(refund,)) for refund in order.refunds),
        order,
    ]


@contextmanager
def rolled_back() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@settings(
    deadline=None, max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(choices, histories, st.data())
def test_facts_in_any_order_doubled_and_late_give_what_the_recount_says(
    chosen: list[Terms], history: tuple[OrderSnapshot, ...], data: st.DataObject
) -> None:
    incentives = [[replace(terms, close_days=OPEN_PERIODS)] for terms in chosen]
    told = [telling for order in history for telling in tellings_of(order)]
    again = data.draw(st.lists(st.sampled_from(told), max_size=5))
    shuffled = data.draw(st.permutations(told + again))

    with rolled_back():
        settle_town()
        published = [publish(terms) for [terms] in incentives]
        for telling in shuffled:
            tell(telling, at=END)
        complete_all(at=END)
        tell(*history, at=END)

        expected = sums_of(recount(incentives, history, TOWN, at=END))
        assert given_by(published) == expected
        assert wallets() == wallets_of(expected)
        assert proof.differences() == []

"""Whatever the order in which facts arrive, awards and wallets are those of the recount.

So are coupons and gifts. What comes after the close of a period changes nothing in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from incentives.services.proofs import ProofNeedsSale, approve_proof, hand_in
from ledger import proof
from orders.snapshots import LineSnapshot, OrderSnapshot, RefundSnapshot
from tests.cast import member
from tests.incentives.contests.gifts_stage import decider, upload
from tests.incentives.oracle import ONCE, end_of, recount
from tests.incentives.oracle_terms import Handed, Terms
from tests.incentives.published import publish
from tests.incentives.town import (
    ALL_TERMS,
    BUYERS,
    CHANNELS,
    GIFT_FOR_PROOFS,
    SELLERS,
    SKUS,
    TOWN,
    complete_all,
    given_by,
    settle_town,
    sums_of,
    tell,
    things,
    things_of,
    wallets,
    wallets_of,
)
from tests.shop import PLACED

pytestmark = [pytest.mark.slow, pytest.mark.one_transaction, pytest.mark.django_db]

DAY = timedelta(days=1)
END = PLACED + 60 * DAY
"""All that the examples tell has happened; no period of theirs is closed."""
OPEN_PERIODS = 90
"""Days until the close, so that every fact of the examples comes in time."""
LATEST = PLACED + 200 * DAY
"""All periods are closed, so that contests and pools have their results."""
HALFWAY = PLACED + 45 * DAY
"""In the middle of December: with ``FEW_DAYS`` until the close, November is closed."""
FEW_DAYS = 10
SUMMED = [
    terms
    for terms in ALL_TERMS
    if terms.period not in ("each", "campaign") and terms.metric not in ONCE
]
"""The terms whose periods close one after the other."""

days = st.floats(0, 20, allow_nan=False).map(lambda number: PLACED + timedelta(days=number))
choices = st.lists(st.sampled_from(ALL_TERMS), min_size=1, max_size=3, unique=True)


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
        share=draw(st.sampled_from(["", *CHANNELS])),
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
        complete_all(at=LATEST)

        expected = sums_of(recount(incentives, history, TOWN, at=LATEST))
        assert given_by(published) == expected
        assert wallets() == wallets_of(expected)
        assert things() == things_of(expected)
        assert proof.differences() == []


@st.composite
def known_halfway(draw: Any, order: OrderSnapshot) -> OrderSnapshot:
    """Return what the mall has told of an order by then: some of what has happened."""
    return replace(
        order,
        paid_at=order.paid_at if draw(st.booleans()) else None,
        received_at=order.received_at if draw(st.booleans()) else None,
        refunds=tuple(
            row
            for row in order.refunds
            if draw(st.booleans())
            and (end := row.done_at or row.rejected_at or row.withdrawn_at)
            and end <= HALFWAY
        ),
    )


@settings(
    deadline=None, max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.sampled_from(SUMMED), histories, st.data())
def test_facts_that_come_after_a_close_change_nothing_in_it(
    chosen: Terms, history: tuple[OrderSnapshot, ...], data: st.DataObject
) -> None:
    terms = replace(chosen, close_days=FEW_DAYS)
    known = [data.draw(known_halfway(order)) for order in history]

    with rolled_back():
        settle_town()
        published = [publish(terms)]
        tell(*known, at=HALFWAY)
        complete_all(at=HALFWAY)
        tell(*history, at=END)
        complete_all(at=END)
        tell(*history, at=END)
        complete_all(at=LATEST)

        expected = sums_of(
            {
                key: amount
                for rows, is_closed in (
                    (recount([[terms]], known, TOWN, at=HALFWAY), True),
                    (recount([[terms]], history, TOWN, at=LATEST), False),
                )
                for key, amount in rows.items()
                if was_closed_halfway(terms, key.period) == is_closed
            }
        )
        assert given_by(published) == expected
        assert wallets() == wallets_of(expected)
        assert things() == things_of(expected)
        assert proof.differences() == []


def was_closed_halfway(terms: Terms, first: date) -> bool:
    end = end_of(terms, first)
    return end is not None and end + FEW_DAYS * DAY <= HALFWAY


handed = st.lists(st.tuples(st.sampled_from(SELLERS), st.booleans()), min_size=1, max_size=3)


@settings(
    deadline=None, max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(histories, handed)
def test_proofs_give_to_those_who_have_sold(
    history: tuple[OrderSnapshot, ...], pictures: list[tuple[str, bool]]
) -> None:
    proofs = [Handed(number, row[0], END, row[1]) for number, row in enumerate(pictures)]

    with rolled_back():
        settle_town()
        published = [publish(GIFT_FOR_PROOFS)]
        tell(*history, at=END)
        complete_all(at=END)
        tell(*history, at=END)
        for row, color in zip(proofs, ("red", "blue", "white"), strict=False):
            who = member(row.who.capitalize())
            picture = upload(who, color)
            try:
                told = hand_in(incentive=published[0], member=who, upload=picture, at=row.at)
            except ProofNeedsSale:
                continue  # the recount gives nothing for it either
            if row.is_approved:
                approve_proof(proof=told, by=decider(), at=END)

        expected = sums_of(recount([[GIFT_FOR_PROOFS]], history, TOWN, at=END, proofs=proofs))
        assert given_by(published) == expected
        assert things() == things_of(expected)

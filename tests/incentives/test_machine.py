"""Orders, refunds, freezes, versions and the edges of months: always what the recount says."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from closing.controls import run_control
from closing.models import Control
from distribution.models import Distributor
from distribution.services import change_status
from incentives.services.awards import review_held
from ledger import proof
from orders.snapshots import LineSnapshot, OrderSnapshot, RefundSnapshot
from tests.cast import staff
from tests.incentives.oracle import SHANGHAI, recount, release_of
from tests.incentives.oracle_terms import Given, Prize, Terms
from tests.incentives.published import publish
from tests.incentives.town import (
    CAMPAIGN_UNITS,
    CHANNELS,
    EVERY_TWO_ORDERS,
    FIRST_SALE,
    FRIENDS,
    FRIENDS_OF_A_MONTH,
    MONTHLY_SALES,
    SHARE_OF_EACH,
    SKUS,
    SPENDING,
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

pytestmark = pytest.mark.slow

DAY = timedelta(days=1)
RETURNABLE = replace(EVERY_TWO_ORDERS, takes_back=True, channels=("poster",))
STARTING = (
    MONTHLY_SALES, RETURNABLE, CAMPAIGN_UNITS, SHARE_OF_EACH, FRIENDS, FIRST_SALE, SPENDING,
    FRIENDS_OF_A_MONTH,
)  # fmt: skip
VERSIONED = (0, 3)
"""The incentives of which later versions are published: of months, and of each order."""
numbers = st.integers(0, 30)


class Incentives(RuleBasedStateMachine):
    """Everything happens now and is reported at once; time only goes on."""

    def __init__(self) -> None:
        super().__init__()
        self.example = transaction.atomic()
        self.example.__enter__()
        settle_town()
        self.now: datetime = PLACED
        self.terms: list[list[Terms]] = [[terms] for terms in STARTING]
        self.published = [publish(terms) for terms in STARTING]
        self.orders: list[OrderSnapshot] = []
        self.frozen = False
        self.given: dict[Given, int] = {}

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.example.__exit__(None, None, None)

    def tell(self, place: int, **facts: object) -> None:
        self.orders[place] = replace(self.orders[place], **facts)  # type: ignore[arg-type]
        tell(self.orders[place], at=self.now)

    def go_on(self, until: datetime) -> None:
        """Let time pass; at each release the worker completes the order, as it does each minute."""
        releases = {release_of(order) for order in self.orders}
        between = sorted(row for row in releases if row and self.now < row < until)
        for moment in [*between, until]:
            self.now = moment
            complete_all(at=moment)

    def find(self, place: int, wanted: list[int]) -> int | None:
        return wanted[place % len(wanted)] if wanted else None

    def places(self, *, received: bool) -> list[int]:
        return [
            place
            for place, order in enumerate(self.orders)
            if (order.received_at is not None) == received
        ]

    @rule(
        buyer=st.sampled_from(["bo", "bo", "chen", "dan", "lan"]),
        sku=st.sampled_from(sorted(SKUS)), quantity=st.integers(1, 3), seconds=st.integers(0, 90),
        share=st.sampled_from(["", "poster1111", *CHANNELS]),
    )  # fmt: skip
    def buys(self, buyer: str, sku: str, quantity: int, seconds: int, share: str) -> None:
        if self.frozen and TOWN.upline[buyer] == "lan":
            return
        self.go_on(self.now + timedelta(seconds=seconds))
        self.order(buyer, sku, quantity, share)

    def order(self, buyer: str, sku: str, quantity: int, share: str) -> None:
        line = LineSnapshot(number=1, sku=sku, quantity=quantity, unit_price=SKUS[sku])
        self.orders.append(
            OrderSnapshot(f"O-{len(self.orders)}", buyer, self.now, (line,), paid_at=self.now,
                          share=share)
        )  # fmt: skip
        tell(self.orders[-1], at=self.now)

    @precondition(lambda self: self.now < PLACED + 90 * DAY)
    @rule(
        buyer=st.sampled_from(["bo", "chen", "dan"]), sku=st.sampled_from(sorted(SKUS)),
        moments=st.sampled_from([(0,), (1,), (0, 1)]),
    )  # fmt: skip
    def buys_at_the_edge_of_a_month(self, buyer: str, sku: str, moments: tuple[int, ...]) -> None:
        """Order in the last second of the month in Shanghai, in the first of the next, or both."""
        last = next_month(self.now) - timedelta(seconds=1)
        for moment in moments:
            self.go_on(last + timedelta(seconds=moment))
            if not (self.frozen and TOWN.upline[buyer] == "lan"):
                self.order(buyer, sku, 3, "poster1111")

    @rule(place=numbers)
    def receives(self, place: int) -> None:
        found = self.find(place, self.places(received=False))
        if found is not None:
            self.tell(found, received_at=self.now)

    @rule(days=st.integers(1, 9), hours=st.integers(0, 23))
    def waits(self, days: int, hours: int) -> None:
        self.go_on(self.now + timedelta(days=days, hours=hours))

    @precondition(lambda self: self.places(received=True))
    @rule(place=numbers)
    def waits_until_an_order_is_released(self, place: int) -> None:
        """Arrive at the very second, so that a refund of the next step is of the same one."""
        found = self.find(place, self.places(received=True))
        assert found is not None
        release = release_of(self.orders[found])
        assert release
        self.go_on(max(self.now, release))

    @precondition(lambda self: self.orders)
    @rule(place=numbers, share=st.sampled_from([1, 2, 4]), whole=st.booleans())
    def refunds(self, place: int, share: int, whole: bool) -> None:
        found = place % len(self.orders)
        order = self.orders[found]
        number = f"R-{found}-{len(order.refunds)}"
        if any(row.done_at is None and row.rejected_at is None for row in order.refunds):
            return
        line = order.lines[0]
        left = line.paid - sum(row.amount for row in order.refunds if row.done_at)
        units = line.quantity - sum(row.quantity for row in order.refunds if row.done_at)
        if left < share or not units:
            return
        refund = RefundSnapshot(
            number, 1, units if whole else 0, left if whole else left // share, self.now,
            approved_at=self.now, done_at=self.now,
        )  # fmt: skip
        self.tell(found, refunds=(*order.refunds, refund))

    @precondition(lambda self: self.orders)
    @rule(place=numbers)
    def asks_for_money(self, place: int) -> None:
        """Open an after-sale, or let the open one be rejected."""
        found = place % len(self.orders)
        order = self.orders[found]
        asked = [row for row in order.refunds if not (row.done_at or row.rejected_at)]
        if asked:
            rest = tuple(row for row in order.refunds if row not in asked)
            self.tell(found, refunds=(*rest, replace(asked[0], rejected_at=self.now)))
            complete_all(at=self.now)
            return
        number = f"R-{found}-{len(order.refunds)}"
        refund = RefundSnapshot(number, 1, 0, 1, self.now)
        self.tell(found, refunds=(*order.refunds, refund))

    @rule()
    def freezes_or_unfreezes_lan(self) -> None:
        lan = Distributor.objects.get(member__nickname="Lan")
        to = Distributor.Status.ACTIVE if self.frozen else Distributor.Status.FROZEN
        change_status(distributor=lan, to=to, by=staff("Qian"), at=self.now, reason="检查")
        self.frozen = not self.frozen
        while review_held(at=self.now, limit=100):
            pass

    @precondition(lambda self: len(self.terms[0]) + len(self.terms[3]) < 6)
    @rule(
        which=st.sampled_from(VERSIONED), more=st.integers(50, 200),
        days=st.none() | st.integers(1, 20),
    )  # fmt: skip
    def publishes_a_version(self, which: int, more: int, days: int | None) -> None:
        """It may end, so that the next one comes after a gap."""
        last = self.terms[which][-1]
        prizes = tuple(
            prize._replace(most=(prize.most or 0) + more)
            if prize.is_percent
            else Prize(prize.of + more, prize.asset, prize.threshold)
            for prize in last.prizes
        )
        self.go_on(self.now + timedelta(seconds=1))
        ends_at = self.now + timedelta(days=days) if days else None
        following = replace(last, starts_at=self.now, ends_at=ends_at, prizes=prizes)
        self.terms[which].append(following)
        publish(following, of=self.published[which])

    @precondition(lambda self: self.orders)
    @rule(place=numbers)
    def tells_an_old_order_again(self, place: int) -> None:
        before = given_by(self.published)
        tell(self.orders[place % len(self.orders)], at=self.now)
        assert given_by(self.published) == before

    @invariant()
    def gives_what_the_recount_says(self) -> None:
        reached = recount(self.terms, self.orders, TOWN, at=self.now)
        if self.frozen:  # nothing more is given, and what is lost is taken back
            reached = {
                key: min(amount, self.given.get(key, 0)) if key.who == "lan" else amount
                for key, amount in reached.items()
            }
        self.given = reached
        expected = sums_of(reached)
        assert given_by(self.published) == expected
        assert wallets() == wallets_of(expected)

    @invariant()
    def keeps_sound_books(self) -> None:
        assert proof.differences() == []
        assert run_control(Control.AWARDS, self.now.date()) == []


def next_month(at: datetime) -> datetime:
    """Return the moment at which the next month of Shanghai begins."""
    later = at.astimezone(SHANGHAI).replace(day=1) + 32 * DAY
    return datetime(later.year, later.month, 1, tzinfo=SHANGHAI).astimezone(UTC)


@pytest.mark.one_transaction
@pytest.mark.django_db
def test_any_history_gives_what_the_recount_says() -> None:
    run_state_machine_as_test(
        Incentives,
        settings=settings(
            deadline=None, max_examples=9, stateful_step_count=25,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip

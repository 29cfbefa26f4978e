"""People decide about conflicts: until then, nothing of the order is credited."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import translation

from commissions.explanations import explain
from commissions.models import Commission, CommissionHold, ConflictAcceptance, DueCredit
from commissions.services import (
    accept_conflicts,
    agree_to_acceptance,
    dismiss_conflicts,
    refuse_acceptance,
)
from commissions.services.conflicts import (
    ConflictNotAcceptable,
    ConflictNotOpen,
    OwnConflictForbidden,
    TimesFinal,
)
from common.errors import PermissionMissing, ReasonRequired, SelfApprovalForbidden
from common.status import WrongStatus
from ledger.proof import differences
from members.models import Member, User
from orders.intake import ingest_orders
from orders.models import OrderAmendment, OrderConflict, Refund
from orders.services import complete
from orders.snapshots import OrderSnapshot
from tests.cast import CLOCK, give, link, staff
from tests.shop import (
    DAY,
    PLACED,
    WEEK,
    commissions,
    get_order,
    ingest,
    line,
    open_shop,
    order,
    refund,
    settle_all,
    wallet_balance,
    with_refund,
)

pytestmark = pytest.mark.django_db

LATER = PLACED + 60 * DAY
CHEAPER = line(price=9_990)
SWAPPED = datetime(2026, 5, 11, tzinfo=UTC)


@pytest.fixture
def bo(db: None) -> Member:
    return open_shop()


def decider(name: str) -> User:
    return give(staff(name), "decide_orderconflict")


@pytest.fixture
def qian(bo: Member) -> User:
    return decider("Qian")


@pytest.fixture
def feng(bo: Member) -> User:
    return decider("Feng")


def contradict(*snapshots: OrderSnapshot) -> None:
    results = ingest_orders(snapshots, at=PLACED, clock=CLOCK)
    assert all(result.error for result in results)


def conflicts(*fields: str) -> list[OrderConflict]:
    rows = OrderConflict.objects.order_by("pk")
    return list(rows.filter(field__in=fields) if fields else rows)


def accept(by: User, *fields: str, at: datetime = LATER) -> list[ConflictAcceptance]:
    return accept_conflicts(conflicts=conflicts(*fields), reason="asked the mall", by=by, at=at)


def dismiss(by: User, *fields: str, at: datetime = LATER) -> None:
    dismiss_conflicts(conflicts=conflicts(*fields), reason="a typing error", by=by, at=at)


def state() -> Any:
    """Return everything that a refused decision must leave as it is."""
    models = (OrderConflict, CommissionHold, DueCredit, Refund, OrderAmendment, ConflictAcceptance)
    rows = [list(model.objects.order_by("pk").values()) for model in models]
    return rows, commissions(), get_order().release_at


def balance(name: str) -> int:
    return wallet_balance(Member.objects.get(nickname=name))


def test_the_hold_is_explained(bo: Member) -> None:
    ingest(order(bo, received=True))
    contradict(order(bo, CHEAPER))

    with translation.override("en"):
        (explained,) = explain(get_order())
        sentences = explained.tiers[0].sentences

    assert any("a report contradicts what is known" in sentence for sentence in sentences)


def test_a_dismissed_conflict_lets_the_commissions_be_credited(bo: Member, qian: User) -> None:
    ingest(order(bo, received=True))
    contradict(order(bo, CHEAPER))
    assert settle_all(at=LATER) == 0

    dismiss(qian)

    assert settle_all(at=LATER) == 2
    assert (balance("Lan"), balance("Mei")) == (1_099, 549)
    assert complete(at=LATER) == 1
    row = OrderConflict.objects.get()
    assert (row.status, row.reason, row.decided_by, row.ended_at) == (
        "dismissed", "a typing error", qian, LATER,
    )  # fmt: skip


def test_a_dismissed_value_opens_no_conflict_again(bo: Member, qian: User) -> None:
    ingest(order(bo, received=True))
    contradict(order(bo, CHEAPER))
    dismiss(qian)

    contradict(order(bo, CHEAPER))
    ingest_orders([order(bo, CHEAPER)], at=PLACED + DAY, clock=CLOCK, source="import")

    row = OrderConflict.objects.get()
    assert (row.status, row.last_seen) == ("dismissed", PLACED + DAY)
    assert not CommissionHold.objects.exists()

    contradict(order(bo, line(price=8_990)))
    assert [row.status for row in conflicts()] == ["dismissed", "open"]
    assert CommissionHold.objects.count() == 2


def test_one_of_two_conflicts_keeps_the_hold(bo: Member, qian: User) -> None:
    ingest(order(bo, received=True))
    contradict(order(bo, CHEAPER, shipped_at=SWAPPED))

    dismiss(qian, "shipped_at")

    assert settle_all(at=LATER) == 0
    dismiss(qian, "lines[1].unit_price")
    assert settle_all(at=LATER) == 2


def test_many_are_dismissed_at_once(bo: Member, qian: User) -> None:
    numbers = [f"O-{number}" for number in range(1, 6)]
    ingest(*(order(bo, number=number, received=True) for number in numbers))
    contradict(*(order(bo, CHEAPER, number=number) for number in numbers))

    dismiss(qian)

    assert settle_all(at=LATER) == 10


@pytest.mark.parametrize(
    ("told", "field", "left"),
    [
        ({"lines": (CHEAPER,)}, "lines[1].unit_price", (999, 499)),
        ({"lines": (line(discount=1_000),)}, "lines[1].discount", (999, 499)),
        ({"lines": (line(quantity=1),)}, "lines[1].quantity", (1_099, 549)),
        ({"refunds": (refund(4_990),)}, "refunds[R-1].amount", (600, 300)),
    ],
)
def test_less_money_is_booked_as_a_correction(
    bo: Member, qian: User, told: dict[str, Any], field: str, left: tuple[int, int]
) -> None:
    known = order(bo, line(quantity=2 if "quantity" in field else 1), received=True)
    if "refunds" in field:
        known = with_refund(known, refund(1_000))
    ingest(known)
    contradict(replace(known, **told))

    assert accept(qian, field) == []

    assert [row[4] for row in commissions()] == list(left)
    correction = Refund.objects.get(kind="correction")
    assert (correction.status, correction.reason) == ("done", "asked the mall")
    assert settle_all(at=LATER) == 2
    assert (balance("Lan"), balance("Mei")) == left
    assert OrderConflict.objects.get().status == "accepted"


def test_the_accepted_value_opens_no_conflict_again(bo: Member, qian: User) -> None:
    ingest(order(bo, received=True))
    contradict(order(bo, CHEAPER))
    accept(qian)

    contradict(order(bo, CHEAPER))

    assert [row.status for row in conflicts()] == ["accepted"]
    assert [row[4] for row in commissions()] == [999, 499]


@pytest.mark.parametrize("together", [True, False])
def test_corrections_of_one_line_add_up(bo: Member, qian: User, together: bool) -> None:
    """Two at 109.90 are known; one at 99.90 was given."""
    ingest(order(bo, line(quantity=2), received=True))
    contradict(order(bo, line(price=9_990)))

    if together:
        accept(qian)
    else:
        accept(qian, "lines[1].unit_price")
        accept(qian, "lines[1].quantity")

    only = get_order().lines.get()
    assert (only.remaining_quantity, only.remaining_paid) == (1, 9_990)
    assert [row[4] for row in commissions()] == [999, 499]


def test_less_shipping_touches_no_commission(bo: Member, qian: User) -> None:
    ingest(order(bo, line(shipping=800), received=True))
    contradict(order(bo, line(shipping=300)))

    accept(qian)

    assert Refund.objects.get().freight == 500
    assert [row[4] for row in commissions()] == [1_099, 549]


def test_an_accepted_receipt_moves_the_protection(bo: Member, qian: User) -> None:
    ingest(order(bo, received=True))
    received = PLACED + 5 * DAY
    contradict(order(bo, received_at=received))

    accept(qian)

    assert (get_order().received_at, get_order().release_at) == (received, received + WEEK)
    assert set(Commission.objects.values_list("release_at", flat=True)) == {received + WEEK}
    assert set(DueCredit.objects.values_list("release_at", flat=True)) == {received + WEEK}
    assert settle_all(at=PLACED + 3 * DAY + WEEK) == 0
    assert settle_all(at=received + WEEK) == 2
    amendment = OrderAmendment.objects.get()
    assert (amendment.field, amendment.before, amendment.after) == (
        "received_at", PLACED + 3 * DAY, received,
    )  # fmt: skip


def test_two_times_of_one_order_are_accepted_at_once(bo: Member, qian: User) -> None:
    ingest(order(bo, received=True))
    contradict(order(bo, paid_at=PLACED + 6 * DAY, received_at=PLACED + 5 * DAY))

    accept(qian)

    assert get_order().release_at == PLACED + 6 * DAY + WEEK
    assert OrderAmendment.objects.count() == 2


@pytest.mark.parametrize(
    "told",
    [
        {"buyer": "chen"},
        {"placed_at": PLACED + DAY / 24},
        {"lines": (line("tea"),)},
        {"lines": (line(), line(number=2))},
        {"lines": (line(price=11_990),)},
        {"lines": (line(quantity=2),)},
        {"lines": (line(unit_cost=1),)},
        {"received_at": SWAPPED},
        {"shipped_at": datetime(2062, 1, 1, tzinfo=UTC)},
        {"refunds": (refund(500),)},
        {"refunds": (refund(99_999, number="R-2"),)},
        {"refunds": (refund(0, number="R-2", freight=999_900),)},
        {"refunds": (refund(1_000, at=PLACED + 5 * DAY),)},
    ],
)
def test_what_can_only_be_dismissed(bo: Member, qian: User, told: dict[str, Any]) -> None:
    known = with_refund(order(bo, received=True), refund(1_000))
    ingest(known)
    contradict(replace(known, **told))
    before = state()

    with pytest.raises(ConflictNotAcceptable):
        accept(qian)

    assert state() == before
    dismiss(qian)
    assert settle_all(at=LATER) == 2
    assert (balance("Lan"), balance("Mei")) == (999, 499)


def test_the_quantity_of_an_exchange_is_only_dismissed(bo: Member, qian: User) -> None:
    known = order(bo, line(quantity=2), received=True)
    ingest(with_refund(known, refund(0, quantity=1, kind="exchange")))
    contradict(with_refund(known, refund(0, quantity=2, kind="exchange")))

    with pytest.raises(ConflictNotAcceptable):
        accept(qian)

    assert [row[4] for row in commissions()] == [2_198, 1_099]


def test_an_unknown_order_is_dismissed_but_not_accepted(bo: Member, qian: User) -> None:
    contradict(order(bo, received_at=SWAPPED))

    with pytest.raises(ConflictNotAcceptable):
        accept(qian)
    dismiss(qian)

    assert OrderConflict.objects.get().status == "dismissed"


def test_times_are_final_once_something_is_credited(bo: Member, qian: User) -> None:
    ingest(order(bo, received=True))
    settle_all(at=LATER)
    contradict(order(bo, received_at=PLACED + 5 * DAY))
    before = state()

    with pytest.raises(TimesFinal):
        accept(qian)
    with pytest.raises(DatabaseError) as refusal, transaction.atomic():
        OrderAmendment.objects.create(
            order=get_order(), conflict=OrderConflict.objects.get(), field="received_at",
            before=PLACED, after=PLACED, at=PLACED,
        )  # fmt: skip

    assert refusal.value.__cause__.diag.constraint_name == "order_times_final_once_credited"
    assert state() == before


def test_credited_money_is_taken_back_by_two_people(bo: Member, qian: User, feng: User) -> None:
    ingest(order(bo, received=True))
    settle_all(at=LATER)
    contradict(order(bo, CHEAPER))

    (proposal,) = accept(qian)
    assert (OrderConflict.objects.get().status, balance("Lan")) == ("open", 1_099)
    assert accept(qian) == [proposal]
    before = state()
    with pytest.raises(SelfApprovalForbidden):
        agree_to_acceptance(acceptance=proposal, by=qian, at=LATER)
    assert (state(), balance("Lan")) == (before, 1_099)

    agree_to_acceptance(acceptance=proposal, by=feng, at=LATER)

    assert (balance("Lan"), balance("Mei")) == (999, 499)
    row = OrderConflict.objects.get()
    assert (row.status, row.decided_by) == ("accepted", feng)
    assert differences() == []
    with pytest.raises(ConflictNotOpen):
        agree_to_acceptance(acceptance=proposal, by=feng, at=LATER)


def test_a_proposal_is_refused(bo: Member, qian: User, feng: User) -> None:
    ingest(order(bo, received=True))
    settle_all(at=LATER)
    contradict(order(bo, CHEAPER))
    (proposal,) = accept(qian)

    refuse_acceptance(acceptance=proposal, by=feng, at=LATER)

    assert (OrderConflict.objects.get().status, balance("Lan")) == ("open", 1_099)
    with pytest.raises(WrongStatus):
        agree_to_acceptance(acceptance=proposal, by=feng, at=LATER)
    assert balance("Lan") == 1_099
    (another,) = accept(feng)
    assert another != proposal


def test_dismissing_refuses_the_proposal(bo: Member, qian: User, feng: User) -> None:
    ingest(order(bo, received=True))
    settle_all(at=LATER)
    contradict(order(bo, CHEAPER))
    (proposal,) = accept(qian)

    dismiss(qian)

    proposal.refresh_from_db()
    assert proposal.status == "refused"
    with pytest.raises(ConflictNotOpen):
        agree_to_acceptance(acceptance=proposal, by=feng, at=LATER)
    assert balance("Lan") == 1_099


@pytest.mark.parametrize("verb", [accept_conflicts, dismiss_conflicts])
def test_a_decision_is_refused(bo: Member, qian: User, verb: Any) -> None:
    ingest(order(bo, received=True))
    contradict(order(bo, CHEAPER))
    rows = conflicts()
    before = state()

    with pytest.raises(PermissionMissing):
        verb(conflicts=rows, reason="why", by=staff("Wei"), at=LATER)
    with pytest.raises(ReasonRequired):
        verb(conflicts=rows, reason=" ", by=qian, at=LATER)
    assert state() == before

    ingest(order(bo))
    before = state()
    with pytest.raises(ConflictNotOpen):
        verb(conflicts=rows, reason="why", by=qian, at=LATER)
    assert state() == before


@pytest.mark.parametrize("verb", [accept_conflicts, dismiss_conflicts])
@pytest.mark.parametrize("name", ["Bo", "Lan", "Mei"])
def test_nobody_decides_about_their_own_order(bo: Member, qian: User, name: str, verb: Any) -> None:
    ingest(order(bo, received=True))
    contradict(order(bo, CHEAPER))
    link(qian, Member.objects.get(nickname=name))
    before = state()

    with pytest.raises(OwnConflictForbidden):
        verb(conflicts=conflicts(), reason="why", by=qian, at=LATER)

    assert state() == before


def test_all_are_accepted_or_none(bo: Member, qian: User) -> None:
    ingest(order(bo, received=True), order(bo, number="O-2", received=True))
    contradict(order(bo, CHEAPER), order(bo, line(price=11_990), number="O-2"))
    before = state()

    with pytest.raises(ConflictNotAcceptable, match="O-2"):
        accept(qian)

    assert state() == before


def test_the_database_needs_two_people_to_take_credited_money_back(bo: Member, qian: User) -> None:
    ingest(order(bo, received=True))
    settle_all(at=LATER)
    contradict(order(bo, CHEAPER))
    accept(qian)

    with pytest.raises(DatabaseError) as refusal, transaction.atomic(), connection.cursor() as sql:
        sql.execute(
            "UPDATE commissions_conflictacceptance SET status = 'agreed', decided_at = now(),"
            " decider_id = proposer_id, decider_member = proposer_member"
        )

    assert refusal.value.__cause__.diag.constraint_name == "conflict_acceptance_four_eyes"

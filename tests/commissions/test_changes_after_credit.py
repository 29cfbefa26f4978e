"""A credited commission falls at once and grows through the queue, in any order of refunds."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from commissions.models import Commission, CommissionChange, CommissionHold, DueCredit
from commissions.services import record_member_credits
from commissions.services.settlement import QueueMismatch
from common.errors import violated_constraint
from distribution.models import Distributor
from distribution.services import change_status
from events.models import Event
from ledger.chart import Kind
from ledger.models import Transfer
from ledger.proof import differences
from ledger.services import open_wallets
from members.models import Member
from orders.snapshots import OrderSnapshot, RefundSnapshot
from tests.ledger.money import spend
from tests.shop import (
    DAY,
    PLACED,
    WEEK,
    editor,
    ingest,
    line,
    order,
    plan,
    referral_chain,
    refund,
    rule,
    settle_all,
    sku,
    wallet_balance,
    with_refund,
)
from withdrawals.cash_accounts import lock_cash_accounts
from withdrawals.requests.quote import withdrawable

RELEASED = PLACED + 3 * DAY + WEEK
LATER = RELEASED + DAY
# Two masks for 219.80 that cost 42.00 each: a tenth of the profit is 13.58. With 84.00 back the
# profit is 51.80; once one mask is back as well, it is 93.80.
MONEY = refund(8_400, number="R-1", at=RELEASED)
GOODS = refund(0, quantity=1, number="R-2", at=RELEASED)
LEFT = 938

pytestmark = pytest.mark.django_db


@pytest.fixture
def masks(db: None) -> OrderSnapshot:
    """Bo's order, which earned Lan 13.58, credited."""
    sku()
    plan(rule(1_000, None, base="profit"))
    *_, bo = referral_chain("Mei", "Lan", "Bo")
    snapshot = order(bo, line(quantity=2), received=True)
    ingest(snapshot)
    settle_all(at=RELEASED)
    return snapshot


@pytest.fixture
def lan(masks: OrderSnapshot) -> Member:
    return Member.objects.get(nickname="Lan")


def tell(snapshot: OrderSnapshot, *refunds: RefundSnapshot, at: datetime = LATER) -> None:
    ingest(with_refund(snapshot, *refunds), at=at)


def deltas() -> list[int]:
    return list(CommissionChange.objects.order_by("number").values_list("delta", flat=True))


@pytest.mark.parametrize("first", [MONEY, GOODS], ids=["money first", "goods first"])
@pytest.mark.parametrize("settled", [True, False], ids=["settled between", "not settled"])
def test_the_order_of_refunds_does_not_matter(
    masks: OrderSnapshot, lan: Member, first: RefundSnapshot, settled: bool
) -> None:
    tell(masks, first)
    if settled:
        settle_all(at=LATER)
    tell(masks, MONEY, GOODS)
    settle_all(at=LATER)

    assert Commission.objects.get().current == LEFT
    assert wallet_balance(lan) == LEFT
    assert differences() == []


def test_a_growth_is_credited_from_the_queue(masks: OrderSnapshot, lan: Member) -> None:
    tell(masks, MONEY)
    assert wallet_balance(lan) == 518
    tell(masks, MONEY, GOODS)

    assert deltas() == [-840, 420]
    assert wallet_balance(lan) == 518
    assert DueCredit.objects.values_list("change", "amount").get() == (2, 420)
    assert settle_all(at=LATER) == 1
    assert Transfer.objects.filter(key__contains=":change:").count() == 2
    assert settle_all(at=LATER) == 0
    assert wallet_balance(lan) == LEFT


def test_a_growth_is_withdrawable_from_the_next_day(masks: OrderSnapshot, lan: Member) -> None:
    tell(masks, MONEY, at=RELEASED)
    tell(masks, MONEY, GOODS, at=RELEASED)
    settle_all(at=LATER)

    cash = lock_cash_accounts(lan)
    assert withdrawable(cash, at=LATER) == 518
    assert withdrawable(cash, at=LATER + DAY) == LEFT


def test_a_growth_pays_a_debt_first(masks: OrderSnapshot, lan: Member) -> None:
    spend(lan, 1_358, "out")
    tell(masks, MONEY)
    assert wallet_balance(lan, kind=Kind.OWED) == 840
    tell(masks, MONEY, GOODS)
    settle_all(at=LATER)

    assert (wallet_balance(lan), wallet_balance(lan, kind=Kind.OWED)) == (0, 420)
    assert differences() == []


def test_an_open_after_sale_holds_a_growth(masks: OrderSnapshot, lan: Member) -> None:
    tell(masks, MONEY)
    asked = refund(100, number="R-3", at=RELEASED, done=False)
    tell(masks, MONEY, GOODS, asked)

    assert CommissionHold.objects.get().reason == "after_sale"
    assert settle_all(at=LATER) == 0
    assert wallet_balance(lan) == 518
    tell(masks, MONEY, GOODS, refund(100, number="R-3", at=RELEASED, done=False, rejected_at=LATER))
    settle_all(at=LATER)
    assert wallet_balance(lan) == LEFT


def test_an_after_sale_without_a_growth_holds_no_credited_commission(
    masks: OrderSnapshot,
) -> None:
    tell(masks, refund(100, number="R-3", at=RELEASED, done=False))

    assert not CommissionHold.objects.exists()


def test_a_frozen_distributor_waits_for_a_growth(masks: OrderSnapshot, lan: Member) -> None:
    distributor = Distributor.objects.get(member=lan)
    tell(masks, MONEY)
    tell(masks, MONEY, GOODS)
    for status, balance in (("frozen", 518), ("active", LEFT)):
        change_status(
            distributor=distributor, to=Distributor.Status(status), by=editor(), at=LATER,
            reason="检查",
        )  # fmt: skip
        settle_all(at=LATER)
        assert wallet_balance(lan) == balance


def test_a_refund_takes_a_waiting_growth_before_the_wallet(
    masks: OrderSnapshot, lan: Member
) -> None:
    tell(masks, MONEY)
    tell(masks, MONEY, GOODS)
    tell(masks, MONEY, GOODS, refund(2_000, number="R-3", at=RELEASED))

    assert deltas() == [-840, 220]
    assert DueCredit.objects.get().amount == 220
    tell(
        masks, MONEY, GOODS, refund(2_000, number="R-3", at=RELEASED),
        refund(4_000, number="R-4", at=RELEASED),
    )  # fmt: skip
    assert deltas() == [-840, -180]
    assert not DueCredit.objects.exists()
    assert wallet_balance(lan) == Commission.objects.get().current == 338


def test_a_growth_is_an_event_of_its_member(masks: OrderSnapshot, lan: Member) -> None:
    tell(masks, MONEY)
    tell(masks, MONEY, GOODS)
    settle_all(at=LATER)
    record_member_credits(Event.objects.filter(name="commissions.credited"))

    events = Event.objects.filter(name="commissions.credited_to_member").order_by("pk")
    assert [event.data["amounts"] for event in events] == [{"cash": 1_358}, {"cash": 420}]


SETTLED = "settlement_id = (SELECT max(id) FROM commissions_settlement)"
ANOTHER = """
INSERT INTO commissions_commissionchange (commission_id, number, delta, refund_id, at)
SELECT commission_id, 3, {}, refund_id, at FROM commissions_commissionchange LIMIT 1
"""


@pytest.mark.parametrize(
    ("statement", "rule"),
    [
        ("UPDATE commissions_commission SET current = 600", "commission_credited_as_posted"),
        (f"UPDATE commissions_commissionchange SET {SETTLED} WHERE delta > 0",
         "commission_change_as_posted"),
        (f"UPDATE commissions_commissionchange SET {SETTLED} WHERE delta < 0",
         "commission_change_settled_if_positive"),
        ("UPDATE commissions_commissionchange SET delta = 500 WHERE delta > 0", "append_only"),
        ("DELETE FROM commissions_commissionchange WHERE delta < 0",
         "commission_change_posted_final"),
        (ANOTHER.format(-1), "commission_change_as_posted"),
        (ANOTHER.format(1), "commission_change_one_waiting"),
    ],
)  # fmt: skip
def test_the_database_refuses_a_change_that_the_ledger_does_not_hold(
    masks: OrderSnapshot, statement: str, rule: str
) -> None:
    tell(masks, MONEY)
    tell(masks, MONEY, GOODS)

    with (
        connection.cursor() as cursor,
        pytest.raises(DatabaseError) as error,
        transaction.atomic(),
    ):
        cursor.execute(statement)

    assert violated_constraint(error.value).endswith(rule)


WALLET_OF_MEI = """
SELECT wallet.id FROM ledger_account AS wallet JOIN members_member AS m ON m.id = member_id
WHERE nickname = 'Mei' AND asset = 'cash' AND kind = 'wallet'
"""


@pytest.mark.parametrize(
    "column",
    [
        "amount = amount + 1",
        "release_at = release_at - interval '1 day'",
        f"account_id = ({WALLET_OF_MEI})",
    ],
    ids=["amount", "date", "owner"],
)
def test_a_queue_row_that_differs_from_its_commission_pays_nobody(
    masks: OrderSnapshot, lan: Member, column: str
) -> None:
    mei = Member.objects.get(nickname="Mei")
    open_wallets([mei])
    tell(masks, MONEY)
    tell(masks, MONEY, GOODS)
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE commissions_duecredit SET {column}")

    settle_all(at=LATER)

    assert (wallet_balance(lan), wallet_balance(mei)) == (518, 0)
    held = CommissionHold.objects.get()
    assert (held.reason, held.detail.split(":")[0]) == ("fault", QueueMismatch.__name__)


def test_the_number_of_statements_does_not_grow_with_the_clawbacks(db: None) -> None:
    sku()
    plan()
    *_, bo = referral_chain("Mei", "Lan", "Bo")
    counts = []
    for number, lines in (("O-1", 2), ("O-2", 12)):
        rows = [line(number=index, price=1_000) for index in range(1, lines + 1)]
        snapshot = order(bo, *rows, number=number, received=True)
        ingest(snapshot)
        settle_all(at=RELEASED)
        refunds = [
            refund(500, number=f"{number}-R", line=index, at=RELEASED)
            for index in range(1, lines + 1)
        ]
        with CaptureQueriesContext(
            connection,
        ) as queries:
            tell(snapshot, *refunds)
        counts.append(len(queries))

    assert counts[0] == counts[1]
    assert CommissionChange.objects.count() == 28

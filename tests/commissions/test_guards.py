"""The database guards of plans, commissions and orders."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from commissions.services import draft
from common.errors import violated_constraint
from members.models import Member
from tests.cast import NOON
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
    settle_all,
    sku,
    with_refund,
)

ANOTHER_LINE = """
INSERT INTO orders_orderline (order_id, number, sku_id, product_id, categories, quantity,
    unit_price, discount, shipping, refunded_quantity, refunded_amount)
SELECT order_id, 9, sku_id, product_id, categories, 1, 1, 0, 0, 0, 0 FROM orders_orderline LIMIT 1
"""
RELEASED = PLACED + 3 * DAY + WEEK

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture(autouse=True)
def shop(db: None) -> None:
    """A credited order with a clawback, and a protected order; Wang is no upline of its buyer."""
    sku()
    plan()
    *_, bo = referral_chain("Mei", "Lan", "Bo")
    referral_chain("Wang", "Zhao")
    snapshot = order(bo, line(), line(number=2, price=1), received=True)
    ingest(snapshot)
    settle_all(at=RELEASED)
    ingest(with_refund(snapshot, refund(100)), at=RELEASED)
    ingest(order(bo, number="O-2", received=True))


def violated_by(statement: str) -> str:
    """Return the constraint that refuses a statement."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with pytest.raises(DatabaseError) as error, transaction.atomic():
            cursor.execute(statement)
    return violated_constraint(error.value)


def commission(
    tier: int = 1,
    distributor: str = "",
    *,
    of: str = "'O-1' AND line.number = 2",
    plan: str = "min(id)",
) -> str:
    """Return the SQL of a commission of one fen."""
    return f"""
        INSERT INTO commissions_commission
            (line_id, tier, distributor_id, plan_id, asset, original, current, status, accrued_at)
        SELECT line.id, {tier}, {distributor or TIER_1},
            (SELECT {plan} FROM commissions_plan), 'cash',
            1, 1, 'pending', now()
        FROM orders_orderline AS line JOIN orders_order AS o ON o.id = line.order_id
        WHERE o.number = {of}
    """


TIER_1 = "(SELECT tier1_id FROM orders_attribution WHERE order_id = o.id)"
WANG = (
    "(SELECT d.id FROM distribution_distributor d JOIN members_member m ON m.id = d.member_id"
    " WHERE nickname = 'Wang')"
)


def test_there_is_no_third_tier() -> None:
    constraint = violated_by(commission(tier=3))

    assert constraint in {"commission_two_tiers", "commission_follows_attribution"}


def test_a_commission_needs_a_distributor_of_the_attribution() -> None:
    constraint = violated_by(commission(distributor=WANG))

    assert constraint == "commission_follows_attribution"


def test_a_commission_needs_a_paid_order() -> None:
    ingest(order(Member.objects.get(nickname="Bo"), number="O-3", paid=False))

    constraint = violated_by(commission(of="'O-3'"))

    assert constraint == "commission_follows_attribution"


def test_a_commission_needs_the_plan_of_its_order() -> None:
    draft(name="Rich", by=editor(), at=NOON, cap=10_000)

    assert violated_by(commission(plan="max(id)")) == "commission_follows_attribution"


def test_the_editors_of_a_plan_are_append_only() -> None:
    draft(name="Mine", by=editor(), at=NOON)

    assert violated_by("UPDATE commissions_plan SET editors = '{}' WHERE status = 'draft'") == (
        "plan_editors_append_only"
    )


def test_both_tiers_together_stay_within_the_cap() -> None:
    constraint = violated_by(commission())

    assert constraint == "commission_within_cap"  # the cap of one fen is half a fen


@pytest.mark.parametrize(
    ("statement", "rule"),
    [
        ("UPDATE commissions_commission SET original = original + 1", "append_only"),
        ("UPDATE commissions_commission SET tier = 3 - tier", "append_only"),
        ("UPDATE commissions_commission SET distributor_id = distributor_id", "append_only"),
        ("UPDATE commissions_commission SET current = original + 1 WHERE status <> 'credited'",
         "commission_current_within_original"),
        ("UPDATE commissions_commission SET current = original", "commission_credited_as_posted"),
        ("UPDATE commissions_commission SET status = 'pending' WHERE status = 'credited'",
         "commission_credited_final"),
        ("UPDATE commissions_commission SET current = -1 WHERE status <> 'credited'",
         "commission_current_within_original"),
        ("UPDATE commissions_commission SET status = 'x' WHERE settlement_id IS NULL",
         "commission_status_consistent"),
        ("UPDATE commissions_commission SET settlement_id = NULL", "commission_credited_final"),
        ("DELETE FROM commissions_commission", "append_only"),
        ("UPDATE commissions_explanation SET basis = '{}'", "append_only"),
        ("UPDATE commissions_commissionchange SET delta = 1", "append_only"),
        ("DELETE FROM commissions_commissionchange", "commission_change_posted_final"),
        ("TRUNCATE commissions_commissionchange CASCADE", "append_only"),
        ("DELETE FROM commissions_settlement", "append_only"),
        ("UPDATE commissions_ordercommissionterms SET plan_id = NULL", "append_only"),
        ("UPDATE commissions_ordercommissionterms SET accrued_at = NULL",
         "order_terms_accrued_once"),
        ("UPDATE commissions_plan SET cap = 9000", "plan_published_immutable"),
        ("DELETE FROM commissions_plan", "plan_published_immutable"),
        ("UPDATE commissions_rule SET tier1 = 9000", "plan_published_immutable"),
        ("DELETE FROM commissions_rule", "plan_published_immutable"),
        ("UPDATE commissions_duecredit SET amount = 0", "due_credit_amount_positive"),
        ("UPDATE orders_order SET paid_at = now()", "order_time_set_once"),
        ("UPDATE orders_order SET received_at = NULL", "order_time_set_once"),
        ("UPDATE orders_order SET release_at = release_at - interval '1 day'",
         "order_time_set_once"),
        ("UPDATE orders_order SET buyer_id = buyer_id", "append_only"),
        ("UPDATE orders_orderline SET quantity = 2", "order_lines_fixed_once_paid"),
        ("DELETE FROM orders_orderline", "order_lines_fixed_once_paid"),
        ("TRUNCATE orders_orderline CASCADE", "append_only"),
        ("UPDATE orders_orderline SET refunded_amount = 0", "order_time_set_once"),
        (ANOTHER_LINE, "order_lines_complete"),
        ("UPDATE orders_attribution SET tier1_id = NULL", "append_only"),
        ("UPDATE orders_refund SET done_at = now()", "order_time_set_once"),
        ("UPDATE orders_refund SET amount = 1", "refund_fixed_once_done"),
        ("UPDATE orders_refund SET kind = 'exchange'", "refund_fixed_once_done"),
        ("UPDATE orders_refund SET line_id = line_id", "append_only"),
        ("UPDATE orders_refund SET rejected_at = now(), withdrawn_at = now()",
         "refund_rejected_or_withdrawn"),
        ("DELETE FROM orders_order", "append_only"),
    ],
)  # fmt: skip
def test_the_database_refuses_the_statement(statement: str, rule: str) -> None:
    assert violated_by(statement).endswith(rule)

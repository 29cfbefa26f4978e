"""Insert past orders with their commissions, table by table."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection

from benchmarks.shop import COST, PRICE, TIER1, TIER2, plan
from benchmarks.sizes import BUYERS, COMMISSIONS_PER_ORDER, DISTRIBUTORS, LEADERS
from catalog.models import Sku
from commissions import rules
from commissions.plan_cache import plan_terms
from commissions.services.queue import SECONDS_PER_DAY
from commissions.services.settlement import BATCH_SIZE
from ledger.chart import Asset
from ledger.services import commission_payer

DUE_FROM = datetime(2026, 6, 1, tzinfo=UTC)
DUE_AT = DUE_FROM + timedelta(days=1)

# Everything follows from the order's number n: its lines are 2n - 1 and 2n, their commissions
# 4n - 3 to 4n. Buyers, and so the accounts, alternate; amounts follow the plan.
_ORDERS = f"""
CREATE TEMP TABLE placed AS
SELECT number AS id, buyer_id, upline.distributor_id AS tier1, above.distributor_id AS tier2,
    release_at, release_at - interval '7 days' AS received_at, release_at - interval '10 days' AS at
FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS number
CROSS JOIN LATERAL (
    SELECT {LEADERS + DISTRIBUTORS + 1} + number * 7919 %% {BUYERS} AS buyer_id,
        %(release_at)s::timestamptz + number * 7919 %% 86400 * interval '1 second'
            - number %% %(days)s * interval '1 day' AS release_at
) AS chosen
JOIN distribution_binding AS upline ON upline.member_id = buyer_id
JOIN distribution_distributor AS between_them ON between_them.id = upline.distributor_id
JOIN distribution_binding AS above ON above.member_id = between_them.member_id;
INSERT INTO orders_order (id, public_id, number, buyer_id, placed_at, paid_at, received_at,
    protection_days, release_at, contact, share, region)
SELECT id, substr(md5('order' || id), 1, 20), 'P-' || id, buyer_id, at, at, received_at,
    7, release_at, '{{}}', '', ''
FROM placed ORDER BY id;
INSERT INTO orders_orderline (id, order_id, number, sku_id, product_id, categories, quantity,
    unit_price, discount, shipping, unit_cost, refunded_quantity, refunded_amount)
SELECT 2 * placed.id + line - 2, placed.id, line, %(sku)s, %(product)s, ARRAY[%(category)s], 1,
    {PRICE}, 0, 0, {COST}, 0, 0
FROM placed, generate_series(1, 2) AS line ORDER BY placed.id, line;
INSERT INTO orders_attribution (order_id, tier1_id, tier1_reason, tier1_status, tier2_id,
    tier2_reason, tier2_status)
SELECT id, tier1, 'upline', 'active', tier2, 'upline_of_1', 'active' FROM placed ORDER BY id;
INSERT INTO commissions_ordercommissionterms (order_id, plan_id, accrued_at)
SELECT id, %(plan)s, at FROM placed ORDER BY id;
INSERT INTO commissions_explanation (line_id, basis)
SELECT 2 * placed.id + line - 2, %(basis)s
FROM placed, generate_series(1, 2) AS line ORDER BY placed.id, line;
INSERT INTO commissions_settlement (id, public_id, at, count)
SELECT id, substr(md5('settlement' || id), 1, 20), %(release_at)s, {BATCH_SIZE}
FROM generate_series(1, %(last)s::bigint * {COMMISSIONS_PER_ORDER} / {BATCH_SIZE} + 1) AS id
WHERE %(credited)s;
INSERT INTO commissions_commission (id, line_id, tier, distributor_id, plan_id, asset, original,
    current, status, accrued_at, release_at, settlement_id)
SELECT 4 * placed.id - 4 + (line - 1) * 2 + tier, 2 * placed.id - 2 + line, tier,
    CASE tier WHEN 1 THEN tier1 ELSE tier2 END, %(plan)s, 'cash', amount, amount,
    CASE WHEN %(credited)s THEN 'credited' ELSE 'protected' END, at, release_at,
    CASE WHEN %(credited)s THEN placed.id * {COMMISSIONS_PER_ORDER} / {BATCH_SIZE} + 1 END
FROM placed, generate_series(1, 2) AS line, (
    VALUES (1, {PRICE * TIER1 // 10_000}), (2, {PRICE * TIER2 // 10_000})
) AS tiers (tier, amount)
ORDER BY placed.id, line, tier;
SELECT setval(pg_get_serial_sequence('orders_order', 'id'), %(last)s),
    setval(pg_get_serial_sequence('orders_orderline', 'id'), %(last)s * 2),
    setval(pg_get_serial_sequence('commissions_commission', 'id'),
        %(last)s * {COMMISSIONS_PER_ORDER}),
    setval(pg_get_serial_sequence('commissions_settlement', 'id'),
        (SELECT coalesce(max(id), 0) + 1 FROM commissions_settlement));
DROP TABLE placed
"""
_DUE = f"""
INSERT INTO commissions_duecredit
    (commission_id, change, account_id, asset, amount, release_at, bucket)
SELECT commission.id, 0, account.id, 'cash', current, release_at,
    floor(extract(epoch FROM release_at) / {SECONDS_PER_DAY})
FROM commissions_commission AS commission
JOIN distribution_distributor AS distributor ON distributor.id = distributor_id
JOIN ledger_account AS account ON account.member_id = distributor.member_id
    AND account.asset = 'cash' AND account.kind = 'wallet'
WHERE commission.id BETWEEN %(first)s * 4 - 3 AND %(last)s * 4
ORDER BY commission.id
"""
# As WRITE posts them: the transfers, and the balances in the same statement.
_TRANSFERS = """
WITH credits AS MATERIALIZED (
    SELECT commission.id, account.id AS account_id, current AS amount, release_at,
        sum(current) OVER (PARTITION BY account.id ORDER BY commission.id) AS after
    FROM commissions_commission AS commission
    JOIN distribution_distributor AS distributor ON distributor.id = distributor_id
    JOIN ledger_account AS account ON account.member_id = distributor.member_id
        AND account.asset = 'cash' AND account.kind = 'wallet'
), changed AS (
    UPDATE ledger_account AS account SET balance = moved
    FROM (SELECT account_id, max(after) AS moved FROM credits GROUP BY account_id) AS change
    WHERE account.id = account_id
)
INSERT INTO ledger_transfer (key, debit_id, credit_id, asset, amount, reason, source_kind,
    source_id, effective_at, credit_balance_after)
SELECT 'commission:' || id || ':credit', %(payer)s, account_id, 'cash', amount, 'commission',
    'commissions.commission', id, release_at, after
FROM credits ORDER BY id
"""


def add_due(first: int, last: int) -> None:
    """Orders from number ``first`` to ``last``, received, which fall due on the day before
    ``DUE_AT``."""
    values = _values(first, last, release_at=DUE_FROM, credited=False)
    with connection.cursor() as cursor:
        cursor.execute(_ORDERS, values)
        cursor.execute(_DUE, values)


def add_credited(
    last: int, *, until: datetime = datetime(2026, 3, 1, tzinfo=UTC), days: int = 1
) -> None:
    """Orders from number 1 to ``last``, whose commissions have long been credited.

    :param until: the last day of their release, before which they spread over ``days``
    """
    values = _values(1, last, release_at=until, credited=True, days=days)
    with connection.cursor() as cursor:
        # Every row keeps every constraint; asking for each of millions would take minutes. The
        # ledger's own guards ask all the same.
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(_ORDERS, values)
        cursor.execute("ANALYZE")
        cursor.execute(_TRANSFERS, values)
        cursor.execute("SET session_replication_role = origin")


def _values(
    first: int, last: int, *, release_at: datetime, credited: bool, days: int = 1
) -> dict[str, Any]:
    sku = Sku.objects.select_related("product").get(code="s0")
    published = plan()
    goods = rules.Goods(sku.product_id, (sku.product.category_id,), 1, PRICE, COST)
    active = rules.Beneficiary("active")
    [basis] = rules.build_bases(plan_terms(published), [goods], (active, active), DUE_FROM)
    return {
        "first": first, "last": last, "release_at": release_at, "credited": credited,
        "days": days,
        "sku": sku.pk, "product": sku.product_id, "category": sku.product.category_id,
        "plan": published.pk, "payer": commission_payer(Asset.CASH).pk,
        "basis": json.dumps(basis.as_json()),
    }  # fmt: skip

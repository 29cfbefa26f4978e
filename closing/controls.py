"""The daily controls: two sides of the books that must agree, each asked for in one statement.

Every one answers with the places where they do not; nothing is the good answer. One statement is
one snapshot: people go on ordering and paying meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection

from closing.models import Control
from common.clock import day_start
from ledger import hash_chain, proof
from ledger.chart import Asset, Kind

ONE_DAY = timedelta(days=1)
MAX_DAYS_IN_SUSPENSE = 3


@dataclass(frozen=True, slots=True)
class Finding:
    """Where a control does not agree; minor units, ``None`` where no amount is meant."""

    control: Control
    subject: str
    expected: int | None
    found: int | None


# What a platform account holds: credits less debits, the tail on top of the roll-up.
_PLATFORM_BALANCE = """(
    SELECT coalesce(max(total.credits - total.debits), 0) + coalesce((
        SELECT sum(CASE WHEN credit_id = account.id THEN amount ELSE -amount END)
        FROM ledger_transfer AS tail
        WHERE (credit_id = account.id OR debit_id = account.id)
            AND tail.id > coalesce(max(total.last_transfer), 0)
    ), 0)
    FROM ledger_account AS account LEFT JOIN ledger_total AS total ON total.account_id = account.id
    WHERE account.member_id IS NULL AND account.kind = {kind} AND account.asset = {asset}
    GROUP BY account.id
)::bigint"""


def _platform_balance(kind: str, asset: str = f"'{Asset.CASH}'") -> str:
    return _PLATFORM_BALANCE.format(kind=f"'{kind}'", asset=asset)


HELD = """
WITH asked AS (
    SELECT member_id, sum(gross)::bigint AS amount FROM withdrawals_withdrawal
    WHERE status IN ('requested', 'ops_approved', 'finance_approved', 'ready_to_collect', 'paying')
    GROUP BY member_id
)
SELECT member.public_id, coalesce(asked.amount, 0), coalesce(held.balance, 0)
FROM asked
FULL JOIN (
    SELECT member_id, balance FROM ledger_account WHERE kind = 'held' AND balance > 0
) AS held USING (member_id)
JOIN members_member AS member ON member.id = member_id
WHERE coalesce(asked.amount, 0) <> coalesce(held.balance, 0)
ORDER BY 1
"""

# Whether a payment is in the provider's bill or on the bank's statement; and came back there.
_DOCUMENT = """EXISTS (
    SELECT FROM closing_treasurydocument
    WHERE attempt_id = attempt.id AND kind = '{}' AND reversed_at IS NULL
)"""
_RETURNED_TO_BANK = _DOCUMENT.format("bank_return")
_BOOKED = f"""(
    EXISTS (SELECT FROM closing_statementline WHERE attempt_id = attempt.id)
    OR {_DOCUMENT.format("bank_payment")}
)"""

CLEARING = f"""
WITH sides AS (
    SELECT (
        SELECT coalesce(sum(
            CASE WHEN withdrawal.status = 'paid' THEN attempt.amount ELSE 0 END
            - CASE WHEN {_BOOKED} THEN attempt.amount ELSE 0 END
            + CASE WHEN {_RETURNED_TO_BANK} THEN attempt.amount ELSE 0 END
        ), 0)::bigint
        FROM withdrawals_attempt AS attempt
        JOIN withdrawals_withdrawal AS withdrawal ON withdrawal.id = attempt.withdrawal_id
        WHERE attempt.state = 'success'
    ) AS expected, {_platform_balance(Kind.PAYOUT_CLEARING)} AS found
)
SELECT 'payout_clearing', expected, found FROM sides WHERE expected <> found
"""

# What was booked and has been returned to its member must come back to the bank, too.
STATEMENT_LINES = f"""
SELECT attempt.out_bill_no, attempt.amount, 0::bigint
FROM withdrawals_attempt AS attempt
JOIN withdrawals_withdrawal AS withdrawal ON withdrawal.id = attempt.withdrawal_id
WHERE attempt.state = 'success' AND attempt.ended_at < %(end)s AND withdrawal.status = 'paid'
    AND NOT {_BOOKED}
UNION ALL
SELECT attempt.out_bill_no, 0::bigint, attempt.amount
FROM withdrawals_attempt AS attempt
JOIN withdrawals_withdrawal AS withdrawal ON withdrawal.id = attempt.withdrawal_id
WHERE attempt.state = 'success' AND withdrawal.status = 'returned' AND {_BOOKED} AND NOT {_RETURNED_TO_BANK}
UNION ALL
SELECT line.number, CASE WHEN attempt.state = 'success' THEN -attempt.amount ELSE 0 END, line.amount
FROM closing_statementline AS line LEFT JOIN withdrawals_attempt AS attempt ON attempt.id = attempt_id
WHERE (line.status = 'suspended' AND line.at < %(end)s) OR (
    attempt_id IS NOT NULL AND (attempt.state <> 'success' OR attempt.amount <> -line.amount)
)
ORDER BY 1
"""

# From the first payment on, each day has a bill, or the provider's word that nothing moved.
STATEMENTS = """
SELECT first.gateway, count(*), count(*) FILTER (WHERE had)
FROM (
    SELECT gateway, (min(created_at) AT TIME ZONE 'Asia/Shanghai')::date AS day,
        CASE WHEN gateway = %(gateway)s THEN %(day)s::date
            ELSE least(%(day)s::date, (max(ended_at) AT TIME ZONE 'Asia/Shanghai')::date)
        END AS last
    FROM withdrawals_attempt
    WHERE state = 'success' AND gateway <> 'manual'
    GROUP BY gateway
) AS first
CROSS JOIN generate_series(first.day, first.last, '1 day') AS each (midnight)
CROSS JOIN LATERAL (
    SELECT EXISTS (
        SELECT FROM closing_providerstatement AS file
        WHERE file.gateway = first.gateway AND file.day = each.midnight::date
    ) AS had
) AS bill
GROUP BY first.gateway
HAVING NOT bool_and(had)
ORDER BY 1
"""

# The last bill's closing balance against all that the ledger says had moved by then, and on the
# days after it on which nothing moved; what was late for a closed month counts when it happened. A
# top-up that the bill names counts when the provider has booked it, whenever finance wrote it down;
# what was reversed has never been.
PROVIDER = """
WITH last AS (
    SELECT * FROM closing_providerstatement WHERE day <= %(day)s AND rows > 0
    ORDER BY day DESC, id DESC LIMIT 1
), upto AS (
    SELECT max(file.day) AS day FROM closing_providerstatement AS file JOIN last USING (gateway)
    WHERE file.day <= %(day)s
), provider AS (
    SELECT id FROM ledger_account
    WHERE member_id IS NULL AND kind = 'provider_balance' AND asset = 'cash'
), sides AS (
    SELECT last.gateway || ' ' || last.day AS subject, last.closing_balance AS expected, (
        SELECT coalesce(sum(
            CASE WHEN debit_id = provider.id THEN moved.amount ELSE -moved.amount END
        ), 0)
        FROM provider
        JOIN ledger_transfer AS moved ON provider.id IN (moved.debit_id, moved.credit_id)
        LEFT JOIN closing_treasurydocument AS document ON moved.source_kind = 'closing.treasurydocument'
            AND document.id::text = moved.source_id
        LEFT JOIN closing_statementline AS line ON line.document_id = document.id
        WHERE document.reversed_at IS NULL
            AND coalesce(line.at, moved.occurred_at, moved.effective_at)
                < (upto.day + 1)::timestamp AT TIME ZONE 'Asia/Shanghai'
    )::bigint AS found
    FROM last, upto
)
SELECT subject, expected, found FROM sides WHERE expected <> found
"""

TAX = f"""
WITH sides AS (
    SELECT (
        SELECT coalesce(sum(entry.withheld), 0)
        FROM withdrawals_taxentry AS entry
        JOIN withdrawals_attempt AS attempt ON attempt.id = entry.attempt_id
        WHERE attempt.state = 'success' AND entry.released_at IS NULL
    )::bigint - (
        SELECT coalesce(sum(amount), 0) FROM closing_treasurydocument
        WHERE kind = 'remittance' AND reversed_at IS NULL
    )::bigint AS expected, {_platform_balance(Kind.TAX_PAYABLE)} AS found
)
SELECT 'tax_payable', expected, found FROM sides WHERE expected <> found
"""

# What is left of a credited commission is what was credited less what was taken back.
EXPENSE = f"""
WITH sides AS (
    SELECT asset, coalesce((
        SELECT sum(current) FROM commissions_commission AS commission
        WHERE commission.asset = assets.asset AND commission.status = 'credited'
    ), 0)::bigint + coalesce((
        SELECT sum(CASE WHEN direction = 'to_member' THEN amount ELSE -amount END)
        FROM closing_adjustment AS adjustment
        WHERE adjustment.asset = assets.asset AND adjustment.status = 'posted'
    ), 0)::bigint AS expected, -{_PLATFORM_BALANCE.format(kind="assets.kind", asset="assets.asset")} AS found
    FROM (VALUES
        ('cash', 'commission_expense'), ('bonus', 'commission_expense'),
        ('store_credit', 'issued'), ('points', 'issued')
    ) AS assets (asset, kind)
)
SELECT asset, expected, found FROM sides WHERE expected <> found ORDER BY 1
"""

SUSPENSE = f"""
SELECT line.number, 0::bigint, line.amount
FROM closing_statementline AS line
WHERE line.status = 'suspended' AND line.at < %(end)s - make_interval(days => {MAX_DAYS_IN_SUSPENSE})
UNION ALL
SELECT 'suspense', expected, found FROM (
    SELECT (
        SELECT coalesce(sum(amount), 0) FROM closing_statementline WHERE status = 'suspended'
    )::bigint AS expected, {_platform_balance(Kind.SUSPENSE)} AS found
) AS sides
WHERE expected <> found
ORDER BY 1
"""


def _sql_control(sql: str) -> Callable[[date], Iterator[tuple[str, int | None, int | None]]]:
    def ask(day: date) -> Iterator[tuple[str, int | None, int | None]]:
        named: dict[str, Any] = {
            "day": day, "end": day_end(day), "gateway": settings.PAYOUT_GATEWAY,
        }  # fmt: skip
        with connection.cursor() as cursor:
            cursor.execute(sql, named)
            yield from cursor.fetchall()

    return ask


def _accounts(_: date) -> Iterator[tuple[str, int | None, int | None]]:
    for one in proof.differences():
        yield f"{one.kind} {one.id}: {one.rule}", one.expected, one.found


def _chain(_: date) -> Iterator[tuple[str, int | None, int | None]]:
    broken = hash_chain.first_break()
    if broken:
        sealed = broken.sealed.transfers if broken.sealed else None
        yield f"{broken.month:%Y-%m}", sealed, broken.found.transfers


CONTROLS: dict[Control, Callable[[date], Iterator[tuple[str, int | None, int | None]]]] = {
    Control.ACCOUNTS: _accounts,
    Control.HELD: _sql_control(HELD),
    Control.CLEARING: _sql_control(CLEARING),
    Control.STATEMENT_LINES: _sql_control(STATEMENT_LINES),
    Control.STATEMENTS: _sql_control(STATEMENTS),
    Control.PROVIDER: _sql_control(PROVIDER),
    Control.TAX: _sql_control(TAX),
    Control.EXPENSE: _sql_control(EXPENSE),
    Control.SUSPENSE: _sql_control(SUSPENSE),
    Control.CHAIN: _chain,
}


# They read every transfer there is: too long for what stops all postings meanwhile.
SLOW_CONTROLS = frozenset({Control.ACCOUNTS, Control.CHAIN})


def findings(
    day: date, *, exclude: Collection[Control] = frozenset()
) -> dict[Control, list[Finding]]:
    """Ask every control, by their order; a day's bills are those until its end, it included."""
    return {
        control: [Finding(control, *row) for row in ask(day)]
        for control, ask in CONTROLS.items()
        if control not in exclude
    }


def day_end(day: date) -> datetime:
    return day_start(day + ONE_DAY)

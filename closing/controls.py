"""The daily controls: each compares two sides of the books in one SQL statement.

A control returns a row for every difference, and none if both sides agree. One statement is one
snapshot, so orders and payments may go on meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection

from closing import award_controls, commission_controls
from closing.models import Control
from common.clock import day_start
from common.money import yuan_text
from ledger import hash_chain, proof
from ledger.chart import AWARD_KINDS, EXPENSE_KINDS, Asset, Kind

ONE_DAY = timedelta(days=1)
MAX_DAYS_IN_SUSPENSE = 3
COUNTING_CONTROLS = {Control.STATEMENTS, Control.CHAIN, Control.ACCOUNTS}
Rows = Iterator[tuple[str, int | None, int | None]]
"""Subjects with their expected and actual values."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A difference that a control found, in minor units; ``None`` where no amount applies."""

    control: Control
    subject: str
    expected: int | None
    actual: int | None


# The balance of a platform account: its roll-up plus the transfers after it.
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
WITH requested AS (
    SELECT member_id, sum(gross)::bigint AS amount FROM withdrawals_withdrawal
    WHERE status IN ('requested', 'ops_approved', 'finance_approved', 'ready_to_collect', 'paying')
    GROUP BY member_id
)
SELECT member.public_id, coalesce(requested.amount, 0), coalesce(held.balance, 0)
FROM requested
FULL JOIN (
    SELECT member_id, balance FROM ledger_account WHERE kind = 'held' AND balance > 0
) AS held USING (member_id)
JOIN members_member AS member ON member.id = member_id
WHERE coalesce(requested.amount, 0) <> coalesce(held.balance, 0)
ORDER BY 1
"""

# Whether a document of a kind exists for a payment.
_DOCUMENT = """EXISTS (
    SELECT FROM closing_treasurydocument
    WHERE attempt_id = attempt.id AND kind = '{}' AND reversed_at IS NULL
)"""
_RETURNED_TO_BANK = _DOCUMENT.format("bank_return")
# Whether a payment is on the provider's statement or, paid manually, on the bank's.
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
        WHERE attempt.state = 'success' AND attempt.gateway <> 'ledger'
    ) AS expected, {_platform_balance(Kind.PAYOUT_CLEARING)} AS actual
)
SELECT 'payout_clearing', expected, actual FROM sides WHERE expected <> actual
"""

# Successful payments that no statement has, returned payments whose money is not back at the bank,
# and lines in suspense or at odds with their payment.
STATEMENT_LINES = f"""
SELECT attempt.out_bill_no, attempt.amount, 0::bigint
FROM withdrawals_attempt AS attempt
JOIN withdrawals_withdrawal AS withdrawal ON withdrawal.id = attempt.withdrawal_id
WHERE attempt.state = 'success' AND attempt.ended_at < %(end)s AND withdrawal.status = 'paid'
    AND attempt.gateway <> 'ledger' AND NOT {_BOOKED}
UNION ALL
SELECT attempt.out_bill_no, 0::bigint, attempt.amount
FROM withdrawals_attempt AS attempt
JOIN withdrawals_withdrawal AS withdrawal ON withdrawal.id = attempt.withdrawal_id
WHERE attempt.state = 'success' AND withdrawal.status = 'returned' AND {_BOOKED}
    AND NOT {_RETURNED_TO_BANK}
UNION ALL
SELECT line.number,
    CASE WHEN attempt.state = 'success' THEN -attempt.amount ELSE 0 END, line.amount
FROM closing_statementline AS line
LEFT JOIN withdrawals_attempt AS attempt ON attempt.id = attempt_id
WHERE (line.status = 'suspended' AND line.at < %(end)s) OR (
    attempt_id IS NOT NULL AND (attempt.state <> 'success' OR attempt.amount <> -line.amount)
)
ORDER BY 1
"""

# From the day of the first payment on, every day has a statement, perhaps an empty one. A gateway
# that is no longer in use needs none after its last payment.
STATEMENTS = """
SELECT span.gateway, count(*), count(*) FILTER (WHERE imported)
FROM (
    SELECT gateway, (min(created_at) AT TIME ZONE 'Asia/Shanghai')::date AS first_day,
        CASE WHEN gateway = %(gateway)s THEN %(day)s::date
            ELSE least(%(day)s::date, (max(ended_at) AT TIME ZONE 'Asia/Shanghai')::date)
        END AS last_day
    FROM withdrawals_attempt
    WHERE state = 'success' AND gateway NOT IN ('manual', 'ledger')
    GROUP BY gateway
) AS span
CROSS JOIN generate_series(span.first_day, span.last_day, '1 day') AS calendar (midnight)
CROSS JOIN LATERAL (
    SELECT EXISTS (
        SELECT FROM closing_providerstatement AS statement
        WHERE statement.gateway = span.gateway AND statement.day = calendar.midnight::date
    ) AS imported
) AS statement
GROUP BY span.gateway
HAVING NOT bool_and(imported)
ORDER BY 1
"""

# The closing balance of the last statement with lines, against the transfers of the provider
# account up to the last statement of that gateway, empty ones included. A transfer that was late
# for a closed month counts when it occurred; a top-up that is on a statement counts when the
# provider booked it; reversed documents do not count.
PROVIDER = """
WITH last AS (
    SELECT * FROM closing_providerstatement WHERE day <= %(day)s AND rows > 0
    ORDER BY day DESC, id DESC LIMIT 1
), covered AS (
    SELECT max(statement.day) AS until
    FROM closing_providerstatement AS statement JOIN last USING (gateway)
    WHERE statement.day <= %(day)s
), provider AS (
    SELECT id FROM ledger_account
    WHERE member_id IS NULL AND kind = 'provider_balance' AND asset = 'cash'
), sides AS (
    SELECT last.gateway || ' ' || last.day AS subject, last.closing_balance AS expected, (
        SELECT coalesce(sum(
            CASE WHEN debit_id = provider.id THEN transfer.amount ELSE -transfer.amount END
        ), 0)
        FROM provider
        JOIN ledger_transfer AS transfer ON provider.id IN (transfer.debit_id, transfer.credit_id)
        LEFT JOIN closing_treasurydocument AS document
            ON transfer.source_kind = 'closing.treasurydocument'
            AND document.id::text = transfer.source_id
        LEFT JOIN closing_statementline AS line ON line.document_id = document.id
        WHERE document.reversed_at IS NULL
            AND coalesce(line.at, transfer.occurred_at, transfer.effective_at)
                < (covered.until + 1)::timestamp AT TIME ZONE 'Asia/Shanghai'
    )::bigint AS actual
    FROM last, covered
)
SELECT subject, expected, actual FROM sides WHERE expected <> actual
"""

# The income of a payment counts for the tax of later ones, also where nothing was withheld.
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
    )::bigint AS expected, {_platform_balance(Kind.TAX_PAYABLE)} AS actual
)
SELECT 'tax_payable', expected, actual FROM sides WHERE expected <> actual
UNION ALL
SELECT 'released: ' || attempt.out_bill_no, entry.income, 0::bigint
FROM withdrawals_taxentry AS entry
JOIN withdrawals_attempt AS attempt ON attempt.id = entry.attempt_id
JOIN withdrawals_withdrawal AS withdrawal ON withdrawal.id = attempt.withdrawal_id
WHERE attempt.state = 'success' AND withdrawal.status = 'paid' AND entry.released_at IS NOT NULL
ORDER BY 1
"""

# The net of the withdrawals that were paid in store credit.
_CONVERTED = """(
    SELECT withdrawal.public_id, withdrawal.net
    FROM withdrawals_attempt AS attempt
    JOIN withdrawals_withdrawal AS withdrawal ON withdrawal.id = attempt.withdrawal_id
    WHERE attempt.gateway = 'ledger' AND attempt.state = 'success' AND withdrawal.status = 'paid'
)"""
# Cash that went away for each withdrawal, and the store credit that its member got for it. A credit
# that no withdrawal explains is a difference of the control of the expense.
CONVERSION = f"""
WITH cash AS (
    SELECT transfer.source_id AS public_id,
        sum(CASE WHEN credit_id = account.id THEN amount ELSE -amount END)::bigint AS amount
    FROM ledger_account AS account
    JOIN ledger_transfer AS transfer ON account.id IN (transfer.debit_id, transfer.credit_id)
    WHERE account.member_id IS NULL AND account.kind = '{Kind.CONVERSION}'
    GROUP BY 1
), sides AS (
    SELECT coalesce(converted.public_id, cash.public_id) AS public_id,
        coalesce(converted.net, 0) AS expected, coalesce(cash.amount, 0) AS cash,
        coalesce((
            SELECT issued.amount FROM ledger_transfer AS issued
            JOIN ledger_account AS wallet ON wallet.id = issued.credit_id
            WHERE issued.key = 'withdrawal:' || withdrawal.public_id || ':issued'
                AND wallet.kind = 'wallet' AND wallet.asset = '{Asset.STORE_CREDIT}'
                AND wallet.member_id = withdrawal.member_id
        ), 0) AS credit
    FROM {_CONVERTED} AS converted FULL JOIN cash USING (public_id)
    LEFT JOIN withdrawals_withdrawal AS withdrawal
        ON withdrawal.public_id = coalesce(converted.public_id, cash.public_id)
)
SELECT 'withdrawal ' || public_id, expected, CASE WHEN cash <> expected THEN cash ELSE credit END
FROM sides WHERE cash <> expected OR credit <> expected
ORDER BY 1
"""


def _expense_accounts() -> str:
    """Return the rows of subject, asset, account, and whether commissions or awards use it."""
    rows = [
        (str(asset), asset, kind, True, AWARD_KINDS[asset] == kind)
        for asset, kind in EXPENSE_KINDS.items()
    ]
    rows += [
        (f"awards {asset}", asset, kind, False, True)
        for asset, kind in AWARD_KINDS.items()
        if EXPENSE_KINDS[asset] != kind
    ]
    return ", ".join(
        f"('{subject}', '{asset}', '{kind}', {commissions}, {awards})"
        for subject, asset, kind, commissions, awards in rows
    )


# A credited commission's current amount is its credit with its changes, of which one may still wait
# to be credited; adjustments come on top.
_OF_COMMISSIONS = f"""
    coalesce((
        SELECT sum(current) FROM commissions_commission AS commission
        WHERE commission.asset = accounts.asset AND commission.status = 'credited'
    ), 0)::bigint - coalesce((
        SELECT sum(waiting.delta) FROM commissions_commissionchange AS waiting
        JOIN commissions_commission AS commission ON commission.id = waiting.commission_id
        WHERE commission.asset = accounts.asset
            AND waiting.delta > 0 AND waiting.settlement_id IS NULL
    ), 0)::bigint + coalesce((
        SELECT sum(CASE WHEN direction = 'to_member' THEN amount ELSE -amount END)
        FROM closing_adjustment AS adjustment
        WHERE adjustment.asset = accounts.asset AND adjustment.status = 'posted'
    ), 0)::bigint + CASE WHEN accounts.asset = '{Asset.STORE_CREDIT}' THEN coalesce((
        SELECT sum(net) FROM {_CONVERTED} AS converted
    ), 0)::bigint ELSE 0 END
"""
_OF_AWARDS = """
    coalesce((
        SELECT sum(posted) FROM incentives_award AS award WHERE award.asset = accounts.asset
    ), 0)::bigint
"""
EXPENSE = f"""
WITH sides AS (
    SELECT subject, CASE WHEN has_commissions THEN {_OF_COMMISSIONS} ELSE 0 END
        + CASE WHEN has_awards THEN {_OF_AWARDS} ELSE 0 END AS expected,
        -{_PLATFORM_BALANCE.format(kind="accounts.kind", asset="accounts.asset")} AS actual
    FROM (VALUES {_expense_accounts()})
        AS accounts (subject, asset, kind, has_commissions, has_awards)
)
SELECT subject, expected, actual FROM sides WHERE expected <> actual ORDER BY 1
"""

SUSPENSE = f"""
SELECT line.number, 0::bigint, line.amount
FROM closing_statementline AS line
WHERE line.status = 'suspended'
    AND line.at < %(end)s - make_interval(days => {MAX_DAYS_IN_SUSPENSE})
UNION ALL
SELECT 'suspense', expected, actual FROM (
    SELECT (
        SELECT coalesce(sum(amount), 0) FROM closing_statementline WHERE status = 'suspended'
    )::bigint AS expected, {_platform_balance(Kind.SUSPENSE)} AS actual
) AS sides
WHERE expected <> actual
ORDER BY 1
"""


def _sql_control(sql: str) -> Callable[[date], Rows]:
    def run(day: date) -> Rows:
        parameters: dict[str, Any] = {
            "day": day, "end": day_end(day), "gateway": settings.PAYOUT_GATEWAY,
        }  # fmt: skip
        with connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            yield from cursor.fetchall()

    return run


def _accounts(_: date) -> Rows:
    for difference in proof.differences():
        subject = f"{difference.kind} {difference.id}: {difference.rule}"
        yield subject, difference.expected, difference.actual


def _chain(_: date) -> Rows:
    broken = hash_chain.first_break()
    if broken:
        recorded = broken.recorded.transfer_count if broken.recorded else None
        yield f"{broken.month:%Y-%m}", recorded, broken.computed.transfer_count


CONTROLS: dict[Control, Callable[[date], Rows]] = {
    Control.ACCOUNTS: _accounts,
    Control.HELD: _sql_control(HELD),
    Control.CLEARING: _sql_control(CLEARING),
    Control.STATEMENT_LINES: _sql_control(STATEMENT_LINES),
    Control.STATEMENTS: _sql_control(STATEMENTS),
    Control.PROVIDER: _sql_control(PROVIDER),
    Control.CONVERSION: _sql_control(CONVERSION),
    Control.TAX: _sql_control(TAX),
    Control.EXPENSE: _sql_control(EXPENSE),
    Control.CREDITS: _sql_control(commission_controls.CREDITS),
    Control.QUEUE: _sql_control(commission_controls.QUEUE),
    Control.AMOUNTS: commission_controls.amounts,
    Control.REFUNDS: _sql_control(commission_controls.REFUNDS),
    Control.AWARDS: _sql_control(award_controls.AWARDS),
    Control.SUSPENSE: _sql_control(SUSPENSE),
    Control.CHAIN: _chain,
}


# These read every transfer or order: too slow to run while all postings are blocked.
SLOW_CONTROLS = frozenset({
    Control.ACCOUNTS, Control.CHAIN, Control.CREDITS, Control.QUEUE, Control.AMOUNTS,
    Control.REFUNDS, Control.AWARDS,
})  # fmt: skip


def findings(
    day: date, *, exclude: Collection[Control] = frozenset()
) -> dict[Control, list[Finding]]:
    """Run every control on the books up to the end of a day."""
    return {control: run_control(control, day) for control in CONTROLS if control not in exclude}


def run_control(control: Control, day: date) -> list[Finding]:
    """Run one control on the books up to the end of a day."""
    return [Finding(control, *row) for row in CONTROLS[control](day)]


def format_amount(minor: int | None, *, control: str, subject: str) -> str:
    """Format an amount in yuan; counts (points, statements, transfers) as plain numbers."""
    if minor is None:
        return "–"
    if control in COUNTING_CONTROLS or (control, subject) == (Control.EXPENSE, Asset.POINTS):
        return f"{minor:,}"
    return yuan_text(minor)


def day_end(day: date) -> datetime:
    return day_start(day + ONE_DAY)

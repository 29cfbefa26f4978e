"""Lock rows, or names where no row can be locked instead, all in one order."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.db.models import QuerySet

LOCK_ORDER = (
    ("orders_order",),
    ("members_member",),
    ("distribution_distributor", "distribution_distributorperiod"),
    ("distribution_binding",),
    ("distribution_purchasetotals",),
    ("promotions_coupon",),
    ("commissions_duecredit", "commissions_commissionhold"),
    ("ledger_period",),
    ("ledger_account",),
    ("withdrawals_withdrawal",),
    ("commissions_commission",),
    ("incentives_budget",),
)
"""The order in which every transaction locks rows of these tables, so that no two wait for each
other. Within a table rows are locked by ascending key.

* A lock that is taken with SKIP LOCKED may come at any place: it waits for nobody.
* Rows that are missing here are locked only under one of these: lines and refunds under their
  order, changes of commissions under their due row, payout attempts and tax years under the cash
  accounts of their member.
* Awards, their moves, contributions and progress are written under the advisory locks of their
  people only, see ``incentives.services.locks``. Budgets come last: everybody waits for them.
* ``ledger_period`` is the advisory lock that keeps the month open. It comes before the accounts,
  because a close that waits for it lets nobody pass.
* The import is the exception: it replays many facts in one transaction, and repeats the transaction
  after a deadlock.
* Before all others come the advisory locks of names that no row has yet, such as refund numbers.

Every test compares the statements of the verbs that it calls with this order: see
``tests/lock_order.py``. Locks of triggers are not in the statements; ``tests/races/test_soak.py``
runs all verbs at once.
"""


def lock_rows(rows: QuerySet[Any]) -> list[Any]:
    """Lock rows until the transaction ends, by ascending key, so that two never deadlock on them.

    A statement that waits for a lock returns the row as it was before: read in another one.

    :returns: their keys
    """
    locked = rows.order_by("pk").select_for_update(no_key=True, of=("self",))
    return list(locked.values_list("pk", flat=True))


def advisory_lock(*names: str) -> None:
    """Take the transaction's advisory locks of these names; wait for other holders.

    The locks end with the transaction. They are taken in a fixed order, so that two transactions
    cannot deadlock on them.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(name, 0))"
            " FROM (SELECT DISTINCT unnest(%s::text[]) AS name ORDER BY 1) AS in_order",
            [list(names)],
        )

"""Define the errors of postings and translate database errors into them."""

from __future__ import annotations

from typing import Any

from django.db import DatabaseError
from django.utils.translation import gettext_lazy as _

from common.errors import TwotierError, violated_constraint
from ledger.services import posting_sql as sql


class InsufficientFunds(TwotierError):
    code = "insufficient_funds"
    message = _("The account does not hold enough for this. Nothing has been moved.")
    internal = frozenset({"account"})


class KeyReused(TwotierError):
    code = "key_reused"
    message = _("“%(key)s” has already been posted with other content. Nothing has been moved.")


class PostingRejected(TwotierError):
    code = "posting_rejected"
    message = _("The ledger refuses this posting (%(rule)s). Nothing has been moved.")
    status = 422


BALANCE_CONSTRAINTS = {"account_balance_not_negative", "transfer_balances_not_negative"}
KEY_CONSTRAINT = "transfer_key_unique"


def translate_error(error: DatabaseError, cursor: Any) -> TwotierError | None:
    """Translate a database error of ``WRITE``; return ``None`` if no rule of the ledger caused it.

    The savepoint of ``WRITE`` has been rolled back; the staged postings and the locks remain.
    """
    rule = violated_constraint(error)
    if rule in BALANCE_CONSTRAINTS:
        cursor.execute(sql.FIND_OVERDRAFT)
        key, account, missing = cursor.fetchone()
        return InsufficientFunds(key=key, account=account, short_by=missing)
    if rule == KEY_CONSTRAINT:
        return KeyReused(key=rule)
    rule = rule or getattr(getattr(error.__cause__, "diag", None), "column_name", None) or ""
    if rule:
        return PostingRejected(rule=rule)
    return None

"""Prove the ledger and roll up the platform accounts every night."""

from __future__ import annotations

from datetime import datetime

from django.db import connection, transaction
from django.db.models import Max, Sum

from alarms.kinds import LEDGER_INCONSISTENT
from alarms.services import close_alarm, raise_alarm
from events.models import Reference
from events.services import record
from ledger import proof
from ledger.events import LEDGER_PROVED
from ledger.models import Account, Total, Transfer

PROOF = Reference("ledger", "proof")


@transaction.atomic
def prove(*, at: datetime) -> list[proof.Difference]:
    """Recompute the whole ledger and record the result as an event.

    :returns: the differences; empty if the ledger is sound
    """
    differences = proof.differences()
    record(
        LEDGER_PROVED,
        PROOF,
        at=at,
        transfers=Transfer.objects.aggregate(last=Max("id"))["last"] or 0,
        differences=[str(row) for row in differences],
    )
    if differences:
        raise_alarm(LEDGER_INCONSISTENT, PROOF, at=at, differences=len(differences))
    else:
        close_alarm(LEDGER_INCONSISTENT, PROOF, at=at)
    return differences


@transaction.atomic
def roll_up() -> int:
    """Store the sums of the platform accounts, so that reading a balance adds only later transfers.

    :returns: the id of the last transfer included
    """
    with connection.cursor() as cursor:
        # Ids are drawn before the commit. Once this lock is held, no posting is in progress, so
        # every transfer up to the highest id is visible. Postings wait only for this transaction.
        cursor.execute("SET LOCAL lock_timeout = '5s'")
        cursor.execute("LOCK TABLE ledger_transfer IN SHARE MODE")
    last: int = Transfer.objects.aggregate(last=Max("id"))["last"] or 0
    accounts = Account.objects.filter(member=None).values_list("pk", flat=True)
    totals = {total.account_id: total for total in Total.objects.all()}
    if set(totals) != set(accounts):
        totals = {}  # the chart has a new account: start from the first transfer
    since = min((total.last_transfer for total in totals.values()), default=0)
    credited = _sums("credit", since=since, last=last)
    debited = _sums("debit", since=since, last=last)
    zero = Total(credits=0, debits=0)
    Total.objects.bulk_create(
        [
            Total(
                account_id=account,
                credits=totals.get(account, zero).credits + credited.get(account, 0),
                debits=totals.get(account, zero).debits + debited.get(account, 0),
                last_transfer=last,
            )
            for account in accounts
        ],
        update_conflicts=True,
        unique_fields=["account"],
        update_fields=["credits", "debits", "last_transfer"],
    )
    return last


def _sums(side: str, *, since: int, last: int) -> dict[int, int]:
    tail = Transfer.objects.filter(id__gt=since, id__lte=last)
    sums = tail.values(side).annotate(sum=Sum("amount"))
    return dict(sums.values_list(side, "sum"))

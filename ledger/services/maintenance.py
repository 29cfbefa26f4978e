"""The ledger's night: it proves itself, and sums the platform's accounts up."""

from __future__ import annotations

from datetime import datetime

from django.db import connection, transaction
from django.db.models import Max, Sum

from events.models import Reference
from events.services import record
from ledger import proof
from ledger.events import LEDGER_PROVED
from ledger.models import Account, Total, Transfer

PROOF = Reference("ledger", "proof")


@transaction.atomic
def prove(*, at: datetime) -> list[proof.Difference]:
    """Recompute the whole ledger and record the result as a fact.

    :returns: the differences; empty when the ledger is sound
    """
    found = proof.differences()
    record(
        LEDGER_PROVED,
        PROOF,
        at=at,
        transfers=Transfer.objects.aggregate(last=Max("id"))["last"] or 0,
        differences=[str(each) for each in found],
    )
    return found


@transaction.atomic
def roll_up() -> int:
    """Sum the platform's accounts up to now, so that reading their balance needs only what follows.

    :returns: the number of the last transfer that is summed up
    """
    with connection.cursor() as cursor:
        # Numbers are drawn before the commit. Once this lock is there, no transfer is on its way,
        # and all up to the highest number are seen. Those that wait for it go on in a moment.
        cursor.execute("SET LOCAL lock_timeout = '5s'")
        cursor.execute("LOCK TABLE ledger_transfer IN SHARE MODE")
    last: int = Transfer.objects.aggregate(last=Max("id"))["last"] or 0
    accounts = Account.objects.filter(member=None).values_list("pk", flat=True)
    done = {total.account_id: total for total in Total.objects.all()}
    if set(done) != set(accounts):
        done = {}  # an account is new in the chart: sum all up from the beginning
    since = min((total.last_transfer for total in done.values()), default=0)
    credited = _sums("credit", since=since, last=last)
    debited = _sums("debit", since=since, last=last)
    nothing = Total(credits=0, debits=0)
    Total.objects.bulk_create(
        [
            Total(
                account_id=account,
                credits=done.get(account, nothing).credits + credited.get(account, 0),
                debits=done.get(account, nothing).debits + debited.get(account, 0),
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

"""Settlement as most shops write it: one commission at a time, through the ORM."""

from __future__ import annotations

from time import perf_counter
from typing import ClassVar

from django.db import connection, models, transaction
from django.utils import timezone

from benchmarks import naive
from benchmarks.naive import NaiveAccount, NaiveTransfer
from ledger.chart import Asset
from ledger.services import commission_payer

SAMPLE = 1_000


class NaiveEarning(models.Model):
    account = models.ForeignKey(NaiveAccount, models.PROTECT, related_name="+")
    amount = models.BigIntegerField()
    status = models.CharField(max_length=10, db_index=True)
    release_at = models.DateTimeField(db_index=True)
    credited_at = models.DateTimeField(null=True)

    objects: ClassVar[models.Manager[NaiveEarning]] = models.Manager()

    class Meta:
        app_label = "benchmarks"
        managed = False


def prepare() -> None:
    """Its tables, with the accounts of the ledger and all that is due."""
    naive.prepare()
    with connection.schema_editor() as editor:
        editor.create_model(NaiveEarning)
    table = NaiveEarning._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (id, account_id, amount, status, release_at)"
            " OVERRIDING SYSTEM VALUE"
            " SELECT commission_id, account_id, amount, 'protected', release_at"
            " FROM commissions_duecredit"
        )
        cursor.execute(f"ANALYZE {table}")


def settle() -> float:
    """A sample of what is due; rows a second."""
    prepare()
    paying = commission_payer(Asset.CASH).pk
    due = NaiveEarning.objects.filter(status="protected").order_by("release_at")
    sample = list(due.values_list("pk", "account")[:SAMPLE])
    started = perf_counter()
    for key, wallet in sample:
        with transaction.atomic():
            earning = NaiveEarning.objects.select_for_update().get(pk=key)
            if earning.status != "protected":
                continue
            account = NaiveAccount.objects.select_for_update().get(pk=wallet)
            account.balance += earning.amount
            account.save()
            NaiveTransfer.objects.create(
                key=f"commission:{key}:credit",
                debit_id=paying,
                credit=account,
                amount=earning.amount,
                reason="commission",
                source_kind="commissions.commission",
                source_id=str(key),
                effective_at=earning.release_at,
                balance_after=account.balance,
            )
            earning.status = "credited"
            earning.credited_at = timezone.now()
            earning.save()
    return len(sample) / (perf_counter() - started)

"""A ledger as most shops write it: a mutable balance, one row at a time, through the ORM."""

from __future__ import annotations

from time import perf_counter
from typing import ClassVar

from django.db import connection, models, transaction

from benchmarks.due_postings import NAIVE_SAMPLE, DuePosting


class NaiveAccount(models.Model):
    balance = models.BigIntegerField()

    objects: ClassVar[models.Manager[NaiveAccount]] = models.Manager()

    class Meta:
        app_label = "benchmarks"
        managed = False


class NaiveTransfer(models.Model):
    key = models.CharField(max_length=150, unique=True)
    debit = models.ForeignKey(NaiveAccount, models.PROTECT, related_name="+")
    credit = models.ForeignKey(NaiveAccount, models.PROTECT, related_name="+")
    amount = models.BigIntegerField()
    reason = models.CharField(max_length=12)
    source_kind = models.CharField(max_length=40)
    source_id = models.CharField(max_length=80)
    effective_at = models.DateTimeField()
    created_at = models.DateTimeField(auto_now_add=True)
    balance_after = models.BigIntegerField()

    objects: ClassVar[models.Manager[NaiveTransfer]] = models.Manager()

    class Meta:
        app_label = "benchmarks"
        managed = False


def prepare() -> None:
    """Its two tables, with the accounts of the ledger."""
    with connection.schema_editor() as editor:
        editor.create_model(NaiveAccount)
        editor.create_model(NaiveTransfer)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {NaiveAccount._meta.db_table} (id, balance) OVERRIDING SYSTEM VALUE"
            " SELECT id, 0 FROM ledger_account"
        )


def post() -> float:
    """A sample of the due rows; rows a second."""
    rows = list(DuePosting.objects.order_by("id")[:NAIVE_SAMPLE])
    started = perf_counter()
    for row in rows:
        with transaction.atomic():
            account = NaiveAccount.objects.select_for_update().get(pk=row.credit_id)
            account.balance += row.amount
            account.save()
            NaiveTransfer.objects.create(
                key=row.key,
                debit_id=row.debit_id,
                credit=account,
                amount=row.amount,
                reason=row.reason,
                source_kind=row.source_kind,
                source_id=row.source_id,
                effective_at=row.effective_at,
                balance_after=account.balance,
            )
    return len(rows) / (perf_counter() - started)

"""Create the postings that each way of the benchmarks posts."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

TRANSFERS, ACCOUNTS, NAIVE_SAMPLE = 100_000, 5_000, 1_000


class DuePosting(models.Model):
    """What is to be posted: rows as a settlement would find them."""

    key = models.TextField()
    debit_id = models.BigIntegerField()
    credit_id = models.BigIntegerField()
    amount = models.BigIntegerField()
    reason = models.TextField()
    source_kind = models.TextField()
    source_id = models.TextField()
    effective_at = models.DateTimeField()
    reverses_id = models.BigIntegerField(null=True)

    objects: ClassVar[models.Manager[DuePosting]] = models.Manager()

    class Meta:
        app_label = "benchmarks"
        managed = False
        db_table = "bench_due"


COLUMNS = [field.attname for field in DuePosting._meta.fields[1:]]
DUE_POSTINGS_SQL = f"""
CREATE TABLE bench_due AS
SELECT number AS id, 'commission:' || number || ':credit' AS key, {{expense}}::bigint AS debit_id,
    wallet.id AS credit_id, 100 + number % 977 AS amount, 'commission' AS reason,
    'commissions.commission' AS source_kind, number::text AS source_id,
    now() AS effective_at, NULL::bigint AS reverses_id
FROM generate_series(1, {TRANSFERS}) AS number
JOIN (
    SELECT id, row_number() OVER () - 1 AS place FROM ledger_account
    WHERE kind = 'wallet' AND asset = 'cash'
) AS wallet ON wallet.place = number * 7919::bigint % {ACCOUNTS}
ORDER BY number
"""

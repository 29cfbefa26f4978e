"""Move money. Every posting goes through ``transfer_many``."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from itertools import islice
from operator import attrgetter
from typing import Any, NamedTuple

from django.core.exceptions import EmptyResultSet
from django.db import DatabaseError, connection, transaction
from django.db.models import QuerySet

from ledger.chart import Reason
from ledger.models import Account, Transfer
from ledger.services import posting_sql as sql
from ledger.services.errors import KeyReused, translate_error

COPY_BATCH_SIZE = 5_000


class Source(NamedTuple):
    """The business object of a transfer, by kind and public id."""

    kind: str
    id: str


@dataclass(frozen=True, slots=True)
class Posting:
    """A transfer to post: ``amount`` minor units from the debited to the credited account."""

    key: str
    debit_id: int
    credit_id: int
    amount: int
    reason: Reason
    source_kind: str
    source_id: str
    effective_at: datetime
    reverses_id: int | None = None


# Not astuple, which copies each value deeply.
_columns_of = attrgetter(*(field.name for field in fields(Posting)))


class PostingQuery(NamedTuple):
    """A query with the columns of ``Posting``, in the same order; rows stay in the database."""

    sql: str
    params: tuple[Any, ...]


class PostingResult(NamedTuple):
    posted: int
    """New transfers, including recoveries of debt."""
    repeated: int
    """Postings that repeat an earlier one with the same key and content."""


def transfer(
    *,
    key: str,
    debit: Account,
    credit: Account,
    amount: int,
    reason: Reason,
    source: Source,
    effective_at: datetime,
) -> Transfer:
    """Move ``amount`` minor units from ``debit`` to ``credit``. Idempotent by ``key``.

    If the owner of a credited wallet has a debt, a second transfer with the key ``recover:{key}``
    moves the money on to the debt, up to the amount owed.

    :returns: the transfer; for a repeated key with the same content, the existing one
    :raises KeyReused: the key has been posted with other content
    :raises InsufficientFunds: an account would fall below zero
    :raises PostingRejected: amount not positive, assets differ, an account does not exist
    """
    transfer_many([Posting(key, debit.pk, credit.pk, amount, reason, *source, effective_at)])
    return Transfer.objects.get(key=key)


@transaction.atomic
def transfer_many(postings: Iterable[Posting] | QuerySet[Any, Any] | PostingQuery) -> PostingResult:
    """Post all postings in order, or none; see ``transfer``.

    Runs a constant number of statements. The rows of a ``PostingQuery``, or of a QuerySet whose
    ``values_list`` has the columns of ``Posting``, stay in the database; an iterable is streamed
    to it.

    :raises KeyReused, InsufficientFunds, PostingRejected: for the first invalid posting
    """
    with connection.cursor() as cursor:
        cursor.execute(sql.STAGE)
        cursor.execute(f"DELETE FROM ledger_staged; {sql.LOCK_PERIOD_SHARED}")
        _stage(cursor, postings)
        cursor.execute(sql.LOCK)
        repeated = _drop(cursor, sql.FIND_DUPLICATES, sql.DROP_DUPLICATES)
        repeated += _drop(cursor, sql.FIND_POSTED, sql.DROP_POSTED)
        cursor.execute(sql.FIND_DEBTS)
        has_debts, one_by_one = cursor.fetchone()
        if one_by_one:
            results = [transfer_many([posting]) for posting in _staged_postings(cursor)]
            return PostingResult(
                sum(result.posted for result in results),
                repeated + sum(result.repeated for result in results),
            )
        if has_debts:
            cursor.execute(sql.RECOVER)
        try:
            return PostingResult(_write(cursor), repeated)
        except KeyReused:
            # A concurrent transaction has posted the key, between accounts without locks.
            repeated += _drop(cursor, sql.FIND_POSTED, sql.DROP_POSTED)
            return PostingResult(_write(cursor), repeated)


def _stage(cursor: Any, postings: Iterable[Posting] | QuerySet[Any, Any] | PostingQuery) -> None:
    if isinstance(postings, QuerySet):
        try:
            postings = PostingQuery(*postings.query.sql_with_params())
        except EmptyResultSet:  # Django can tell without a query that there are no rows
            return
    if isinstance(postings, PostingQuery):
        cursor.execute(f"INSERT INTO ledger_staged ({sql.COLUMNS}) {postings.sql}", postings.params)
        return
    rows, staged = iter(postings), 0
    while batch := list(islice(rows, COPY_BATCH_SIZE)):
        staged += len(batch)
        text = io.StringIO()
        csv.writer(text).writerows(map(_columns_of, batch))
        text.seek(0)
        cursor.copy_expert(f"COPY ledger_staged ({sql.COLUMNS}) FROM STDIN (FORMAT csv)", text)
    cursor.execute("SELECT count(*) FROM ledger_staged")
    if cursor.fetchone() != (staged,):
        raise RuntimeError("a source of postings must not post itself: calls share a staging table")


def _staged_postings(cursor: Any) -> list[Posting]:
    cursor.execute(f"SELECT {sql.COLUMNS} FROM ledger_staged ORDER BY place")
    return [Posting(*row) for row in cursor.fetchall()]


def _drop(cursor: Any, find: str, drop: str) -> int:
    """Delete the staged postings that repeat others; return their number."""
    cursor.execute(find)
    count, differing = cursor.fetchone()
    if differing is not None:
        raise KeyReused(key=differing)
    if not count:
        return 0
    cursor.execute(drop)
    return int(cursor.rowcount)


def _write(cursor: Any) -> int:
    try:
        with transaction.atomic():
            cursor.execute(sql.WRITE)
            return int(cursor.rowcount)
    except DatabaseError as error:
        if rejection := translate_error(error, cursor):
            raise rejection from error
        raise

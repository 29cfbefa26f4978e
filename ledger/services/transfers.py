"""Moving money: every posting of the ledger goes through ``transfer_many``."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import astuple, dataclass
from datetime import datetime
from itertools import islice
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
    """What a transfer is for: a row of a room above, by kind and public id."""

    kind: str
    id: str


@dataclass(frozen=True, slots=True)
class Posting:
    """A transfer to be made: ``amount`` minor units from the debited to the credited account."""

    key: str
    debit_id: int
    credit_id: int
    amount: int
    reason: Reason
    source_kind: str
    source_id: str
    effective_at: datetime
    reverses_id: int | None = None


class PostingQuery(NamedTuple):
    """A query whose columns are those of ``Posting``, in its order; its rows never come here."""

    sql: str
    params: tuple[Any, ...]


class PostingResult(NamedTuple):
    posted: int
    """New transfers, recoveries of debt included."""
    repeated: int
    """Postings whose key had been posted before, with the same content."""


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
    """Move ``amount`` minor units from ``debit`` to ``credit``, once for each ``key``.

    Money that comes into a wallet whose owner owes is moved on to the debt, as much as is owed, by
    a second transfer with the key ``recover:{key}``.

    :returns: the transfer; the first one, when the key comes again with the same content
    :raises KeyReused: the key has been posted with other content
    :raises InsufficientFunds: an account would fall below zero
    :raises RefusedPosting: amount not positive, assets differ, an account does not exist
    """
    transfer_many([Posting(key, debit.pk, credit.pk, amount, reason, *source, effective_at)])
    return Transfer.objects.get(key=key)


@transaction.atomic
def transfer_many(postings: Iterable[Posting] | QuerySet[Any, Any] | PostingQuery) -> PostingResult:
    """Make all of the postings, in their order, or none; see ``transfer`` for each of them.

    Set-based: a few statements for any number. The rows of a ``PostingQuery``, or of a QuerySet
    whose ``values_list`` has the columns of ``Posting``, never leave the database; rows of an
    iterable are streamed in.

    :raises KeyReused, InsufficientFunds, RefusedPosting: for the first posting at fault
    """
    with connection.cursor() as cursor:
        cursor.execute(sql.STAGE)
        cursor.execute(f"DELETE FROM ledger_staged; {sql.LOCK_PERIOD_SHARED}")
        _stage(cursor, postings)
        cursor.execute(sql.LOCK)
        repeated = _drop(cursor, sql.FIND_DUPLICATES, sql.DROP_DUPLICATES)
        repeated += _drop(cursor, sql.FIND_POSTED, sql.DROP_POSTED)
        cursor.execute(sql.FIND_DEBTS)
        somebody_owes, one_by_one = cursor.fetchone()
        if one_by_one:
            done = [transfer_many([one]) for one in _staged(cursor)]
            return PostingResult(
                sum(each.posted for each in done), repeated + sum(each.repeated for each in done)
            )
        if somebody_owes:
            cursor.execute(sql.RECOVER)
        try:
            return PostingResult(_write(cursor), repeated)
        except KeyReused:
            # Another transaction has posted it just now, between accounts that are not locked.
            repeated += _drop(cursor, sql.FIND_POSTED, sql.DROP_POSTED)
            return PostingResult(_write(cursor), repeated)


def _stage(cursor: Any, postings: Iterable[Posting] | QuerySet[Any, Any] | PostingQuery) -> None:
    if isinstance(postings, QuerySet):
        try:
            postings = PostingQuery(*postings.query.sql_with_params())
        except EmptyResultSet:  # it is known without asking that there are none
            return
    if isinstance(postings, PostingQuery):
        cursor.execute(f"INSERT INTO ledger_staged ({sql.COLUMNS}) {postings.sql}", postings.params)
        return
    rows, staged = iter(postings), 0
    while some := list(islice(rows, COPY_BATCH_SIZE)):
        staged += len(some)
        text = io.StringIO()
        csv.writer(text).writerows(astuple(row) for row in some)
        text.seek(0)
        cursor.copy_expert(f"COPY ledger_staged ({sql.COLUMNS}) FROM STDIN (FORMAT csv)", text)
    cursor.execute("SELECT count(*) FROM ledger_staged")
    if cursor.fetchone() != (staged,):
        raise RuntimeError("what yields postings must not post itself: the stage is one")


def _staged(cursor: Any) -> list[Posting]:
    cursor.execute(f"SELECT {sql.COLUMNS} FROM ledger_staged ORDER BY place")
    return [Posting(*row) for row in cursor.fetchall()]


def _drop(cursor: Any, find: str, drop: str) -> int:
    """Drop the staged postings that repeat others; how many they are."""
    cursor.execute(find)
    found, differing = cursor.fetchone()
    if differing is not None:
        raise KeyReused(key=differing)
    if not found:
        return 0
    cursor.execute(drop)
    return int(cursor.rowcount)


def _write(cursor: Any) -> int:
    try:
        with transaction.atomic():
            cursor.execute(sql.WRITE)
            return int(cursor.rowcount)
    except DatabaseError as refused:
        if told := translate_error(refused, cursor):
            raise told from refused
        raise

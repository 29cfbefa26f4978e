"""Crediting: what is due comes into the wallets, exactly once, by any number of workers."""

from __future__ import annotations

from datetime import datetime

import structlog
from django.db import DatabaseError, OperationalError, connection, transaction
from django.db.models import BigIntegerField, Case, CharField, Value, When
from django.db.models.functions import Cast, Concat

from commissions.models import Commission, Due, Held, Settlement
from commissions.payers import PAYERS, payer
from commissions.services.holding import hold
from commissions.services.queue import bucket
from common.errors import TwotierError
from distribution.models import Distributor
from events.services import happened
from ledger.chart import Reason
from ledger.services import transfer_many

log = structlog.get_logger(__name__)

ROWS_AT_ONCE = 5_000


class Mismatch(Exception):
    """A queued amount is not what the commission says: it is held for a person to look at."""


def settle(*, at: datetime, most: int = ROWS_AT_ONCE) -> int:
    """Credit one batch of what is due; call it again until it answers 0.

    A batch that fails is halved until the bad row stands alone; that one is held with the error.

    :returns: how many rows have left the queue, credited or held
    """
    with transaction.atomic():
        keys = _pick(at, most)
        if not keys:
            return 0
        not_now = _hold_frozen(keys, at=at)
        _or_halves([key for key in keys if key not in not_now], at)
        return len(keys) - Due.objects.filter(pk__in=not_now).count()


def _pick(at: datetime, most: int) -> list[int]:
    # By hour and account: a batch has many rows of few accounts, and two workers have others.
    due = Due.objects.filter(bucket__lte=bucket(at), release_at__lte=at)
    locked = due.order_by("bucket", "account").select_for_update(skip_locked=True)
    return list(locked.values_list("pk", flat=True)[:most])


def _hold_frozen(keys: list[int], *, at: datetime) -> set[int]:
    """Set aside what belongs to frozen distributors; which of ``keys`` are not to be credited now.

    Their rows stay locked until that is written: whoever lifts the freeze waits, and so finds what
    was set aside. Whose status is just being changed is left in the queue for the next time.
    """
    picked = Commission.objects.filter(pk__in=keys)
    frozen = Distributor.objects.filter(status=Distributor.Status.FROZEN)
    suspects = set(frozen.filter(commissions__in=picked).values_list("pk", flat=True))
    if not suspects:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM distribution_distributor WHERE id = ANY (%s)"
            " ORDER BY id FOR SHARE SKIP LOCKED",
            [sorted(suspects)],
        )
        still = frozen.filter(pk__in=[pk for (pk,) in cursor.fetchall()])
    hold(picked.filter(distributor__in=still), reason=Held.Reason.FROZEN, at=at)
    return set(picked.filter(distributor__in=suspects).values_list("pk", flat=True))


def _or_halves(keys: list[int], at: datetime) -> None:
    if not keys:
        return
    try:
        with transaction.atomic():
            _credit(keys, at)
        return
    except OperationalError:
        raise
    except (DatabaseError, TwotierError, Mismatch) as failure:  # a bad row; a bug stops us all
        if len(keys) == 1:
            log.exception("commission_not_credited", commission=keys[0])
            detail = f"{type(failure).__name__}: {failure}".replace("\0", "")
            row = Commission.objects.filter(pk__in=keys)
            hold(row, reason=Held.Reason.FAULT, at=at, detail=detail)
            return
    middle = len(keys) // 2
    _or_halves(keys[:middle], at)
    _or_halves(keys[middle:], at)


def _credit(keys: list[int], at: datetime) -> None:
    due = Due.objects.filter(pk__in=keys)
    payers = [When(asset=asset, then=Value(payer(asset).pk)) for asset in PAYERS]
    number = Cast("pk", CharField())
    transfer_many(
        due.order_by("account", "pk").values_list(
            Concat(Value("commission:"), number, Value(":credit")),
            Case(*payers, output_field=BigIntegerField()),
            "account",
            "amount",
            Value(Reason.COMMISSION.value),
            Value("commissions.commission"),
            number,
            Value(at),
            Value(None, output_field=BigIntegerField()),
        )
    )
    settlement = Settlement.objects.create(at=at, count=len(keys))
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE commissions_commission AS commission"
            " SET status = 'credited', settlement_id = %s"
            " FROM commissions_due AS due"
            " WHERE due.commission_id = ANY (%s) AND commission.id = due.commission_id"
            "   AND commission.status = 'protected' AND commission.current = due.amount",
            [settlement.pk, keys],
        )
        if cursor.rowcount != len(keys):
            raise Mismatch(f"{len(keys) - cursor.rowcount} of {len(keys)} differ from the queue")
    due.delete()
    happened("commissions.credited", settlement, at=at, count=len(keys))

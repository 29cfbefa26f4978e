"""Close a month: two people sign, the ledger rejects further transfers, the month is hashed."""

from __future__ import annotations

import time
from datetime import date, datetime

from django.db import IntegrityError, OperationalError, connection, transaction
from django.utils.translation import gettext_lazy as _
from psycopg2.errors import LockNotAvailable

from common.errors import TwotierError, violated_constraint
from events.services import record
from ledger import hash_chain, months
from ledger.events import LEDGER_PERIOD_CLOSED, LEDGER_PERIOD_HASHED, LEDGER_PERIOD_SIGNED
from ledger.models import Period
from ledger.services import posting_sql as sql
from members.models import User
from members.reviews import require_may_review


class MonthOutOfOrder(TwotierError):
    code = "month_out_of_order"
    message = _("Months are closed one after the other, once they are over. The next is %(next)s.")


class MonthNotOver(MonthOutOfOrder):
    code = "month_not_over"
    message = _("%(month)s is not over yet. It can be closed from %(from)s.")


class AlreadySigned(TwotierError):
    code = "already_signed"
    message = _("Two different people sign. Ask a colleague for the other signature.")


class AlreadyClosed(TwotierError):
    code = "already_closed"
    message = _("%(month)s is closed. Nothing was changed.")


class PostingsInProgress(TwotierError):
    code = "postings_in_progress"
    message = _(
        "Long postings are in progress, so the month could not be closed. Nothing was changed:"
        " try again in a minute."
    )
    status = 503


CLOSE_ATTEMPTS = 40
CLOSE_WAIT_MS = 250


def require_next_month(*, month: date, at: datetime) -> None:
    """Raise an error unless ``month`` is the next month to close.

    :raises MonthOutOfOrder: the previous month is open
    :raises MonthNotOver: it is not over
    :raises AlreadyClosed: the month is closed
    """
    if Period.objects.filter(month=month, closed_at__isnull=False).exists():
        raise AlreadyClosed(month=f"{month:%Y-%m}")
    if month != (expected := months.next_month_to_close(at)):
        raise MonthOutOfOrder(next=f"{expected:%Y-%m}")
    if at < months.month_end(month):
        raise MonthNotOver(
            month=f"{month:%Y-%m}", **{"from": f"{months.next_month(month):%Y-%m-%d}"}
        )


def block_postings() -> None:
    """Wait for postings in progress, and block new ones until this transaction ends.

    Every posting queues behind a close that waits. So it waits a quarter of a second at most,
    lets the queue go, and tries again.

    :raises PostingsInProgress: a posting took longer than all the attempts
    """
    for _attempt in range(CLOSE_ATTEMPTS):
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL lock_timeout = {CLOSE_WAIT_MS}")
                cursor.execute(sql.LOCK_PERIOD_EXCLUSIVE)
                cursor.execute("SET LOCAL lock_timeout TO DEFAULT")
                return
        except OperationalError as error:
            if not isinstance(error.__cause__, LockNotAvailable):
                raise
        time.sleep(CLOSE_WAIT_MS / 1000)
    raise PostingsInProgress


@transaction.atomic
def sign_period(*, month: date, by: User, at: datetime) -> Period:
    """Sign the close of a month. The second signature, by another person, closes it.

    Closing waits for postings in progress; later postings are effective from the first moment of
    the next month. The caller checks that the month may be closed.

    :param month: the first day of the month
    :raises MonthOutOfOrder: the previous month is open, or the month is not over
    :raises AlreadySigned: the same person has signed already
    :raises ReviewTooEarly: the account of ``by`` has just changed
    :raises AlreadyClosed: the month is closed
    """
    require_may_review(by.pk)
    period = Period.objects.select_for_update(no_key=True).filter(month=month).first()
    require_next_month(month=month, at=at)
    try:
        with transaction.atomic():
            return _save_signature(period, month, months.month_end(month), by=by, at=at)
    except IntegrityError as error:
        if violated_constraint(error) not in {
            "period_four_eyes", "ledger_period_month_key",
        }:  # fmt: skip
            raise
        raise AlreadySigned from error


def _save_signature(
    period: Period | None, month: date, ends_at: datetime, *, by: User, at: datetime
) -> Period:
    member = by.member_id or 0
    if period is None:
        period = Period.objects.create(
            month=month,
            ends_at=ends_at,
            first_signer=by,
            first_signer_member=member,
            first_signed_at=at,
        )
        record(LEDGER_PERIOD_SIGNED, period, at=at, by=by, month=month)
        return period
    block_postings()
    period.second_signer, period.second_signer_member, period.closed_at = by, member, at
    period.save(update_fields=["second_signer", "second_signer_member", "closed_at"])
    record(LEDGER_PERIOD_CLOSED, period, at=at, by=by, month=month)
    return period


@transaction.atomic
def hash_period(*, period: Period, at: datetime) -> Period:
    """Save the hash of a closed month, chained to the month before. Idempotent."""
    period = Period.objects.select_for_update(no_key=True).get(pk=period.pk)
    assert period.closed_at, "an open month has no hash"
    if period.hashed_at is None:
        before = Period.objects.filter(month__lt=period.month).order_by("-month").first()
        computed = hash_chain.compute_period_hash(period, before)
        period.hashed_at, period.transfer_count = at, computed.transfer_count
        period.content_hash, period.chain_hash = computed.content_hash, computed.chain_hash
        period.save(update_fields=["hashed_at", "transfer_count", "content_hash", "chain_hash"])
        record(
            LEDGER_PERIOD_HASHED, period, at=at,
            month=period.month, transfers=computed.transfer_count, chain=computed.chain_hash,
        )  # fmt: skip
    return period

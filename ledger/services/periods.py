"""Closing a month for good: two sign, nothing is effective in it any more, and it is sealed."""

from __future__ import annotations

from datetime import date, datetime

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext_lazy as _

from common import refused
from common.errors import TwotierError
from events.services import happened
from ledger import chain, months
from ledger.models import Period
from ledger.services import posting as sql
from members.models import User


class NotTheNextMonth(TwotierError):
    code = "not_the_next_month"
    message = _("Months are closed one after the other, once they are over. The next is %(next)s.")


class AlreadySigned(TwotierError):
    code = "already_signed"
    message = _("Two different people sign. Ask a colleague for the other signature.")


class AlreadyClosed(TwotierError):
    code = "already_closed"
    message = _("%(month)s is closed. Nothing was changed.")


def expect_next(*, month: date, at: datetime) -> None:
    """:raises NotTheNextMonth: the one before is open, or it is not over
    :raises AlreadyClosed: it is closed
    """
    if Period.objects.filter(month=month, closed_at__isnull=False).exists():
        raise AlreadyClosed(month=f"{month:%Y-%m}")
    if month != (expected := months.next_to_close(at)) or at < months.end_of(month):
        raise NotTheNextMonth(next=f"{expected:%Y-%m}")


def stop_postings() -> None:
    """Wait for every posting that is on its way; none begins before this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(sql.CLOSE_PERIOD)


@transaction.atomic
def sign(*, month: date, by: User, at: datetime) -> Period:
    """Sign the close of a month. The second signature, by another person, closes it.

    Closing waits for every posting that is on its way; those that come later count from the first
    moment of the next month. Whether the month may be closed is known by whoever calls.

    :param month: its first day
    :raises NotTheNextMonth: the one before is open, or it is not over
    :raises AlreadySigned: by the same person
    :raises AlreadyClosed: it is closed
    """
    period = Period.objects.select_for_update(no_key=True).filter(month=month).first()
    expect_next(month=month, at=at)
    try:
        with transaction.atomic():
            return _signed(period, month, months.end_of(month), by=by, at=at)
    except IntegrityError as error:
        if refused.by(error) not in {
            "period_signed_by_different_people", "ledger_period_month_key",
        }:  # fmt: skip
            raise
        raise AlreadySigned from error


def _signed(
    period: Period | None, month: date, ends_at: datetime, *, by: User, at: datetime
) -> Period:
    member = by.member_id or 0
    if period is None:
        period = Period.objects.create(
            month=month, ends_at=ends_at, first_signer=by, first_member=member, first_at=at
        )
        happened("ledger.period_signed", period, at=at, by=by, month=month)
        return period
    stop_postings()
    period.second_signer, period.second_member, period.closed_at = by, member, at
    period.save(update_fields=["second_signer", "second_member", "closed_at"])
    happened("ledger.period_closed", period, at=at, by=by, month=month)
    return period


@transaction.atomic
def seal(*, period: Period, at: datetime) -> Period:
    """Keep the hash of a closed month, chained to the month before. Again: the first one."""
    period = Period.objects.select_for_update(no_key=True).get(pk=period.pk)
    assert period.closed_at, "an open month has no hash"
    if period.sealed_at is None:
        before = Period.objects.filter(month__lt=period.month).order_by("-month").first()
        made = chain.seal_of(period, before)
        period.sealed_at, period.transfers = at, made.transfers
        period.content, period.chain = made.content, made.chain
        period.save(update_fields=["sealed_at", "transfers", "content", "chain"])
        happened(
            "ledger.period_sealed", period, at=at,
            month=period.month, transfers=made.transfers, chain=made.chain,
        )  # fmt: skip
    return period

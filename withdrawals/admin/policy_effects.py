"""Say in numbers which withdrawals a change of the payout policy touches."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db.models import BigIntegerField, Count, F, Q, QuerySet, Sum, Value
from django.db.models.functions import TruncDate, TruncMonth
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backoffice.impacts import Effect, register
from backoffice.settings_index import Change
from common.clock import SHANGHAI
from common.money import BASIS_POINTS, yuan_text
from withdrawals.models import Payee, PayoutAuthorization, Withdrawal

SAMPLE = timedelta(days=30)
NOT_PAID = ("rejected", "cancelled", "failed", "returned")


def count_withdrawals(count: int) -> str:
    text = ngettext("%(count)s withdrawal", "%(count)s withdrawals", count)
    return text % {"count": f"{count:,}"}


def count_members(count: int) -> str:
    return ngettext("%(count)s member", "%(count)s members", count) % {"count": f"{count:,}"}


def _recent(at: datetime) -> QuerySet[Withdrawal]:
    return Withdrawal.objects.filter(requested_at__gte=at - SAMPLE, requested_at__lte=at)


def _in_review() -> QuerySet[Withdrawal]:
    return Withdrawal.objects.filter(status__in=Withdrawal.IN_REVIEW)


def _sums(rows: QuerySet[Withdrawal]) -> tuple[str, str]:
    """Return the number of withdrawals in words, and their amount."""
    found = rows.aggregate(count=Count("pk"), gross=Sum("gross", default=0))
    return count_withdrawals(found["count"]), yuan_text(found["gross"])


def _of_last_month(rows: QuerySet[Withdrawal]) -> Effect:
    count, amount = _sums(rows)
    text = _("of the last 30 days, %(amount)s together, would be refused.")
    return Effect(count, text % {"amount": amount})


@register("withdrawals.policy.min_amount", order=10)
def below_minimum(change: Change, at: datetime) -> Iterator[Effect]:
    yield _of_last_month(_recent(at).filter(gross__lt=change.after))


@register("withdrawals.policy.max_amount", order=10)
def above_maximum(change: Change, at: datetime) -> Iterator[Effect]:
    yield _of_last_month(_recent(at).filter(gross__gt=change.after))


def _above(part: Callable[..., Any], limit: int, at: datetime) -> int:
    """Return how many members asked for more than a limit within a day or month."""
    counted = _recent(at).exclude(status__in=NOT_PAID)
    sums = counted.values("member", part=part("requested_at", tzinfo=SHANGHAI))
    above = sums.annotate(sum=Sum("gross")).filter(sum__gt=limit).order_by()
    return above.values("member").distinct().count()


@register("withdrawals.policy.max_per_day", order=10)
def above_daily(change: Change, at: datetime) -> Iterator[Effect]:
    text = _("asked for more on a day of the last 30.")
    yield Effect(count_members(_above(TruncDate, change.after, at)), text)


@register("withdrawals.policy.max_per_month", order=10)
def above_monthly(change: Change, at: datetime) -> Iterator[Effect]:
    text = _("asked for more in a month, within the last 30 days.")
    yield Effect(count_members(_above(TruncMonth, change.after, at)), text)


@register("withdrawals.policy.fee", order=10)
def fees(change: Change, at: datetime) -> Iterator[Effect]:
    counted = _recent(at).exclude(status__in=NOT_PAID)
    rate = Value(change.after, BigIntegerField())
    found = counted.aggregate(now=Sum("fee", default=0), then=Sum(F("gross") * rate / BASIS_POINTS))
    text = _("of fees for the withdrawals of the last 30 days, in place of %(now)s.")
    yield Effect(yuan_text(found["then"] or 0), text % {"now": yuan_text(found["now"])})
    count, amount = _sums(Withdrawal.objects.open())
    text = _("that are open, %(amount)s together, keep the fee of their request.")
    yield Effect(count, text % {"amount": amount})


@register("withdrawals.policy.second_finance_threshold", order=10)
def two_reviewers(change: Change, _at: datetime) -> Iterator[Effect]:
    needed = Q(needs_second_finance=True)
    if change.after is not None:
        needed |= Q(gross__gte=change.after)
    count, amount = _sums(_in_review().filter(needed))
    text = _("in review, %(amount)s together, will need two reviewers of finance.")
    yield Effect(count, text % {"amount": amount})


@register("withdrawals.policy.id_number_threshold", order=10)
def id_numbers(change: Change, at: datetime) -> Iterator[Effect]:
    asked = _recent(at).exclude(status__in=NOT_PAID).values("member").annotate(sum=Sum("gross"))
    above = asked.filter(sum__gte=change.after, member__person__id_number_encrypted="")
    text = _("asked for so much in the last 30 days without an ID number.")
    yield Effect(count_members(above.order_by().count()), text)


@register("withdrawals.policy.store_credit", order=10)
def conversions(change: Change, _at: datetime) -> Iterator[Effect]:
    if change.after:
        return
    channel = Payee.Channel.STORE_CREDIT
    count, amount = _sums(Withdrawal.objects.open().filter(payee__channel=channel))
    text = _("into store credit, %(amount)s together, stop until it is on again.")
    yield Effect(count, text % {"amount": amount})


@register("withdrawals.policy.authorizations", order=10)
def authorizations(change: Change, _at: datetime) -> Iterator[Effect]:
    if not change.after:
        live = PayoutAuthorization.objects.live().count()
        yield Effect(count_members(live), _("have allowed it: what they allowed stays in effect."))


@register("withdrawals.policy.review_hours", order=10)
def late_reviews(change: Change, at: datetime) -> Iterator[Effect]:
    before, after = (
        _in_review().filter(requested_at__lte=at - timedelta(hours=count)).count()
        for count in (change.before, change.after)
    )
    text = _("will be shown as late (now: %(before)s).")
    yield Effect(count_withdrawals(after), text % {"before": f"{before:,}"})


@register("withdrawals.policy.ready_days", order=10)
def uncollected(change: Change, at: datetime) -> Iterator[Effect]:
    ready = Withdrawal.objects.filter(status=Withdrawal.Status.READY_TO_COLLECT)
    count, amount = _sums(ready.filter(ready_at__lte=at - timedelta(days=change.after)))
    text = _("will be cancelled within the hour; %(amount)s goes back to the wallets.")
    yield Effect(count, text % {"amount": amount})


@register("withdrawals.policy.regime", order=10)
def reviews_that_restart(_change: Change, _at: datetime) -> Iterator[Effect]:
    rows = Withdrawal.objects.filter(status__in=Withdrawal.BEFORE_PAYING)
    count, amount = _sums(rows)
    text = _("not paid yet, %(amount)s together, are taxed by it, and their reviews start again.")
    yield Effect(count, text % {"amount": amount})

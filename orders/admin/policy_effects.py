"""Say in numbers which orders and refunds a change of the order policy touches."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backoffice.impacts import Effect, register
from backoffice.settings_index import Change, days
from distribution.models import Distributor
from orders.models import Order, Policy, Refund

SAMPLE = timedelta(days=30)
REFUNDS = timedelta(days=90)


def count_orders(count: int) -> str:
    return ngettext("%(count)s order", "%(count)s orders", count) % {"count": f"{count:,}"}


def count_refunds(count: int) -> str:
    return ngettext("%(count)s refund", "%(count)s refunds", count) % {"count": f"{count:,}"}


@register("orders.policy.protection_days", order=10)
def protected_orders(change: Change, at: datetime) -> Iterator[Effect]:
    protected = Order.objects.filter(completed_at=None, release_at__isnull=False).count()
    yield Effect(count_orders(protected), _("in protection now keep the end that they have."))
    yield from _late_refunds(change, at)


def _late_refunds(change: Change, at: datetime) -> Iterator[Effect]:
    """Say how many recent refunds came after the protection, with the new and the old days."""
    recent = Refund.objects.filter(
        requested_at__gte=at - REFUNDS, requested_at__lte=at, line__order__received_at__isnull=False
    )
    received = F("line__order__received_at")
    late = {
        count: recent.filter(requested_at__gt=received + timedelta(days=count)).count()
        for count in (change.before, change.after)
    }
    if any(late.values()):
        yield Effect(
            count_refunds(late[change.after]),
            _(
                "of the last 90 days came later than %(days)s after receipt, so that commission"
                " would have to be taken back (now: %(before)s)."
            )
            % {"days": days(change.after), "before": f"{late[change.before]:,}"},
        )


@register("orders.policy.self_purchase", order=10)
def own_orders(change: Change, at: datetime) -> Iterator[Effect]:
    recent = Order.objects.filter(placed_at__gte=at - SAMPLE, placed_at__lte=at)
    own = recent.filter(buyer__in=Distributor.objects.values("member")).count()
    if change.after == Policy.SelfPurchase.SELF:
        text = _("by distributors themselves in the last 30 days; now these pay the buyer.")
    else:
        text = _("by distributors themselves in the last 30 days; now these pay the upline.")
    yield Effect(count_orders(own), text)


@register("orders.policy.refund_alarm_days", order=10)
def overdue_refunds(change: Change, at: datetime) -> Iterator[Effect]:
    before, after = (
        Refund.objects.overdue(at - timedelta(days=count)).count()
        for count in (change.before, change.after)
    )
    text = _("will be overdue and in the alarm (now: %(before)s).")
    yield Effect(count_refunds(after), text % {"before": f"{before:,}"})


@register("orders.policy.receipt_alarm_days", order=10)
def overdue_receipts(change: Change, at: datetime) -> Iterator[Effect]:
    before, after = (
        Order.objects.not_received_since(at - timedelta(days=count)).count()
        for count in (change.before, change.after)
    )
    text = _("will be overdue and in the alarm (now: %(before)s).")
    yield Effect(count_orders(after), text % {"before": f"{before:,}"})


@register("orders.policy.assumed_receipt_days", order=10)
def assumed_receipts(change: Change, at: datetime) -> Iterator[Effect]:
    if change.after is None:
        waiting = Order.objects.not_received_since(at).count()
        text = _("on their way wait until the mall reports a receipt.")
        yield Effect(count_orders(waiting), text)
        return
    long_ago = Order.objects.not_received_since(at - timedelta(days=change.after)).count()
    text = _("will count as received within the hour, and their protection begins.")
    yield Effect(count_orders(long_ago), text)

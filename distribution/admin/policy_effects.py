"""Say in numbers whom a change of the distribution policy touches."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce, Greatest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backoffice.impacts import Effect, register
from backoffice.settings_index import Change, days, people
from distribution.models import (
    Application,
    Binding,
    Distributor,
    Policy,
    PurchaseTotals,
    Referral,
)

SAMPLE = timedelta(days=30)


def count_bindings(count: int) -> str:
    return ngettext("%(count)s binding", "%(count)s bindings", count) % {"count": f"{count:,}"}


def count_applications(count: int) -> str:
    text = ngettext("%(count)s application", "%(count)s applications", count)
    return text % {"count": f"{count:,}"}


def count_referrals(count: int) -> str:
    return ngettext("%(count)s referral", "%(count)s referrals", count) % {"count": f"{count:,}"}


@register("distribution.policy.applications", order=10)
def applications(change: Change, at: datetime) -> Iterator[Effect]:
    waiting = Application.objects.filter(status=Application.Status.SUBMITTED).count()
    recent = Application.objects.filter(submitted_at__gte=at - SAMPLE, submitted_at__lte=at).count()
    if waiting:
        text = _("that wait now stay in the queue for a person to decide.")
        yield Effect(count_applications(waiting), text)
    if change.after == Policy.Applications.OPEN:
        text = _("came in the last 30 days; from now on they are approved without a review.")
    else:
        text = _("came in the last 30 days; from now on they wait for a review.")
    yield Effect(count_applications(recent), text)


@register("distribution.policy.fast_track_spend", order=10)
def fast_track_by_spend(change: Change, _at: datetime) -> Iterator[Effect]:
    if change.after is None:
        return
    reached = PurchaseTotals.objects.filter(protected_spend__gte=change.after)
    reached = reached.exclude(member__in=Distributor.objects.values("member"))
    yield Effect(people(reached.count()), _("reach it now: if they apply, they need no review."))


@register("distribution.policy.fast_track_buyers", order=10)
def fast_track_by_buyers(change: Change, _at: datetime) -> Iterator[Effect]:
    if change.after is None:
        return
    buyers = Referral.objects.filter(member__purchase_totals__protected_orders__gt=0)
    buyers = buyers.exclude(referrer__in=Distributor.objects.values("member"))
    reached = buyers.values("referrer").annotate(n=Count("pk")).filter(n__gte=change.after)
    yield Effect(people(reached.count()), _("reach it now: if they apply, they need no review."))


@register("distribution.policy.binding_trigger", order=10)
def pending_referrals(change: Change, _at: datetime) -> Iterator[Effect]:
    bound = Binding.objects.filter(member=OuterRef("member"))
    pending = Referral.objects.filter(~Exists(bound)).count()
    if change.after == Policy.BindingTrigger.FIRST_ORDER:
        text = _("were referred and never bound: they bind with their first order.")
    else:
        text = _("were referred and never bound: they bind at their next visit, not by an order.")
    yield Effect(people(pending), text)


@register("distribution.policy.binding_audience", order=10)
def referrals_of_old_members(change: Change, at: datetime) -> Iterator[Effect]:
    recent = Referral.objects.filter(at__gte=at - SAMPLE, at__lte=at)
    old = recent.filter(member__joined_at__lt=F("at")).count()
    if change.after == Policy.BindingAudience.NEW:
        text = _(
            "of the last 30 days are of members who had joined before; from now on these bind"
            " nobody."
        )
    else:
        text = _("of the last 30 days are of members who had joined before; from now on these do.")
    yield Effect(count_referrals(old), text)


@register("distribution.policy.binding_days", order=10)
def bindings_that_stay(change: Change, at: datetime) -> Iterator[Effect]:
    in_force = Binding.objects.in_force(at)
    text = _("in force keep the end that they have.")
    yield Effect(count_bindings(in_force.count()), text)
    recent = in_force.filter(started_at__gte=at - SAMPLE).count()
    if change.after is None:
        text = _("began in the last 30 days; from now on they have no end.")
    else:
        text = _("began in the last 30 days; from now on they end after %(days)s.") % {
            "days": days(change.after)
        }
    yield Effect(count_bindings(recent), text)


@register("distribution.policy.renewed_by_orders", order=10)
def bindings_to_renew(change: Change, at: datetime) -> Iterator[Effect]:
    ending = Binding.objects.in_force(at).filter(expires_at__isnull=False).count()
    if change.after:
        text = _("with an end are extended by the next order of their member.")
    else:
        text = _("with an end run to it, however often their member orders.")
    yield Effect(count_bindings(ending), text)


@register("distribution.policy.poach_after_days", order=10)
def idle_bindings(change: Change, at: datetime) -> Iterator[Effect]:
    if change.before is not None:
        open_now = _idle(at - timedelta(days=change.before)).count()
        yield Effect(count_bindings(open_now), _("are open to another distributor until now."))
    if change.after is None:
        yield Effect(count_bindings(0), _("will be open to another distributor."))
        return
    idle = _idle(at - timedelta(days=change.after)).count()
    text = _("without an order for so long: a share of another distributor takes over at once.")
    yield Effect(count_bindings(idle), text)


def _idle(since: datetime) -> QuerySet[Binding]:
    """Return the running bindings of members who have not ordered since then."""
    last_order = F("member__purchase_totals__last_order_at")
    idle_since = Greatest("started_at", Coalesce(last_order, F("started_at")))
    return Binding.objects.running().alias(idle_since=idle_since).filter(Q(idle_since__lte=since))

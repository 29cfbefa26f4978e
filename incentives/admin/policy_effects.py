"""Say in numbers what a change of the settings of incentives touches."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Count, Q, Sum
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backoffice.impacts import Effect, register
from backoffice.settings_index import Change
from common.money import yuan_text
from incentives.models import Audience, Award, PeriodClosing, Reward, Version
from incentives.worst_case import worst_case
from ledger.chart import Asset

SAMPLE = timedelta(days=90)
MOST = 50
"""How many running incentives the worst case is computed for."""


def count_incentives(count: int) -> str:
    return ngettext("%(count)s incentive", "%(count)s incentives", count) % {"count": f"{count:,}"}


@register("incentives.policy.most_of_an_order", order=10)
def above_the_most(change: Change, at: datetime) -> Iterator[Effect]:
    """Say how many running incentives could not be published again."""
    running = Version.objects.running(at).prefetch_related("rewards").select_related("incentive")
    cases = [worst_case(row, list(row.rewards.all()), at=at) for row in running[:MOST]]
    above = sum(case.total > change.after for case in cases)
    text = _("that run give more at worst: their awards are cut order by order.")
    yield Effect(count_incentives(above), text)


@register("incentives.policy.pays_members_cash", order=10)
def cash_for_members(change: Change, at: datetime) -> Iterator[Effect]:
    """Say how many running incentives give cash to people who need not be distributors."""
    of_members = Q(audience=Audience.EVERYONE) | Q(rewards__side=Reward.Side.FRIEND)
    paying = Version.objects.running(at).filter(of_members, rewards__asset=Asset.CASH)
    if change.after:
        text = _("that run give cash: from now on also to members who are no distributors.")
    else:
        text = _(
            "that run give cash: from now on members who are no distributors get it as store"
            " credit."
        )
    yield Effect(count_incentives(paying.distinct().count()), text)


@register("incentives.policy.confirm_above", order=10)
def closes_that_wait(change: Change, at: datetime) -> Iterator[Effect]:
    """Say how many closes of the last days would have waited for a second person."""
    closes = PeriodClosing.objects.filter(closed_at__gte=at - SAMPLE, closed_at__lte=at)
    found = closes.aggregate(
        after=Count("pk", filter=Q(amount__gt=change.after)),
        before=Count("pk", filter=Q(amount__gt=change.before)),
    )
    figure = ngettext("%(count)s close", "%(count)s closes", found["after"])
    text = _("of the last 90 days would have waited for a second person (now: %(before)s).")
    yield Effect(
        figure % {"count": f"{found['after']:,}"}, text % {"before": f"{found['before']:,}"}
    )
    waiting = Award.objects.filter(status=Award.Status.WAITING)
    sums = waiting.exclude(asset="").exclude(asset=Asset.POINTS).aggregate(sum=Sum("target"))
    text = _("of awards wait now; they stay until somebody confirms their close.")
    yield Effect(yuan_text(sums["sum"] or 0), text)

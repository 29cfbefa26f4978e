"""Which orders of the present period do not count for a member, because of who bought them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from common import clock
from distribution.models import Binding, Referral
from incentives.metrics.facts import SAME_PERSON_RULES
from incentives.metrics.people import person_ids
from incentives.models import Version
from incentives.models.incentive import PeriodKind
from incentives.not_counted import NotCounted, not_counted
from incentives.overview.progress import last_moment
from incentives.periods import span_of
from incentives.runs import all_runs
from members.models import Member
from members.persons import survivor_keys
from orders.models import Order
from risk.models import Hold

REASONS = [("own_purchase", "own_purchase"), ("shared", "shared")]
LATEST = 20
"""How many orders are looked at, the last ones."""


def not_counted_for(version: Version, member: Member, *, at: datetime) -> list[dict[str, Any]]:
    """Return the latest orders that a version does not count for a member, with the reason.

    These are own purchases, and purchases of members who share a payee or an ID number with them.

    :param member: a survivor
    """
    runs = [run for run in all_runs() if run.incentive == version.incentive_id]
    orders = _orders(version, member, at) if runs else []
    found = [row for row in not_counted(orders, runs) if row.earner == row.other == member.pk]
    found.sort(key=lambda row: row.order.paid_at, reverse=True)
    return [_answer(row) for row in found]


def _answer(row: NotCounted) -> dict[str, Any]:
    if row.is_own:
        text = _("Order %(number)s does not count: you bought it yourself.")
    else:
        text = _(
            "Order %(number)s does not count: you and the buyer share an ID number or a payee. Ask"
            " the shop if you are two people."
        )
    reason = "own_purchase" if row.is_own else "shared"
    return {
        "order": row.order.number, "reason": reason, "text": text % {"number": row.order.number},
    }  # fmt: skip


def _orders(version: Version, member: Member, at: datetime) -> list[int]:
    """Return the paid orders of the period that such buyers placed, and that touch the member."""
    accounts = list(Member.objects.of_person(member.pk).values_list("pk", flat=True))
    rows = Order.objects.filter(buyer__in=[*accounts, *_sharing_with(accounts)]).filter(
        Q(attribution__tier1__member__in=accounts)
        | Q(attribution__tier2__member__in=accounts)
        | Q(buyer__referral__referrer__in=accounts)
    )
    span = span_of(version, last_moment(version, at))
    if version.period != PeriodKind.EACH:
        rows = rows.filter(paid_at__gte=clock.day_start(span.start))
        rows = rows.filter(paid_at__lt=clock.day_start(span.end)) if span.end else rows
    ordered = rows.filter(paid_at__isnull=False).order_by("-paid_at", "-pk")
    return list(ordered.values_list("pk", flat=True)[:LATEST])


def _sharing_with(accounts: list[int]) -> set[int]:
    """Return the members whom open holds name together with one of these accounts.

    Holds of buyers are read for those only whom the member brought, or is the upline of.
    """
    own = set(Member.objects.filter(pk__in=accounts).values_list("public_id", flat=True))
    buyers = Q(member__in=Binding.objects.filter(distributor__member__in=accounts).values("member"))
    buyers |= Q(member__in=Referral.objects.filter(referrer__in=accounts).values("member"))
    found: set[int] = set()
    named: set[str] = set()
    for holder, public_ids in (
        _open_holds()
        .filter(Q(member__in=accounts) | buyers)
        .values_list("member", "assessment__evidence__members")
    ):
        if holder in accounts:
            named.update(public_ids or ())
        elif own.intersection(public_ids or ()):
            found.add(holder)
    if named:
        found |= set(Member.objects.filter(public_id__in=named).values_list("pk", flat=True))
    return set(person_ids(set(survivor_keys(found).values()))) if found else set()


def _open_holds() -> QuerySet[Hold]:
    return Hold.objects.filter(rule__in=SAME_PERSON_RULES, released_at=None)

"""Say in which contact a friend's order resembles others, without the contact or any name."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from incentives.models import Contribution
from orders.models import Order
from risk.models import Hold, RuleName, Stage

MOST_HOLDS = 20
CONTACTS = {
    RuleName.SHARED_PHONE: gettext_lazy("phone"),
    RuleName.SHARED_DEVICE: gettext_lazy("device"),
    RuleName.SHARED_ADDRESS: gettext_lazy("address"),
}


def resemblance_sentences(contributions: QuerySet[Contribution]) -> Iterator[str]:
    """Yield why the risk rules hold orders of friends, for the member and for staff alike."""
    counting = contributions.filter(counted=True, value__gt=0).order_by()
    holds = Hold.objects.filter(
        subject_kind=Order._meta.label_lower, released_at=None,
        subject_id__in=counting.values("order__public_id"), assessment__stage=Stage.REFERRAL,
    )  # fmt: skip
    found = list(holds.select_related("assessment").order_by("pk")[:MOST_HOLDS])
    orders = Order.objects.filter(public_id__in={hold.subject_id for hold in found})
    numbers = dict(orders.values_list("public_id", "number"))
    for hold in found:
        yield from _sentences(hold, numbers[hold.subject_id])


def _sentences(hold: Hold, number: str) -> Iterator[str]:
    values = {"number": number, "contact": CONTACTS[RuleName(hold.rule)]}
    evidence = hold.assessment.evidence
    if evidence["shared"] > evidence["friends"]:
        yield (
            _("Order %(number)s: who brought the friend has ordered with the same %(contact)s.")
            % values
        )
    if evidence["friends"]:
        yield (
            _(
                "Order %(number)s: another friend of the same referrer has ordered with the same"
                " %(contact)s."
            )
            % values
        )

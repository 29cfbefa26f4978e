"""Assess the orders of friends before who brought them is rewarded, and hold the suspicious ones.

A referrer who is no distributor earns no commission, so the screening of orders does not see them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime

from django.db import transaction

from events.models import Reference
from members.models import Member
from orders.models import Order
from risk import rules
from risk.friends import FriendOrder, contacts_of_friends
from risk.models import Assessment, Hold, Outcome, RuleName, Stage
from risk.queries import enabled_rules
from risk.services.holds import create_holds


@transaction.atomic(savepoint=False)
def screen_friends(friends: Collection[FriendOrder], *, at: datetime) -> list[Hold]:
    """Hold the orders of friends that share a contact with the referrer or with other friends.

    The hold is about the order and the referrer; the case is about the referrer. What passes
    leaves no row. The number of queries is constant, and one without an enabled rule.

    :returns: the new holds
    """
    enabled = enabled_rules(Stage.REFERRAL) if friends else {}
    if not enabled:
        return []
    found = contacts_of_friends(friends)
    findings = {
        (row, name): finding
        for row in friends
        for name, settings in enabled.items()
        if (finding := rules.evaluate(name, found.get(row, {}).get(name), settings)).outcome
        != Outcome.PASS
    }
    if not findings:
        return []
    assessments = Assessment.objects.bulk_create(_assessments(findings, at=at))
    return create_holds({row: Reference.to(row.member) for row in assessments}, at=at)


def _assessments(
    findings: Mapping[tuple[FriendOrder, RuleName], rules.Finding], *, at: datetime
) -> Iterator[Assessment]:
    orders = Order.objects.in_bulk({row.order for row, _name in findings})
    referrers = Member.objects.in_bulk({row.referrer for row, _name in findings})
    for (row, name), (outcome, evidence) in findings.items():
        subject = Reference.to(orders[row.order])
        yield Assessment(
            stage=Stage.REFERRAL, subject_kind=subject.kind, subject_id=subject.id,
            member=referrers[row.referrer], rule=name, outcome=outcome, evidence=evidence, at=at,
        )  # fmt: skip

"""Announce that friends have ordered, and let the risk rules look at orders that count."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from events.services import record_each
from incentives.events import INCENTIVES_FRIEND_ORDERED
from incentives.models import Contribution
from incentives.models.incentive import Metric
from members.models import Member
from risk.services import FriendOrder
from risk.services import screen_friends as screen_by_rules


def announce_friends(rows: Sequence[Contribution], *, at: datetime) -> None:
    """Record for each friend that the first order is paid and counts once it is completed.

    Of a friend only the first such order is announced in an incentive.

    :param rows: new contributions, not saved yet
    """
    first = {
        (row.incentive_id, row.subject_id): row
        for row in reversed(rows)
        if row.version.metric == Metric.REFERRED_BUYERS and row.subject_id and not row.counted
    }
    if not first:
        return
    known = Contribution.objects.filter(
        incentive__in={incentive for incentive, _ in first},
        subject__in={subject for _, subject in first},
    ).values_list("incentive", "subject")
    new = [row for key, row in first.items() if key not in set(known)]
    people = Member.objects.in_bulk([key for row in new for key in (row.member_id, row.subject_id)])
    record_each(
        INCENTIVES_FRIEND_ORDERED,
        [
            (
                people[row.subject_id],
                {
                    "incentive": row.version.incentive.public_id,
                    "version": row.version.public_id,
                    "referrer": people[row.member_id].public_id,
                },
            )
            for row in new
            if row.subject_id
        ],
        at=at,
    )


def screen_friends(rows: Sequence[Contribution], *, at: datetime) -> None:
    """Let the risk rules compare friends whose orders begin to count, before anything is given.

    Once for each order, so that a hold that a person has released, or a rule that is changed later,
    moves nothing when it is counted again.
    """
    friends = {
        FriendOrder(row.member_id, row.subject_id, row.order_id)
        for row in rows
        if row.version.metric == Metric.REFERRED_BUYERS and row.subject_id and row.order_id
    }
    screen_by_rules(sorted(friends), at=at)

"""How incentives, rewards and progress look in answers of the API."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from rest_framework import serializers

from api.serializers import Moment
from incentives.cash import cash_conditions, paid_in_cash, reaches_members, reward_paid
from incentives.models import Policy, Reward, Version
from incentives.models.incentive import Metric, PeriodKind
from incentives.overview.friends import FriendState, State, friend_states
from incentives.overview.progress import OwnProgress, own_progress
from incentives.overview.referred_friends import MOST, ReferredFriend, referred_friends
from incentives.sentences import conditions, given, sentence
from ledger.chart import Asset
from members.models import Member
from sharing.models import Share

FEN, PIECES = "fen", "pieces"
FRIEND_STATES = [state.value for state in State]
OWN_STATES = [state for state in FRIEND_STATES if state != State.OVER]


class RewardAnswer(serializers.Serializer):
    side = serializers.ChoiceField(
        Reward.Side.choices, help_text="earner: for the one who earns it; friend: for the friend."
    )
    kind = serializers.ChoiceField(Reward.Kind.choices)
    text = serializers.CharField(help_text="What is given, as a text.")
    threshold = serializers.IntegerField(
        required=False, help_text="Given from this value on; absent: with each, or by place."
    )
    first_rank = serializers.IntegerField(required=False, help_text="Of contests: the places.")
    last_rank = serializers.IntegerField(required=False)
    asset = serializers.ChoiceField(
        Asset.choices,
        required=False,
        help_text="Of amount and percent. What is paid to me: members who are no distributors get"
        " store credit in place of cash.",
    )
    amount = serializers.IntegerField(required=False, help_text="In fen, or points.")
    rate = serializers.IntegerField(
        required=False, help_text="Of percent, boost and factor: basis points."
    )
    most = serializers.IntegerField(required=False, help_text="Of percent: at most.")
    days = serializers.IntegerField(required=False, help_text="Of level, boost and factor.")
    reached = serializers.BooleanField(
        required=False, help_text="Of steps: in the present period, by completed orders."
    )


class ProgressAnswer(serializers.Serializer):
    """Fen or pieces of the present period; where each order counts for itself, of all orders."""

    first_day = serializers.DateField()
    last_day = serializers.DateField(required=False, help_text="Absent: no end.")
    counts_until = Moment(required=False, help_text="Orders must be paid before; absent: no end.")
    final_at = Moment(
        required=False, help_text="When the period closes; absent: each order for itself."
    )
    value = serializers.IntegerField(help_text="Of completed orders.")
    coming = serializers.IntegerField(
        help_text="Of paid orders that are not completed yet, so that they may be refunded."
    )
    next_at = serializers.IntegerField(
        required=False, help_text="The value at which something is given next; absent: none."
    )
    missing = serializers.IntegerField(required=False, help_text="Until next_at.")
    awards = serializers.IntegerField(help_text="How many I got in this period.")


class FriendAnswer(serializers.Serializer):
    """What I get as the friend of a member who brought me."""

    referrer = serializers.CharField(help_text="The nickname.")
    order_until = Moment(
        help_text="My first order counts if it is placed before, and paid before the incentive"
        " ends."
    )
    min_amount = serializers.IntegerField(
        help_text="In fen, of the goods that count: a smaller order does not count."
    )
    state = serializers.ChoiceField(
        OWN_STATES,
        help_text="to_order: an order that counts is missing. ordered: paid, and not completed"
        " yet. counted: completed.",
    )


class ReferredFriendAnswer(serializers.Serializer):
    """A friend whom I brought, and what is missing."""

    name = serializers.CharField(help_text="Masked.")
    order_until = Moment(
        help_text="Their first order counts if it is placed before, and paid before the incentive"
        " ends."
    )
    min_amount = serializers.IntegerField(
        help_text="In fen, of the goods that count: a smaller order does not count."
    )
    state = serializers.ChoiceField(
        FRIEND_STATES,
        help_text="to_order: an order that counts is missing. ordered: paid, and not completed"
        " yet. counted: completed. over: no order counts any more, because it is too late or"
        " they had ordered before.",
    )


class IncentiveAnswer(serializers.Serializer):
    id = serializers.CharField()
    name = serializers.CharField()
    sentence = serializers.CharField(help_text="What it gives to whom, for what.")
    conditions = serializers.ListField(
        child=serializers.CharField(), help_text="Which orders count, when, and the limits."
    )
    terms = serializers.CharField(help_text="What the shop adds to them; may be empty.")
    version = serializers.IntegerField(help_text="Of the terms.")
    metric = serializers.ChoiceField(Metric.choices)
    metric_text = serializers.CharField()
    unit = serializers.ChoiceField([FEN, PIECES], help_text="Of values and thresholds.")
    period = serializers.ChoiceField(PeriodKind.choices)
    period_text = serializers.CharField()
    reach = serializers.ChoiceField(
        Version.Reach.choices,
        help_text="each: each time. every: each n. steps: at thresholds. rank: by place.",
    )
    channels = serializers.ListField(
        child=serializers.ChoiceField(Share.Channel.choices),
        help_text="Only orders that came by a share in one of these count; empty: all orders.",
    )
    starts_at = Moment()
    ends_at = Moment(required=False, help_text="Absent: no end.")
    has_ended = serializers.BooleanField()
    has_ranking = serializers.BooleanField(help_text="GET …/ranking answers.")
    takes_proofs = serializers.BooleanField(help_text="POST …/proofs takes pictures.")
    rewards = RewardAnswer(many=True)
    progress = ProgressAnswer(required=False, help_text="Mine; absent: it is for others.")
    friend = FriendAnswer(required=False, help_text="Absent: no friend's reward is open to me.")
    friends = ReferredFriendAnswer(
        many=True,
        required=False,
        help_text=f"Of the {MOST} whom I brought last, those who could order in this run; absent:"
        " it counts no friends, or it is for others.",
    )


class Cash(NamedTuple):
    """Whether cash is paid to the reader, and to every member; others get store credit."""

    to_reader: bool
    to_members: bool


def incentive_answers(
    versions: Sequence[Version], member: Member, *, earns: set[int], at: datetime
) -> list[dict[str, Any]]:
    """Return the answers of versions, in their order, in a constant number of queries.

    :param earns: the keys of the versions whose audience includes the member
    """
    mine = [row for row in versions if row.pk in earns]
    progress = own_progress(mine, member, at=at)
    friend = friend_states(versions, member, at=at)
    friends = referred_friends(mine, member, at=at)
    cash = _cash_for(member, versions)
    return [
        _answer(row, progress.get(row.pk), friend.get(row.pk), friends.get(row.pk), cash, at=at)
        for row in versions
    ]


def _cash_for(member: Member, versions: Iterable[Version]) -> Cash:
    """Read who is paid in cash, if any of the versions gives cash to other members, too."""
    if not any(reaches_members(row, reward) for row in versions for reward in row.rewards.all()):
        return Cash(to_reader=True, to_members=True)
    return Cash(
        to_reader=member.pk in paid_in_cash({member.pk}),
        to_members=Policy.current().pays_members_cash,
    )


def _answer(
    version: Version,
    progress: OwnProgress | None,
    friend: FriendState | None,
    friends: Sequence[ReferredFriend] | None,
    cash: Cash,
    *,
    at: datetime,
) -> dict[str, Any]:
    published = list(version.rewards.all())
    own = {Reward.Side.EARNER: progress is not None, Reward.Side.FRIEND: friend is not None}
    rewards = [
        reward_paid(row, in_cash=cash.to_reader) if own[Reward.Side(row.side)] else row
        for row in published
    ]
    return without_nones(
        {
            "id": version.incentive.public_id,
            "name": version.name,
            "sentence": sentence(version, rewards),
            "conditions": [
                *conditions(version),
                *cash_conditions(version, published, pays_members=cash.to_members),
            ],
            "terms": version.terms,
            "version": version.number,
            "metric": version.metric,
            "metric_text": version.get_metric_display(),
            "unit": FEN if version.counts_money else PIECES,
            "period": version.period,
            "period_text": version.get_period_display(),
            "reach": version.reach,
            "channels": version.channels,
            "starts_at": version.starts_at,
            "ends_at": version.ends_at,
            "has_ended": version.has_ended(at),
            "has_ranking": version.reach == Version.Reach.RANK,
            "takes_proofs": version.metric == Metric.PROOF and not version.has_ended(at),
            "rewards": [_reward(version, row, progress) for row in rewards],
            "progress": progress and _progress(progress),
            "friend": friend,
            "friends": friends,
        }
    )


def _reward(version: Version, row: Reward, progress: OwnProgress | None) -> dict[str, Any]:
    is_step = version.reach == Version.Reach.STEPS and row.side == Reward.Side.EARNER
    return without_nones(
        {
            "side": row.side,
            "kind": row.kind,
            "text": given(row),
            "threshold": row.threshold,
            "first_rank": row.first_rank,
            "last_rank": row.last_rank,
            "asset": row.asset or None,
            "amount": row.amount,
            "rate": row.rate,
            "most": row.most,
            "days": row.days,
            "reached": progress.value >= (row.threshold or 1) if progress and is_step else None,
        }
    )


def _progress(progress: OwnProgress) -> dict[str, Any]:
    names = (
        "first_day", "last_day", "counts_until", "final_at", "value", "coming", "next_at",
        "missing", "awards",
    )  # fmt: skip
    return without_nones({name: getattr(progress, name) for name in names})


def without_nones(values: dict[str, Any]) -> dict[str, Any]:
    """Leave out what has no value: answers have no nulls."""
    return {name: value for name, value in values.items() if value is not None}

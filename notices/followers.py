"""Tell members what happened to them; called by a worker after the commit, at least once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from commissions.models import Claim
from common import clock
from distribution.models import Application, Binding, Distributor, Source
from events.models import Event
from incentives.models import Award, GiftTask, Proof, Reward, Version
from incentives.overview.reward_words import award_facts, reward_facts
from members.models import Member
from notices.messages import queue_messages
from notices.models import Notice, Wording
from withdrawals.models import Withdrawal

Kind, Target = Notice.Kind, Notice.Target

WITHDRAWAL_KINDS = {
    "withdrawals.finance_approved": Kind.WITHDRAWAL_APPROVED,
    "withdrawals.rejected": Kind.WITHDRAWAL_REJECTED,
    "withdrawals.ready_to_collect": Kind.WITHDRAWAL_READY,
    "withdrawals.paid": Kind.WITHDRAWAL_PAID,
    "withdrawals.failed": Kind.WITHDRAWAL_FAILED,
}
APPLICATION_KINDS = {
    "distribution.approved": Kind.APPLICATION_APPROVED,
    "distribution.rejected": Kind.APPLICATION_REJECTED,
}
AWARD_KINDS = {
    "incentives.award_granted": Kind.AWARD_GRANTED,
    "incentives.award_held": Kind.AWARD_HELD,
    "incentives.award_refused": Kind.AWARD_REFUSED,
    "incentives.award_taken_back": Kind.AWARD_TAKEN_BACK,
}
GIFT_KINDS = {
    "incentives.gift_sent": Kind.GIFT_SENT,
    "incentives.gift_cancelled": Kind.GIFT_CANCELLED,
}
PROOF_KINDS = {
    "incentives.proof_approved": Kind.PROOF_APPROVED,
    "incentives.proof_rejected": Kind.PROOF_REJECTED,
}


def tell_of_accruals(events: Sequence[Event]) -> None:
    _tell_of_amounts(events, Kind.ACCRUED, Target.COMMISSIONS)


def tell_of_credits(events: Sequence[Event]) -> None:
    _tell_of_amounts(events, Kind.CREDITED, Target.WALLET)


def tell_of_clawbacks(events: Sequence[Event]) -> None:
    _tell_of_amounts(events, Kind.CLAWED_BACK, Target.COMMISSIONS)


def tell_of_withdrawals(events: Sequence[Event]) -> None:
    found = _by_id(Withdrawal.objects.all(), events)
    _tell(
        _notice(
            event, row.member_id, WITHDRAWAL_KINDS[event.name], Target.WITHDRAWAL, row.public_id,
            gross=row.gross, net=row.net,
        )
        for event in events
        for row in [found[event.subject_id]]
    )  # fmt: skip


def tell_of_applications(events: Sequence[Event]) -> None:
    found = _by_id(Application.objects.all(), events)
    _tell(
        _notice(event, found[event.subject_id].member_id, APPLICATION_KINDS[event.name],
                Target.APPLICATION)
        for event in events
    )  # fmt: skip


def tell_of_claims(events: Sequence[Event]) -> None:
    found = _by_id(Claim.objects.all(), events)
    _tell(
        _notice(event, row.member_id, Kind.CLAIM_ANSWERED, Target.CLAIM, row.public_id,
                order=row.order_number)
        for event in events
        for row in [found[event.subject_id]]
    )  # fmt: skip


def tell_of_bindings(events: Sequence[Event]) -> None:
    """Tell both sides, except of bindings that were imported."""
    ids = [event.data["binding"] for event in events]
    found = {
        row.public_id: row
        for row in Binding.objects.filter(public_id__in=ids)
        .exclude(source=Source.IMPORT)
        .select_related("distributor")
    }
    bound = [(event, found[key]) for event in events if (key := event.data["binding"]) in found]
    _tell(
        [_notice(event, row.member_id, Kind.UPLINE_BOUND, Target.REFERRER) for event, row in bound]
        + [
            _notice(event, row.distributor.member_id, Kind.DIRECT_JOINED, Target.TEAM)
            for event, row in bound
        ]
    )


def tell_of_levels(events: Sequence[Event]) -> None:
    found = _by_id(Distributor.objects.all(), events)
    _tell(
        _notice(event, found[event.subject_id].member_id, Kind.LEVEL_CHANGED, Target.LEVELS,
                level=(event.after or {}).get("level") or "")
        for event in events
    )  # fmt: skip


def warn_of_levels(events: Sequence[Event]) -> None:
    """Warn those who no longer reach their level, with the last day on which they have it."""
    found = _by_id(Distributor.objects.all(), events)
    _tell(
        _notice(event, found[event.subject_id].member_id, Kind.LEVEL_WARNING, Target.LEVELS,
                level=event.data["level"], until=event.data["last_day"])
        for event in events
    )  # fmt: skip


def tell_of_awards(events: Sequence[Event]) -> None:
    rows = Award.objects.select_related(
        "version", "reward__coupon", "reward__gift__product", "reward__level"
    )
    found = _by_id(rows, events)
    _tell(
        _notice(
            event, award.member_id, AWARD_KINDS[event.name], Target.AWARD, award.public_id,
            incentive=award.version.name,
            reward=[award_facts(award, amount=abs(event.data["amount"]))],
        )
        for event in events
        for award in [found[event.subject_id]]
    )  # fmt: skip


def tell_of_gifts(events: Sequence[Event]) -> None:
    """Tell who gets a gift that it was sent, or that the shop cancelled it.

    The notice of its award tells of one that is cancelled with it.
    """
    rows = GiftTask.objects.select_related("award__version", "award__reward__gift__product")
    found = _by_id(rows, events)
    _tell(
        _notice(
            event, award.member_id, GIFT_KINDS[event.name], Target.AWARD, award.public_id,
            incentive=award.version.name, reward=[award_facts(award, amount=1)], **words,
        )
        for event in events
        for award in [found[event.subject_id].award]
        if (words := _words(event))
    )  # fmt: skip


def tell_of_proofs(events: Sequence[Event]) -> None:
    """Tell who handed in a picture whether it counts, and why not."""
    found = _by_id(Proof.objects.select_related("incentive"), events)
    versions = Version.objects.published().filter(
        incentive__in={proof.incentive_id for proof in found.values()}
    )
    names = dict(versions.order_by("number").values_list("incentive", "name"))
    _tell(
        _notice(
            event, proof.member_id, PROOF_KINDS[event.name], Target.INCENTIVE,
            proof.incentive.public_id, incentive=names[proof.incentive_id], **_words(event),
        )
        for event in events
        for proof in [found[event.subject_id]]
    )  # fmt: skip


def _words(event: Event) -> dict[str, str]:
    """Return what a person wrote to the member."""
    return {name: text for name in ("note", "reason") if (text := event.data.get(name))}


def tell_of_friends(events: Sequence[Event]) -> None:
    """Tell both sides that a friend's first order is paid and counts once it is completed."""
    friends = _by_id(Member.objects.all(), events)
    referrers = _by_public_id(Member.objects.all(), events, "referrer")
    terms = _by_public_id(Version.objects.select_related("incentive"), events, "version")
    rewards = _friends_rewards(terms.values())
    notices = []
    for event in events:
        version = terms[event.data["version"]]
        target = (Target.INCENTIVE, version.incentive.public_id)
        referrer, friend = referrers[event.data["referrer"]], friends[event.subject_id]
        notices.append(
            _notice(event, referrer.pk, Kind.FRIEND_ORDERED, *target, incentive=version.name)
        )
        if reward := rewards[version.pk]:
            notices.append(
                _notice(event, friend.pk, Kind.FIRST_ORDER_COUNTS, *target,
                        incentive=version.name, reward=reward)
            )  # fmt: skip
    _tell(notices)


def _friends_rewards(versions: Iterable[Version]) -> dict[int, list[dict[str, Any]]]:
    rows = Reward.objects.filter(version__in=versions, side=Reward.Side.FRIEND)
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in rows.select_related("coupon", "gift__product", "level"):
        found[row.version_id].append(reward_facts(row))
    return found


def _by_public_id(rows: Any, events: Sequence[Event], name: str) -> dict[str, Any]:
    found: dict[str, Any] = rows.in_bulk(
        [event.data[name] for event in events], field_name="public_id"
    )
    return found


def _tell_of_amounts(events: Sequence[Event], kind: str, target: str) -> None:
    members = _by_id(Member.objects.all(), events)
    _tell(
        _notice(event, members[event.subject_id].pk, kind, target, amounts=event.data["amounts"])
        for event in events
    )


def _by_id(rows: Any, events: Sequence[Event]) -> dict[str, Any]:
    found = rows.filter(public_id__in=[event.subject_id for event in events])
    return {row.public_id: row for row in found}


def _notice(
    event: Event, member: int, kind: str, target: str, target_id: str = "", /, **data: Any
) -> Notice:
    return Notice(
        event=event, member_id=member, kind=kind, target=target, target_id=target_id, data=data,
        at=event.at, created_at=clock.now(),
    )  # fmt: skip


def _tell(notices: Iterable[Notice]) -> None:
    # A repeated delivery finds its notices; their constraint keeps them single.
    new = list(notices)
    wordings = {row.kind: row for row in Wording.objects.in_force()}
    for notice in new:
        notice.wording = wordings.get(notice.kind)
    wanted = [
        row for row in new if not row.wording or row.wording.channels != Wording.Channels.NONE
    ]
    Notice.objects.bulk_create(wanted, ignore_conflicts=True)
    queue_messages({notice.event_id for notice in wanted if notice.event_id})

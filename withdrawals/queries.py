"""Reads for the people who review withdrawals and pay them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.conf import settings
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from common.money import format_yuan
from distribution.models import Distributor
from events.models import Event, Reference
from ledger.chart import Asset, Kind
from ledger.models import Account
from risk.models import Assessment, Hold, with_subject_in
from risk.queries import open_holds
from withdrawals.events import WITHDRAWALS_OUTCOME_MISMATCH
from withdrawals.gateways import gateway
from withdrawals.models import Attempt, Channel, Policy, Withdrawal

AWAITING_PAYOUT = (Withdrawal.Status.FINANCE_APPROVED, Withdrawal.Status.READY_TO_COLLECT)


@dataclass(frozen=True, slots=True)
class WithdrawalBlockers:
    """What keeps a withdrawal from going on now."""

    messages: tuple[str | Promise, ...] = ()
    holds: tuple[Hold, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.messages or self.holds)


@dataclass(frozen=True, slots=True)
class AccountBlocks:
    """What stops all money of a member. ``owed``: fen, after refunds."""

    owed: int
    frozen: bool
    tax_regime_missing: bool
    """No tax regime is chosen, in production."""


def account_blocks(members: Collection[int]) -> dict[int, AccountBlocks]:
    """By the members' keys; three queries for any number."""
    owing = Account.objects.filter(
        member__in=members, kind=Kind.OWED, asset=Asset.CASH, balance__gt=0
    )
    owed = dict(owing.values_list("member", "balance"))
    stopped = Distributor.objects.filter(member__in=members, status=Distributor.Status.FROZEN)
    frozen = set(stopped.values_list("member", flat=True))
    tax_regime_missing = settings.PRODUCTION and Policy.current().regime == Policy.Regime.NONE
    return {
        one: AccountBlocks(owed.get(one) or 0, one in frozen, tax_regime_missing) for one in members
    }


def outcome_mismatches(withdrawals: Iterable[Withdrawal]) -> set[int]:
    """Keys of those of which an attempt counts as unpaid here, and as paid at the provider."""
    keys = {Reference.to(each).id: each.pk for each in withdrawals}
    told = Event.objects.filter(
        name=WITHDRAWALS_OUTCOME_MISMATCH.name, subject_kind="withdrawals.withdrawal",
        subject_id__in=keys, data__code="success",
    )  # fmt: skip
    return {keys[each] for each in told.values_list("subject_id", flat=True)}


def blockers(withdrawals: Iterable[Withdrawal]) -> dict[int, WithdrawalBlockers]:
    """By the withdrawals' keys; as many queries for a hundred as for one. Nothing is locked: the
    services look again."""
    waiting = [each for each in withdrawals if each.status in Withdrawal.BEFORE_PAYING]
    if not waiting:
        return {}
    found = account_blocks({each.member_id for each in waiting})
    holds = open_holds(Reference.to(each) for each in waiting)
    paused, otherwise = pause_messages(), outcome_mismatches(waiting)
    return {
        each.pk: WithdrawalBlockers(
            (
                *_block_messages(found[each.member_id]),
                *(paused if each.status in AWAITING_PAYOUT else ()),
                *([_("the provider says that it was paid")] if each.pk in otherwise else []),
            ),
            tuple(holds[Reference.to(each)]),
        )
        for each in waiting
    }


def pause_messages() -> tuple[str | Promise, ...]:
    """Why nothing is sent at present; empty if it is."""
    stopped = Channel.objects.filter(
        name__in=[Channel.ALL, gateway().name], paused_at__isnull=False
    ).order_by("name")
    return tuple(
        _("payouts are paused: %(pause_reason)s") % {"pause_reason": one.pause_reason}
        for one in stopped
    )


def _block_messages(blocks: AccountBlocks) -> tuple[str | Promise, ...]:
    words: list[str | Promise] = []
    if blocks.owed:
        words.append(_("owes %(amount)s yuan") % {"amount": format_yuan(blocks.owed)})
    if blocks.frozen:
        words.append(_("frozen"))
    if blocks.tax_regime_missing:
        words.append(_("no tax regime is chosen"))
    return tuple(words)


def assessments(withdrawals: Iterable[Withdrawal]) -> dict[int, list[Assessment]]:
    """What each rule has said of each withdrawal last, and, as ``released``, the hold that a person
    has ended since; none for one that was never looked at."""
    keys = {Reference.to(each): each.pk for each in withdrawals}
    last: dict[int, dict[str, Assessment]] = {key: {} for key in keys.values()}
    for row in Assessment.objects.filter(with_subject_in(keys)).order_by("pk"):
        last[keys[row.subject]][row.rule] = row
    holds = Hold.objects.filter(with_subject_in(keys)).select_related("released_by")
    for hold in holds.order_by("pk"):
        looked_at = last[keys[hold.subject]].get(hold.rule)
        if looked_at:
            looked_at.released = hold if hold.released_at else None  # type: ignore[attr-defined]
    return {key: list(by_rule.values()) for key, by_rule in last.items()}


def timeline_events(withdrawal: Withdrawal) -> QuerySet[Event]:
    """Newest first."""
    kind, public_id = Reference.to(withdrawal)
    return Event.objects.filter(subject_kind=kind, subject_id=public_id).order_by("-pk")


def live_attempts(withdrawals: Iterable[Withdrawal]) -> dict[int, Attempt]:
    """Those that may have paid, or may still: at most one for each withdrawal, by its key."""
    keys = [each.pk for each in withdrawals]
    found = Attempt.objects.filter(withdrawal__in=keys).exclude(state__in=Attempt.PROVEN_UNPAID)
    return {each.withdrawal_id: each for each in found}

"""Reads for the people who review withdrawals and pay them."""

from __future__ import annotations

from collections.abc import Iterable
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
from risk.models import Assessment, Hold, about
from risk.queries import open_holds
from withdrawals.models import Attempt, Policy, Withdrawal


@dataclass(frozen=True, slots=True)
class InTheWay:
    """What keeps a withdrawal from going on now."""

    blockers: tuple[str | Promise, ...] = ()
    holds: tuple[Hold, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.blockers or self.holds)


def in_the_way(withdrawals: Iterable[Withdrawal]) -> dict[int, InTheWay]:
    """By the withdrawals' keys; as many queries for a hundred as for one. Nothing is locked: the
    services look again."""
    waiting = [each for each in withdrawals if each.status in Withdrawal.BEFORE_PAYING]
    if not waiting:
        return {}
    members = {each.member_id for each in waiting}
    owing = Account.objects.filter(
        member__in=members, kind=Kind.OWED, asset=Asset.CASH, balance__gt=0
    )
    owed = dict(owing.values_list("member", "balance"))
    stopped = Distributor.objects.filter(member__in=members, status=Distributor.Status.FROZEN)
    frozen = set(stopped.values_list("member", flat=True))
    untaxed = settings.PRODUCTION and Policy.current().regime == Policy.Regime.NONE
    holds = open_holds(Reference.to(each) for each in waiting)
    found = {}
    for each in waiting:
        blockers: list[str | Promise] = []
        if each.member_id in owed:
            amount = format_yuan(owed[each.member_id] or 0)
            blockers.append(_("owes %(amount)s yuan") % {"amount": amount})
        if each.member_id in frozen:
            blockers.append(_("frozen"))
        if untaxed:
            blockers.append(_("no tax regime is chosen"))
        found[each.pk] = InTheWay(tuple(blockers), tuple(holds[Reference.to(each)]))
    return found


def assessments(withdrawals: Iterable[Withdrawal]) -> dict[int, list[Assessment]]:
    """What each rule has said of each withdrawal last; none for one that was never looked at."""
    keys = {Reference.to(each): each.pk for each in withdrawals}
    last: dict[int, dict[str, Assessment]] = {key: {} for key in keys.values()}
    for row in Assessment.objects.filter(about(keys)).order_by("pk"):
        last[keys[row.subject]][row.rule] = row
    return {key: list(by_rule.values()) for key, by_rule in last.items()}


def facts_about(withdrawal: Withdrawal) -> QuerySet[Event]:
    """Newest first."""
    kind, public_id = Reference.to(withdrawal)
    return Event.objects.filter(subject_kind=kind, subject_id=public_id).order_by("-pk")


def live_attempts(withdrawals: Iterable[Withdrawal]) -> dict[int, Attempt]:
    """Those that may have paid, or may still: at most one for each withdrawal, by its key."""
    keys = [each.pk for each in withdrawals]
    found = Attempt.objects.filter(withdrawal__in=keys).exclude(state__in=Attempt.PROVEN_UNPAID)
    return {each.withdrawal_id: each for each in found}

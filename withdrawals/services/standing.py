"""What stops a member's money at every step: request, each approval, collecting and sending."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from django.utils.translation import gettext_lazy as _

from common.money import format_yuan
from events.models import Reference
from members.models import Member
from risk import services as risk
from withdrawals.gateways import gateway
from withdrawals.models import Payee, Withdrawal
from withdrawals.queries import Standing, ended_otherwise, standings
from withdrawals.services.refusals import Blocked, Blocker


def check(withdrawal: Withdrawal) -> None:
    """The member's cash is locked.

    :raises Blocked: it must not go on now
    """
    if blockers := blockers_of([withdrawal])[withdrawal.pk]:
        raise Blocked(blockers)


def blockers_of(withdrawals: Collection[Withdrawal]) -> dict[int, list[Blocker]]:
    """By the withdrawals' keys, in as many queries for a hundred as for one. The members' cash is
    locked: what is found holds until the transaction ends."""
    found = standings({one.member_id for one in withdrawals})
    otherwise = ended_otherwise(withdrawals)
    holds = risk.open_holds([Reference.to(one) for one in withdrawals])
    return {
        one.pk: [
            *_of_holds(bool(holds[Reference.to(one)])),
            *_of_ends(one.pk in otherwise),
            *of_payee(one.payee),
            *_of_standing(found[one.member_id]),
        ]
        for one in withdrawals
    }


def of_member(member: Member) -> Iterator[Blocker]:
    yield from _of_standing(standings({member.pk})[member.pk])


def of_payee(payee: Payee) -> Iterator[Blocker]:
    if payee.channel not in gateway().pays_to:
        yield Blocker("payee_not_paid", _("We cannot pay to this account: choose another one."))
    elif gateway().needs_authorization and not payee.authorization_sealed:
        yield Blocker("authorization_needed", _("Allow WeChat Pay to take payments in first."))


def _of_holds(held: bool) -> Iterator[Blocker]:
    if held:
        yield Blocker("held_for_risk", _("It is being looked into. A person will release it."))


def _of_ends(otherwise: bool) -> Iterator[Blocker]:
    if otherwise:
        yield Blocker(
            "ended_otherwise", _("The provider says that it has been paid. The shop looks into it.")
        )


def _of_standing(standing: Standing) -> Iterator[Blocker]:
    if standing.owed:
        yield Blocker(
            "owing",
            _("%(amount)s yuan are owed after a refund: they are paid off by what comes in next.")
            % {"amount": format_yuan(standing.owed)},
        )
    if standing.frozen:
        yield Blocker("frozen", _("The account is frozen. Please ask the shop."))
    if standing.untaxed:
        yield Blocker("no_tax_regime", _("The shop has not said yet how payouts are taxed."))

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
from withdrawals.queries import AccountBlocks, account_blocks, outcome_mismatches
from withdrawals.services.errors import Blocked, Blocker


def require_unblocked(withdrawal: Withdrawal) -> None:
    """The member's cash is locked.

    :raises Blocked: it must not go on now
    """
    if blockers := blockers_by_withdrawal([withdrawal])[withdrawal.pk]:
        raise Blocked(blockers)


def blockers_by_withdrawal(withdrawals: Collection[Withdrawal]) -> dict[int, list[Blocker]]:
    """By the withdrawals' keys, in as many queries for a hundred as for one. The members' cash is
    locked: what is found holds until the transaction ends."""
    found = account_blocks({one.member_id for one in withdrawals})
    otherwise = outcome_mismatches(withdrawals)
    holds = risk.open_holds([Reference.to(one) for one in withdrawals])
    return {
        one.pk: [
            *_hold_blockers(bool(holds[Reference.to(one)])),
            *_mismatch_blockers(one.pk in otherwise),
            *payee_blockers(one.payee),
            *_account_blockers(found[one.member_id]),
        ]
        for one in withdrawals
    }


def member_blockers(member: Member) -> Iterator[Blocker]:
    yield from _account_blockers(account_blocks({member.pk})[member.pk])


def payee_blockers(payee: Payee) -> Iterator[Blocker]:
    if payee.channel not in gateway().supported_payee_channels:
        yield Blocker("payee_unsupported", _("We cannot pay to this account: choose another one."))
    elif gateway().needs_authorization and not payee.authorization_encrypted:
        yield Blocker("authorization_needed", _("Allow WeChat Pay to take payments in first."))


def _hold_blockers(held: bool) -> Iterator[Blocker]:
    if held:
        yield Blocker("risk_hold", _("It is being looked into. A person will release it."))


def _mismatch_blockers(otherwise: bool) -> Iterator[Blocker]:
    if otherwise:
        yield Blocker(
            "outcome_mismatch",
            _("The provider says that it has been paid. The shop looks into it."),
        )


def _account_blockers(blocks: AccountBlocks) -> Iterator[Blocker]:
    if blocks.owed:
        yield Blocker(
            "in_debt",
            _("%(amount)s yuan are owed after a refund: they are paid off by what comes in next.")
            % {"amount": format_yuan(blocks.owed)},
        )
    if blocks.frozen:
        yield Blocker("frozen", _("The account is frozen. Please ask the shop."))
    if blocks.tax_regime_missing:
        yield Blocker("tax_regime_missing", _("The shop has not said yet how payouts are taxed."))

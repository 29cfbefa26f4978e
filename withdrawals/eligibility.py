"""The reasons why money cannot be paid: the same for quote, approval, payout and pages."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from common.money import format_yuan
from distribution.models import Distributor
from events.models import Reference
from ledger.chart import Asset, Kind
from ledger.models import Account
from risk import services as risk
from risk.models import Hold
from withdrawals.errors import Blocker, BlockerCode, refusal_by
from withdrawals.gateways import STORE_CREDIT, gateway, gateway_for
from withdrawals.models import Attempt, Payee, Policy, Withdrawal

OUTCOME_MISMATCH = Blocker(
    BlockerCode.OUTCOME_MISMATCH,
    _("The provider reports that it has been paid. The shop is looking into it."),
    _("the provider reports it as paid"),
)
FROZEN = Blocker(BlockerCode.FROZEN, _("The account is frozen. Please ask the shop."), _("frozen"))
CONVERSION_OFF = Blocker(
    BlockerCode.PAYEE_UNSUPPORTED,
    _("The shop does not turn cash into store credit now: choose another way."),
    _("withdrawals into store credit are off"),
)
TAX_REGIME_MISSING = Blocker(
    BlockerCode.TAX_REGIME_MISSING,
    _("The shop has not decided yet how payouts are taxed."),
    _("no tax regime is chosen"),
)


def require_unblocked(withdrawal: Withdrawal) -> None:
    """Check a withdrawal; the caller holds the lock of the member's cash accounts.

    :raises AccountFrozen: the member is frozen as a distributor
    :raises Blocked: the withdrawal has another blocker
    """
    if open_blockers := blockers([withdrawal])[withdrawal.pk]:
        raise refusal_by(open_blockers)


def blockers(withdrawals: Collection[Withdrawal]) -> dict[int, list[Blocker]]:
    """Return the blockers by withdrawal key, in a constant number of queries.

    With the members' cash accounts locked, the result holds until the transaction ends.
    """
    by_member = member_blockers({withdrawal.member_id for withdrawal in withdrawals})
    mismatches = outcome_mismatches(withdrawals)
    holds = risk.find_open_holds([Reference.to(withdrawal) for withdrawal in withdrawals])
    to_convert = any(withdrawal.payee.channel == STORE_CREDIT for withdrawal in withdrawals)
    converts = to_convert and Policy.current().store_credit
    return {
        withdrawal.pk: [
            *_hold_blockers(holds[Reference.to(withdrawal)]),
            *([OUTCOME_MISMATCH] if withdrawal.pk in mismatches else []),
            *payee_blockers(withdrawal.payee, converts=converts),
            *by_member[withdrawal.member_id],
        ]
        for withdrawal in withdrawals
    }


def member_blockers(members: Collection[int]) -> dict[int, list[Blocker]]:
    """Return what stops all withdrawals of members, by member key, in three queries."""
    owing = Account.objects.filter(
        member__in=members, kind=Kind.OWED, asset=Asset.CASH, balance__gt=0
    )
    owed = dict(owing.values_list("member", "balance"))
    distributors = Distributor.objects.filter(member__in=members, status=Distributor.Status.FROZEN)
    frozen = set(distributors.values_list("member", flat=True))
    untaxed = settings.PRODUCTION and Policy.current().regime == Policy.Regime.NONE
    return {
        member: [
            *_debt_blockers(owed.get(member) or 0),
            *([FROZEN] if member in frozen else []),
            *([TAX_REGIME_MISSING] if untaxed else []),
        ]
        for member in members
    }


def payee_blockers(payee: Payee, *, converts: bool) -> Iterator[Blocker]:
    """Yield what stops payments to a payee through its gateway.

    :param converts: whether the policy lets cash become store credit
    """
    if payee.channel == STORE_CREDIT:
        if not converts:
            yield CONVERSION_OFF
    elif payee.channel not in gateway().supported_payee_channels:
        yield Blocker(
            BlockerCode.PAYEE_UNSUPPORTED,
            _("We cannot pay to this account: choose another one."),
            _("cannot be paid to this account"),
        )
    elif gateway().needs_authorization and not payee.authorization_encrypted:
        yield Blocker(
            BlockerCode.AUTHORIZATION_NEEDED,
            _("Allow WeChat Pay to take payments in first."),
            _("the member has not authorized payments"),
        )


def is_collected(payee: Payee) -> bool:
    """Return whether the member confirms each payout to this payee on their phone."""
    by_member = gateway_for(payee.channel).confirmed_by_member
    return by_member and not payee.authorization_encrypted


def outcome_mismatches(withdrawals: Iterable[Withdrawal]) -> set[int]:
    """Return the keys of withdrawals with an attempt recorded unpaid but paid at the provider."""
    keys = [withdrawal.pk for withdrawal in withdrawals]
    attempts = Attempt.objects.filter(withdrawal__in=keys, outcome_mismatch_at__isnull=False)
    return set(attempts.values_list("withdrawal", flat=True))


def _hold_blockers(holds: Collection[Hold]) -> Iterator[Blocker]:
    if holds:
        yield Blocker(
            BlockerCode.RISK_HOLD,
            _("It is being looked into. A person will release it."),
            holds=tuple(holds),
        )


def _debt_blockers(owed: int) -> Iterator[Blocker]:
    if owed:
        amount = format_yuan(owed)
        yield Blocker(
            BlockerCode.IN_DEBT,
            _("%(amount)s yuan are owed after a refund: they are paid off by what comes in next.")
            % {"amount": amount},
            _("owes %(amount)s yuan") % {"amount": amount},
        )

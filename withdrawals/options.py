"""List the ways of being paid, with their limits and what a member still has to give."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from common.clock import business_day, day_start
from members.models import Member
from withdrawals.cash_accounts import read_cash_accounts
from withdrawals.gateways import STORE_CREDIT, gateway_for
from withdrawals.gateways.base import Gateway
from withdrawals.gateways.manual import MANUAL
from withdrawals.models import Payee, Person, Policy
from withdrawals.payouts.channels import pauses
from withdrawals.requests.quote import requested_since, withdrawable


@dataclass(frozen=True, slots=True)
class ChannelOption:
    """A way of being paid; amounts in fen.

    ``arrival``, after the reviews: at_once, after_confirmation by the member, or by_hand.
    ``needs``: real_name, payee, authorization; id_number only from some amount on, as the quote
    says.
    """

    channel: str
    enabled: bool
    paused: bool
    min_amount: int
    max_amount: int
    left_today: int
    left_this_month: int
    fee: int
    """Basis points."""
    review_hours: int
    arrival: str
    needs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Options:
    withdrawable: int
    channels: tuple[ChannelOption, ...]


def options(*, member: Member, at: datetime) -> Options:
    """Return the ways of being paid; nothing is locked, so a request checks again."""
    policy = Policy.current()
    day = business_day(at)
    today = requested_since(member, day_start(day))
    this_month = requested_since(member, day_start(day.replace(day=1)))
    paused = {name for name in _gateways() if pauses(name).exists()}
    payees = {row.channel: row for row in Payee.objects.current(member)}
    is_identified = Person.objects.filter(member=member).exists()

    def option(channel: str) -> ChannelOption:
        provider = gateway_for(channel)
        is_supported = channel in provider.supported_payee_channels
        if channel == STORE_CREDIT:
            is_supported = policy.store_credit
        is_paused = provider.name in paused
        return ChannelOption(
            channel=channel,
            enabled=is_supported and not is_paused,
            paused=is_supported and is_paused,
            min_amount=max(policy.min_amount, provider.min_amount),
            max_amount=policy.max_amount,
            left_today=max(0, policy.max_per_day - today),
            left_this_month=max(0, policy.max_per_month - this_month),
            fee=policy.fee,
            review_hours=policy.review_hours,
            arrival=_arrival(payees.get(channel), provider),
            needs=tuple(_needs(channel, payees.get(channel), provider, is_identified)),
        )

    available = withdrawable(read_cash_accounts(member), at=at)
    return Options(available, tuple(option(channel) for channel in Payee.Channel.values))


def _gateways() -> set[str]:
    return {gateway_for(channel).name for channel in Payee.Channel.values}


def _arrival(payee: Payee | None, provider: Gateway) -> str:
    if provider.name == MANUAL:
        return "by_hand"
    is_authorized = payee is not None and payee.authorization_encrypted
    by_member = provider.confirmed_by_member and not is_authorized
    return "after_confirmation" if by_member else "at_once"


def _needs(
    channel: str, payee: Payee | None, provider: Gateway, is_identified: bool
) -> Iterator[str]:
    if not is_identified:
        yield "real_name"
    if channel == STORE_CREDIT:
        return
    if payee is None:
        yield "payee"
    elif provider.needs_authorization and not payee.authorization_encrypted:
        yield "authorization"

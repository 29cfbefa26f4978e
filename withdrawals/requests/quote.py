"""Price an amount and list its blockers, for a quote, a request and an approval."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet, Sum
from django.utils.translation import gettext_lazy as _

from common.clock import business_day, day_start
from common.money import format_yuan
from events.models import Reference
from ledger.chart import Asset, Kind, Reason
from ledger.models import Account, Transfer
from members.models import Member
from members.persons import survivor_of
from risk import services as risk
from risk.models import Outcome
from withdrawals import eligibility
from withdrawals.cash_accounts import CashAccounts, lock_cash_accounts, read_cash_accounts
from withdrawals.errors import Blocker, BlockerCode
from withdrawals.first_credits import first_credit
from withdrawals.gateways import STORE_CREDIT, gateway_for
from withdrawals.models import Payee, Person, Policy, Withdrawal
from withdrawals.requests.amounts import AmountParts, fee_of, split_gross
from withdrawals.requests.payees import find_payee
from withdrawals.tax import withholding
from withdrawals.tax.rules import Income, withhold


@dataclass(frozen=True, slots=True)
class Price:
    """Fee, tax and net of an amount paid now; in fen."""

    payee: Payee | None
    gross: int
    fee: int
    tax: int
    net: int
    content_hash: str
    income: Income | None

    def content(self) -> dict[str, Any]:
        """Return the fields of a withdrawal that its approvals are bound to."""
        fields = ("payee", "fee", "tax", "net", "content_hash")
        return {field: getattr(self, field) for field in fields}


@dataclass(frozen=True, slots=True)
class Quote:
    """The price and the blockers that a member sees before the request."""

    price: Price
    withdrawable: int
    blockers: tuple[Blocker, ...]


@transaction.atomic(savepoint=False)
def quote(*, member: Member, amount: int, at: datetime, channel: str = "") -> Quote:
    """Return the price of ``amount`` fen now, and every blocker.

    Locks the member's cash accounts: within a transaction the quote holds until it ends.

    :param channel: of the account to be paid to; any outside of the shop if empty
    """
    cash = lock_cash_accounts(member)
    return _quote(survivor_of(member), cash, amount, channel, at)


def preview_quote(*, member: Member, amount: int, at: datetime, channel: str = "") -> Quote:
    """Return what ``quote`` would, without a lock: for pages.

    :param member: not merged into another one
    """
    return _quote(member, read_cash_accounts(member), amount, channel, at)


def _quote(member: Member, cash: CashAccounts, amount: int, channel: str, at: datetime) -> Quote:
    price = compute_price(member=member, amount=amount, channel=channel, at=at)
    available = withdrawable(cash, at=at)
    blockers = [
        *_member_blockers(member, price, at=at),
        *_amount_blockers(member, price, available, at=at),
        *_risk_blockers(member, price, at=at),
    ]
    return Quote(price, available, tuple(blockers))


def current_price(withdrawal: Withdrawal, *, at: datetime) -> Price:
    """Return the price of a withdrawal paid now; the fee stays the one quoted to the member."""
    converts = withdrawal.payee.channel == STORE_CREDIT
    return compute_price(
        member=withdrawal.member, amount=withdrawal.gross, at=at, agreed_fee=withdrawal.fee,
        channel=STORE_CREDIT if converts else "",
    )  # fmt: skip


def compute_price(
    *, member: Member, amount: int, at: datetime, channel: str = "", agreed_fee: int | None = None
) -> Price:
    """Compute fee, tax and net of an amount paid now, and the hash that approvals are bound to.

    :param channel: of the account to be paid to; any outside of the shop if empty
    """
    policy = Policy.current()
    payee = find_payee(member, channel, at=at)
    person = Person.objects.filter(member=member).first()
    if amount <= 0:
        return Price(payee, amount, 0, 0, amount, "", None)
    income = withholding.income_of(member=member, amount=amount, policy=policy, at=at)
    fee = fee_of(amount, fee_bp=policy.fee) if agreed_fee is None else agreed_fee
    parts = split_gross(amount, fee=fee, tax=withhold(income).tax)
    content_hash = _content_hash(payee, person, amount, parts, income)
    return Price(payee, amount, parts.fee, parts.tax, parts.net, content_hash, income)


def withdrawable(cash: CashAccounts, *, at: datetime) -> int:
    """Return the fen that a member can request: credits of today (in Shanghai) wait a day.

    Only the credits of today are read, however many the member has had.
    """
    if cash.owed.balance:
        return 0
    persons = Member.objects.of_person(cash.wallet.member_id or 0).values("pk")
    wallets = Account.objects.filter(member__in=persons, asset=Asset.CASH, kind=Kind.WALLET)
    day = business_day(at)
    today = Transfer.objects.filter(
        credit__in=list(wallets.values_list("pk", flat=True)),
        pk__gte=first_credit(day),
        reason__in=[Reason.COMMISSION, Reason.AWARD],
        effective_at__gte=day_start(day),
    )
    return max(0, (cash.wallet.balance or 0) - (today.aggregate(sum=Sum("amount"))["sum"] or 0))


def _member_blockers(member: Member, price: Price, *, at: datetime) -> Iterator[Blocker]:
    yield from eligibility.member_blockers([member.pk])[member.pk]
    if Withdrawal.objects.open().filter(member=member).exists():
        yield Blocker(
            BlockerCode.ALREADY_OPEN, _("One withdrawal is open: wait for it, or cancel it.")
        )
    person = Person.objects.filter(member=member).first()
    if person is None:
        yield Blocker(BlockerCode.REAL_NAME_NEEDED, _("Enter your real name first."))
    elif price.income and not person.id_number_encrypted:
        month = price.gross + withholding.income_in_month(member, at)
        if month >= Policy.current().id_number_threshold:
            yield Blocker(
                BlockerCode.ID_NUMBER_NEEDED,
                _("Enter your ID number: it is needed for tax from this amount on."),
            )
    if price.payee is None:
        yield Blocker(BlockerCode.PAYEE_NEEDED, _("Set the account to be paid to first."))
    else:
        policy = Policy.current()
        yield from eligibility.payee_blockers(price.payee, converts=policy.store_credit)


def _amount_blockers(
    member: Member, price: Price, available: int, *, at: datetime
) -> Iterator[Blocker]:
    policy, amount = Policy.current(), price.gross
    if amount <= 0:
        yield Blocker(BlockerCode.AMOUNT_NOT_POSITIVE, _("The amount must be above 0."))
        return
    day = business_day(at)
    today = requested_since(member, day_start(day))
    this_month = requested_since(member, day_start(day.replace(day=1)))
    smallest = gateway_for(price.payee.channel if price.payee else "").min_amount
    limits = (
        (BlockerCode.BELOW_MINIMUM, amount < policy.min_amount, policy.min_amount,
         _("The minimum is %(limit)s yuan.")),
        (BlockerCode.ABOVE_MAXIMUM, amount > policy.max_amount, policy.max_amount,
         _("The maximum is %(limit)s yuan at a time.")),
        (BlockerCode.ABOVE_DAILY, today + amount > policy.max_per_day, policy.max_per_day,
         _("The maximum is %(limit)s yuan a day.")),
        (BlockerCode.ABOVE_MONTHLY, this_month + amount > policy.max_per_month,
         policy.max_per_month, _("The maximum is %(limit)s yuan a month.")),
        (BlockerCode.BALANCE_TOO_LOW, amount > available, available,
         _("You can withdraw %(limit)s yuan now.")),
        (BlockerCode.NET_TOO_SMALL, price.net < smallest, smallest,
         _("Less than %(limit)s yuan would remain, which cannot be paid out.")),
    )  # fmt: skip
    for code, exceeded, limit, message in limits:
        if exceeded:
            yield Blocker(code, str(message) % {"limit": format_yuan(limit)})


def _risk_blockers(member: Member, price: Price, *, at: datetime) -> Iterator[Blocker]:
    if price.payee is None or price.gross <= 0:
        return
    outcomes = risk.evaluate_withdrawal(
        subject=Reference("withdrawals.withdrawal", ""), amount=price.gross, at=at,
        **_risk_evidence(member, price.payee),
    )  # fmt: skip
    if any(outcome.outcome == Outcome.BLOCK for outcome in outcomes.values()):
        yield Blocker(BlockerCode.RISK_BLOCK, _("This cannot be paid now. Please ask the shop."))


def assess_risk(withdrawal: Withdrawal, *, at: datetime) -> None:
    """Assess a withdrawal with its current payee."""
    risk.assess_withdrawal(
        subject=Reference.to(withdrawal), amount=withdrawal.gross, at=at,
        **_risk_evidence(withdrawal.member, withdrawal.payee),
    )  # fmt: skip


def _risk_evidence(member: Member, payee: Payee) -> dict[str, Any]:
    """Return the risk inputs: other members with the same account or the same identity."""
    payees = Payee.objects.filter(account_fingerprint=payee.account_fingerprint)
    person = Person.objects.filter(member=member).exclude(id_number_fingerprint="").first()
    same_identity = None
    if person:
        people = Person.objects.filter(id_number_fingerprint=person.id_number_fingerprint)
        same_identity = _other_members(people, member)
    return {
        "member": member,
        "payee_hash": payee.account_fingerprint,
        "payee_shared_with": _other_members(payees, member),
        "identity_shared_with": same_identity,
    }


def _other_members(rows: QuerySet[Any], member: Member) -> set[int]:
    persons = Member.objects.of_person(member.pk).values("pk")
    return set(rows.exclude(member__in=persons).values_list("member", flat=True))


def requires_second_finance(gross: int) -> bool:
    """Return whether an amount needs two reviewers of finance now."""
    min_amount = Policy.current().second_finance_threshold
    return min_amount is not None and gross >= min_amount


def requested_since(member: Member, since: datetime) -> int:
    """Return the fen that the person requested since then, without what was not paid."""
    persons = Member.objects.of_person(member.pk).values("pk")
    counted = Withdrawal.objects.filter(member__in=persons, requested_at__gte=since).exclude(
        status__in=["rejected", "cancelled", "failed", "returned"]
    )
    return int(counted.aggregate(sum=Sum("gross"))["sum"] or 0)


def _content_hash(
    payee: Payee | None, person: Person | None, gross: int, parts: AmountParts, income: Income
) -> str:
    content = (
        payee.public_id if payee else "",
        payee.account_fingerprint if payee else "",
        person.name_fingerprint if person else "",
        gross, parts.fee, parts.tax, income.regime, income.version,
    )  # fmt: skip
    return hashlib.sha256("|".join(map(str, content)).encode()).hexdigest()

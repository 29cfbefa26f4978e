"""What a member would get, and why not if so: the same for a quote, a request and an approval."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Sum
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from common import days
from common.money import format_yuan
from events.models import Reference
from ledger.chart import Reason
from ledger.models import Transfer
from members.models import Member
from risk import services as risk
from risk.models import Outcome
from withdrawals import rules
from withdrawals.gateways import gateway
from withdrawals.models import Payee, Person, Policy, Withdrawal
from withdrawals.services import standing, taxing
from withdrawals.services.locking import Cash, lock_cash
from withdrawals.services.refusals import Blocker


@dataclass(frozen=True, slots=True)
class Price:
    """What becomes of an amount if it is paid now; in fen."""

    payee: Payee | None
    gross: int
    fee: int
    tax: int
    net: int
    content: str
    income: rules.Income | None


@dataclass(frozen=True, slots=True)
class Quote:
    """What a member sees before they confirm."""

    price: Price
    withdrawable: int
    blockers: tuple[Blocker, ...]


@transaction.atomic(savepoint=False)
def quote(*, member: Member, amount: int, at: datetime) -> Quote:
    """What a member would get for ``amount`` fen now, and everything that stands in the way.

    The member's cash is locked: within a transaction the answer holds until that ends.
    """
    cash = lock_cash(member)
    price = priced(member=member, amount=amount, at=at)
    available = withdrawable(cash, at=at)
    found = [
        *_of_the_member(member, price, at=at),
        *_of_the_amount(member, price, available, at=at),
        *_of_risk(member, price, at=at),
    ]
    return Quote(price, available, tuple(found))


def price_of(withdrawal: Withdrawal, *, at: datetime) -> Price:
    """What a withdrawal comes to if it is paid now. Its fee is the one that the member was told."""
    return priced(
        member=withdrawal.member, amount=withdrawal.gross, at=at, agreed_fee=withdrawal.fee
    )


def priced(*, member: Member, amount: int, at: datetime, agreed_fee: int | None = None) -> Price:
    """Fee, tax and net of an amount that is paid now, and the hash that approvals are bound to."""
    policy = Policy.current()
    payee = Payee.objects.filter(member=member, retired_at=None).first()
    person = Person.objects.filter(member=member).first()
    if amount <= 0:
        return Price(payee, amount, 0, 0, amount, "", None)
    income = taxing.income_of(member=member, amount=amount, policy=policy, at=at)
    fee = rules.fee_of(amount, fee_bp=policy.fee) if agreed_fee is None else agreed_fee
    parts = rules.split_gross(amount, fee=fee, tax=rules.withhold(income).tax)
    content = _content(payee, person, amount, parts, income)
    return Price(payee, amount, parts.fee, parts.tax, parts.net, content, income)


def withdrawable(cash: Cash, *, at: datetime) -> int:
    """Fen that a member may ask for: credits of today (in Shanghai) wait for tomorrow."""
    if cash.owed.balance:
        return 0
    today = Transfer.objects.filter(
        credit=cash.wallet,
        reason=Reason.COMMISSION,
        effective_at__gte=days.day_start(days.business_day(at)),
    )
    return max(0, (cash.wallet.balance or 0) - (today.aggregate(sum=Sum("amount"))["sum"] or 0))


def _of_the_member(member: Member, price: Price, *, at: datetime) -> Iterator[Blocker]:
    yield from standing.of_member(member)
    if Withdrawal.objects.open().filter(member=member).exists():
        yield Blocker("already_open", _("One withdrawal is open: wait for it, or cancel it."))
    person = Person.objects.filter(member=member).first()
    if person is None:
        yield Blocker("real_name_needed", _("Tell us your real name first."))
    elif price.income and not person.id_number_sealed:
        month = price.gross + taxing.income_in_month(member, at)
        if month >= Policy.current().id_number_from:
            yield Blocker("id_number_needed", _("The tax office wants your ID number from now on."))
    if price.payee is None:
        yield Blocker("payee_needed", _("Say where the money is to go first."))
    else:
        yield from standing.of_payee(price.payee)


def _of_the_amount(
    member: Member, price: Price, available: int, *, at: datetime
) -> Iterator[Blocker]:
    policy, amount = Policy.current(), price.gross
    if amount <= 0:
        yield Blocker("bad_amount", _("The amount must be above 0."))
        return
    if amount < policy.least:
        yield _limit("below_minimum", _("The least is %(limit)s yuan."), policy.least)
    if amount > policy.most:
        yield _limit("above_maximum", _("The most is %(limit)s yuan at a time."), policy.most)
    day = days.business_day(at)
    if _asked_since(member, days.day_start(day)) + amount > policy.most_a_day:
        yield _limit("above_daily", _("The most is %(limit)s yuan a day."), policy.most_a_day)
    if _asked_since(member, days.day_start(day.replace(day=1))) + amount > policy.most_a_month:
        yield _limit("above_monthly", _("The most is %(limit)s yuan a month."), policy.most_a_month)
    if amount > available:
        yield _limit("insufficient_funds", _("You can withdraw %(limit)s yuan now."), available)
    if price.net < gateway().least:
        yield _limit(
            "net_too_small", _("Less than %(limit)s yuan would be left: that cannot be paid."),
            gateway().least,
        )  # fmt: skip


def _of_risk(member: Member, price: Price, *, at: datetime) -> Iterator[Blocker]:
    if price.payee is None or price.gross <= 0:
        return
    found = risk.judge_withdrawal(
        subject=Reference("withdrawals.withdrawal", ""), amount=price.gross, at=at,
        **evidence(member, price.payee),
    )  # fmt: skip
    if any(one.outcome == Outcome.BLOCK for one in found.values()):
        yield Blocker("risk", _("This cannot be paid now. Please ask the shop."))


def evidence(member: Member, payee: Payee) -> dict[str, Any]:
    """What risk is told: others who are paid to the same account, or are the same person."""
    others = Payee.objects.filter(account_print=payee.account_print).exclude(member=member)
    person = Person.objects.filter(member=member).exclude(id_number_print="").first()
    same = Person.objects.filter(
        id_number_print=person.id_number_print if person else None
    ).exclude(member=member)
    return {
        "member": member,
        "payee_hash": payee.account_print,
        "payee_shared_with": set(others.values_list("member", flat=True)),
        "identity_shared_with": set(same.values_list("member", flat=True)) if person else None,
    }


def needs_two(gross: int) -> bool:
    """Whether two people of finance are needed for an amount now."""
    least = Policy.current().second_finance_from
    return least is not None and gross >= least


def _asked_since(member: Member, since: datetime) -> int:
    counted = Withdrawal.objects.filter(member=member, requested_at__gte=since).exclude(
        status__in=["rejected", "cancelled", "failed", "returned"]
    )
    return int(counted.aggregate(sum=Sum("gross"))["sum"] or 0)


def _limit(code: str, words: str | Promise, limit: int) -> Blocker:
    return Blocker(code, str(words) % {"limit": format_yuan(limit)})


def _content(
    payee: Payee | None,
    person: Person | None,
    gross: int,
    parts: rules.Parts,
    income: rules.Income,
) -> str:
    named = (
        payee.public_id if payee else "",
        payee.account_print if payee else "",
        person.name_print if person else "",
        gross, parts.fee, parts.tax, income.regime, income.version,
    )  # fmt: skip
    return hashlib.sha256("|".join(map(str, named)).encode()).hexdigest()

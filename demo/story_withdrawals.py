"""Play the second part of the story: three members request withdrawals."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.utils.translation import gettext as _

from closing.controls import findings
from closing.models import ProviderStatement
from closing.services import fetch_statement, missing_days, top_up
from common.clock import business_day
from common.errors import TwotierError
from common.money import format_yuan
from config import roles
from ledger.chart import Asset, Kind
from ledger.models import Account
from members.models import Member, User
from members.rights import change_rights
from withdrawals.gateways import gateway
from withdrawals.gateways.sandbox import SandboxGateway
from withdrawals.models import Attempt, Policy, RejectionReason, Withdrawal
from withdrawals.services import (
    approve_as_finance,
    approve_as_operations,
    change_policy,
    identify,
    process_attempt,
    reject,
    request_withdrawal,
    set_payee,
    start_payout,
)

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NAMES = {"梅": "李梅", "兰": "王兰", "波": "陈波"}
# Qian also has finance's permission, to show that four eyes still stop her.
GROUPS = {"qian": "Operations", "feng": "Finance"}
TOPPED_UP = 1_000_000
PAID, REJECTED, WAITING = "demo-paid", "demo-rejected", "demo-waiting"


def play(people: dict[str, Member], staff: dict[str, User], *, at: datetime) -> None:
    """Request, review, pay and reject withdrawals of credited commissions."""
    qian, feng = (User.objects.get(pk=staff[name].pk) for name in ("qian", "feng"))
    change_policy(by=feng, at=at, regime=Policy.Regime.LABOR_PER_PAYMENT)
    for number, (name, real) in enumerate(NAMES.items(), start=1):
        identify(member=people[name], name=real, at=at)
        set_payee(member=people[name], channel="wechat", account=f"oDemo{number:023}", at=at)
    paid = request_withdrawal(member=people["兰"], amount=3_000, key=PAID, at=at)
    approve_as_operations(withdrawal=paid, by=qian, at=at + HOUR)
    approve_as_finance(withdrawal=paid, by=feng, at=at + 2 * HOUR)
    _pay(paid, at=at + 3 * HOUR)
    rejected = request_withdrawal(member=people["梅"], amount=1_000, key=REJECTED, at=at)
    reason = RejectionReason.objects.create(
        code="name-differs", label=_("The name differs from the account's")
    )
    reject(withdrawal=rejected, by=qian, at=at + HOUR, reason=reason)
    waiting = request_withdrawal(member=people["波"], amount=500, key=WAITING, at=at)
    approve_as_operations(withdrawal=waiting, by=qian, at=at + HOUR)
    top_up(document="DEMO-1", amount=TOPPED_UP, by=feng, at=at)


def fetch_statements(*, now: datetime) -> None:
    """Fetch the statements of all days up to yesterday."""
    for name, day in missing_days(until=business_day(now - DAY)):
        fetch_statement(day=day, at=now, gateway=name)


def give_rights(staff: dict[str, User], *, at: datetime) -> None:
    roles.sync_groups(at=at)
    for name, role in GROUPS.items():
        group = Group.objects.get(name=role)
        change_rights(user=staff[name], by=None, at=at, groups=[group])
    finance = Permission.objects.get(codename="review_as_finance")
    change_rights(user=staff["qian"], by=None, at=at, user_permissions=[finance])


def _pay(withdrawal: Withdrawal, *, at: datetime) -> None:
    """Pay through the sandbox, which accepts the payout and loses its reply."""
    provider = gateway("sandbox")
    if isinstance(provider, SandboxGateway):
        provider.script(on="send")
    attempt = start_payout(withdrawal=withdrawal, at=at)
    assert attempt, "the tax is unchanged"
    for moment in (at, at + HOUR):
        process_attempt(attempt=attempt.pk, at=moment)


def report_lines() -> Iterator[str]:
    rows = Withdrawal.objects.filter(key__startswith="demo-")
    withdrawals = {row.key: row for row in rows}
    if len(withdrawals) < len(NAMES):
        return
    yield from _paid(withdrawals[PAID])
    yield from _rejected(withdrawals[REJECTED])
    yield _("12. 波 asks for %(amount)s yuan. 钱 has approved it for operations, and tries for"
            " finance too: %(answer)s") % {
        "amount": format_yuan(withdrawals[WAITING].gross),
        "answer": _same_person(withdrawals[WAITING]),
    }  # fmt: skip
    yield from _controls()


def _paid(withdrawal: Withdrawal) -> Iterator[str]:
    yield _(
        "10. 兰 asks for %(gross)s yuan: tax %(tax)s, fee %(fee)s, net %(net)s. Operations approve"
        " it, then finance."
    ) % {name: format_yuan(getattr(withdrawal, name)) for name in ("gross", "tax", "fee", "net")}
    attempt = Attempt.objects.filter(withdrawal=withdrawal).order_by("pk").last()
    if attempt:
        yield _(
            "   The provider's answer was lost: nothing was moved. It was asked, and had paid:"
            " number %(number)s, sent %(sends)s times, paid once."
        ) % {"number": attempt.out_bill_no, "sends": attempt.send_count}
    yield _("   It is %(status)s now.") % {"status": withdrawal.get_status_display()}


def _rejected(withdrawal: Withdrawal) -> Iterator[str]:
    yield _("11. 梅 asks for %(gross)s yuan and is rejected: %(reason)s.") % {
        "gross": format_yuan(withdrawal.gross), "reason": withdrawal.rejection_reason or "",
    }  # fmt: skip
    wallet = Account.objects.get(member=withdrawal.member, asset=Asset.CASH, kind=Kind.WALLET)
    yield _("   The money is hers again: %(amount)s yuan.") % {
        "amount": format_yuan(wallet.balance or 0)
    }


def _same_person(withdrawal: Withdrawal) -> str:
    if withdrawal.ops_reviewer is None or withdrawal.ops_reviewed_at is None:
        return _("it has ended meanwhile.")
    try:
        with transaction.atomic():
            approve_as_finance(
                withdrawal=withdrawal, by=withdrawal.ops_reviewer, at=withdrawal.ops_reviewed_at
            )
            transaction.set_rollback(True)
    except TwotierError as refusal:
        return str(refusal)
    return ""


def _controls() -> Iterator[str]:
    last = ProviderStatement.objects.order_by("-day").first()
    if last is None:
        return
    yield _("13. The daily controls, with the provider's bills up to %(day)s:") % {"day": last.day}
    for control, differing in findings(last.day).items():
        yield f"   {'✗' if differing else '✓'} {control.label}"

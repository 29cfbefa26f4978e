"""What the pages of batches show: payouts that can be chosen, and the lines of a batch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from backoffice.base import admin_url
from common.money import yuan_text
from members.models import User
from withdrawals.admin.display import format_blockers
from withdrawals.gateways import gateway, gateway_for
from withdrawals.gateways.manual import MANUAL
from withdrawals.models import Attempt, Payee, PayoutBatch, Withdrawal
from withdrawals.payouts.batches import MAX_LINES, lines_of
from withdrawals.queries import AWAITING_PAYOUT, blockers


@dataclass(frozen=True)
class PayableGroup:
    """Approved withdrawals of one channel that a person can pay, and those that are blocked."""

    channel: str
    title: str
    rows: list[Withdrawal]
    blocked: list[tuple[Withdrawal, str | Promise]]

    @property
    def total(self) -> str:
        return yuan_text(sum(row.net for row in self.rows))


def payable_groups(*, by: User) -> list[PayableGroup]:
    """Return what waits to be paid by hand, oldest first, by channel."""
    if gateway().name != MANUAL:
        return []
    waiting = Withdrawal.objects.filter(status__in=AWAITING_PAYOUT)
    rows = [
        row
        for row in waiting.select_related("member", "payee").order_by("pk")[: 2 * MAX_LINES]
        if gateway_for(row.payee.channel).name == MANUAL
    ]
    reasons = blockers(rows)
    groups: list[PayableGroup] = []
    for channel, title in Payee.Channel.choices:
        mine = [row for row in rows if row.payee.channel == channel]
        free: list[Withdrawal] = []
        blocked: list[tuple[Withdrawal, str | Promise]] = []
        for row in mine:
            row.net_text = yuan_text(row.net)  # type: ignore[attr-defined]
            if by.member_id in (row.member_id, row.member.merged_into_id or 0):
                blocked.append((row, _("your own withdrawal: a colleague pays it")))
            elif reasons[row.pk]:
                blocked.append((row, format_blockers(reasons[row.pk])))
            else:
                free.append(row)
        if mine:
            groups.append(PayableGroup(channel, str(title), free, blocked))
    return groups


@dataclass(frozen=True, slots=True)
class BatchRow:
    """One line of a batch as its page shows it; ``key`` is that of the attempt."""

    key: int
    position: int
    number: str
    member: str
    payee: str
    amount: int
    amount_text: str
    state: str
    colour: str
    reason: str
    url: str
    voucher_url: str
    is_open: bool
    is_paid: bool


def batch_rows(batch: PayoutBatch, user: Any) -> list[BatchRow]:
    """Return the lines of a batch in their order, in one query."""
    may_see = user.has_perm("withdrawals.view_withdrawal")
    may_open = user.has_perm("withdrawals.view_evidence")
    site = admin.site.name
    rows = []
    for line in lines_of(batch):
        attempt, withdrawal = line.attempt, line.attempt.withdrawal
        is_paid = attempt.state == Attempt.State.SUCCESS
        has_file = bool(attempt.evidence and attempt.evidence.is_file)
        rows.append(
            BatchRow(
                key=attempt.pk,
                position=line.position,
                number=attempt.out_bill_no,
                member=str(withdrawal.member),
                payee=str(withdrawal.payee),
                amount=attempt.amount,
                amount_text=yuan_text(attempt.amount),
                state=_state(attempt, withdrawal),
                colour="tf-good" if is_paid else "tf-bad" if attempt.ended_at else "tf-warn",
                reason=attempt.fail_reason,
                url=admin_url(site, "withdrawals", "withdrawal", "change", withdrawal.pk)
                if may_see
                else "",
                voucher_url=admin_url(
                    site, "withdrawals", "evidence", "change", attempt.evidence_id
                )
                if may_open and has_file
                else "",
                is_open=attempt.ended_at is None,
                is_paid=is_paid,
            )
        )
    return rows


def _state(attempt: Attempt, withdrawal: Withdrawal) -> str:
    if withdrawal.status == Withdrawal.Status.RETURNED and attempt.state == Attempt.State.SUCCESS:
        return str(withdrawal.get_status_display())
    if attempt.state == Attempt.State.SUCCESS:
        return _("paid")
    return _("not paid") if attempt.ended_at else _("at the bank")

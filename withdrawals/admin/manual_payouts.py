# mypy: allow-subclassing-any, allow-any-generics
"""Manual payouts: finance claims withdrawals, exports a file, pays and uploads vouchers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from backoffice.base import StrOrPromise
from backoffice.names import staff_name
from backoffice.pages import PagesMixin, download
from backoffice.sheets import Cell, Sheet, Yuan, workbook
from common import clock
from common.errors import TwotierError
from members.models import User
from withdrawals import services
from withdrawals.admin.batches import action_inputs, table
from withdrawals.admin.dialogs import REVIEW_RESTARTED, ReasonPageForm
from withdrawals.admin.display import format_blockers
from withdrawals.admin.vouchers import is_paid_manually
from withdrawals.gateways import gateway, gateway_for
from withdrawals.gateways.manual import MANUAL
from withdrawals.models import Attempt, Withdrawal
from withdrawals.payouts.batches import batch_numbers
from withdrawals.payouts.start import load_instruction
from withdrawals.permissions import FINANCE
from withdrawals.queries import AWAITING_PAYOUT, blockers, live_attempts

UNMASK = "withdrawals.unmask_person"
NOT_MANUAL = _("A provider pays here: manual payouts are not available.")


class ManualPayoutActions(PagesMixin):
    """List actions on withdrawals that a person pays."""

    selected_rows: Callable[..., list[Withdrawal]]

    def has_export_permission(self, request: HttpRequest, *_row: Any) -> bool:
        return bool(request.user.has_perms([FINANCE, UNMASK]))

    @admin.action(description=_("Pay manually"), permissions=["finance"])
    def claim_many(self, request: HttpRequest, chosen: QuerySet[Withdrawal]) -> HttpResponse | None:
        if gateway().name != MANUAL:
            messages.error(request, NOT_MANUAL)
            return None
        rows = self.selected_rows(request, chosen)
        by: Any = request.user
        confirmed = "confirm" in request.POST
        blocked = blockers(rows)
        ready = [
            row
            for row in rows
            if row.status in AWAITING_PAYOUT
            and not blocked[row.pk]
            and gateway_for(row.payee.channel).name == MANUAL
        ]
        results = {row.pk: _claim(row, by) for row in ready} if confirmed else {}

        def outcome(row: Withdrawal) -> StrOrPromise:
            refusal = format_blockers(blocked[row.pk])
            return results.get(row.pk) or refusal or row.get_status_display()

        if confirmed:  # the next step is the file
            next_action = "export_manual_payouts"
            button = {"submit": _("Export as XLSX") if self.has_export_permission(request) else ""}
        else:
            next_action = "claim_many"
            button = {"confirm": _("Pay manually") if ready else ""}
        return self.show_page(
            request,
            title=_("Pay manually"),
            table=table(rows, (_("outcome"), outcome)),
            hidden=action_inputs(next_action, rows),
            **button,
        )

    @admin.action(description=_("Export manual payouts as XLSX"), permissions=["export"])
    def export_manual_payouts(
        self, request: HttpRequest, chosen: QuerySet[Withdrawal]
    ) -> HttpResponse:
        rows = self.selected_rows(request, chosen)
        live = live_attempts(rows)
        paying = {row.pk: live[row.pk] for row in rows if is_paid_manually(row, live.get(row.pk))}
        in_batches = batch_numbers(paying.values())
        # Only the claimer exports it: a payment in two files would be paid twice.
        mine = {
            key: attempt
            for key, attempt in paying.items()
            if attempt.claimed_by_id in {None, request.user.pk} and attempt.pk not in in_batches
        }
        form = ReasonPageForm(request.POST if "confirm" in request.POST else None)
        if mine and form.is_valid():
            by: Any = request.user
            try:
                return _export_response(rows, mine, by=by, reason=form.cleaned_data["reason"])
            except TwotierError as refusal:
                messages.error(request, str(refusal))

        def outcome(row: Withdrawal) -> StrOrPromise:
            attempt = paying.get(row.pk)
            if row.pk in mine:
                return _("included in the file")
            if attempt and attempt.pk in in_batches:
                return _("in batch %(number)s") % {"number": in_batches[attempt.pk]}
            if attempt and attempt.claimed_by:
                return _("claimed by %(who)s") % {"who": staff_name(attempt.claimed_by)}
            return row.get_status_display()

        return self.show_page(
            request,
            title=_("Export manual payouts as XLSX"),
            intro=_(
                "The file contains full names and account numbers. Your name and reason are "
                "recorded."
            ),
            form=form if mine else None,
            table=table(rows, (_("outcome"), outcome)),
            confirm=_("Export as XLSX") if mine else "",
            hidden=action_inputs("export_manual_payouts", rows),
        )


def _claim(row: Withdrawal, by: User) -> StrOrPromise:
    try:
        claimed = services.claim_manual_payouts(withdrawals=[row], by=by, at=clock.now())
    except TwotierError as refusal:
        return str(refusal)
    return _("claimed by you") if claimed else REVIEW_RESTARTED


def _export_response(
    rows: list[Withdrawal], paying: dict[int, Attempt], *, by: User, reason: str
) -> HttpResponse:
    """Record that the payees were unmasked and return the file."""
    cells: list[list[Cell]] = []
    with transaction.atomic():
        for row in rows:
            if row.pk not in paying:
                continue
            services.unmask(member=row.member, by=by, at=clock.now(), reason=reason)
            # The immutable instruction is paid, not the payee as of now.
            instruction = load_instruction(paying[row.pk])
            cells.append([
                instruction.out_bill_no, instruction.name, row.payee.get_channel_display(),
                row.payee.bank, instruction.account, Yuan(instruction.amount), instruction.remark,
            ])  # fmt: skip
    titles = [
        _("number"), _("real name"), _("channel"), _("name of the bank"), _("account to pay to"),
        _("yuan"), _("remark"),
    ]  # fmt: skip
    return download(workbook(Sheet("Sheet1", list(map(str, titles)), cells)), "pay-by-hand.xlsx")

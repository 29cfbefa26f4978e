# mypy: allow-subclassing-any, allow-any-generics
"""Paying by hand: finance takes withdrawals, exports a file, pays, and shows vouchers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from common import clock
from common.admin import StrOrPromise
from common.errors import TwotierError
from members.models import User
from withdrawals import services
from withdrawals.admin.batches import HEADERS, row_cells
from withdrawals.admin.dialogs import REVIEW_RESTARTED, ReasonPageForm
from withdrawals.admin.display import format_blockers
from withdrawals.admin.spreadsheet import XLSX_CONTENT_TYPE, PaymentRow, build_workbook
from withdrawals.admin.vouchers import is_paid_manually
from withdrawals.errors import NotAllowed
from withdrawals.gateways import gateway
from withdrawals.models import Attempt, Withdrawal
from withdrawals.payouts.start import load_instruction
from withdrawals.permissions import FINANCE
from withdrawals.queries import blockers, live_attempts

Status = Withdrawal.Status
UNMASK = "withdrawals.unmask_person"
MANUAL = "manual"
NOT_MANUAL = _("Payouts go through a provider here: nothing is paid by hand.")


class ManualPayoutActions:
    """Actions and pages of withdrawals that a person pays."""

    admin_site: Any
    opts: Any
    get_object: Any
    first: Callable[..., list[Withdrawal]]
    render_table: Callable[..., HttpResponse]
    has_finance_permission: Callable[..., bool]

    def has_export_permission(self, request: HttpRequest, *_row: Any) -> bool:
        return bool(request.user.has_perms([FINANCE, UNMASK]))

    def claim_payout(self, row: Withdrawal, *, by: User, at: datetime) -> bool:
        """Take a withdrawal out of everybody else's hands; whether it was, or is reviewed anew.

        :raises NotAllowed: a provider pays here, and would never be asked about it
        """
        if gateway().name != MANUAL:
            raise NotAllowed
        return bool(services.claim_manual_payouts(withdrawals=[row], by=by, at=at))

    @admin.action(description=_("Pay by hand"), permissions=["finance"])
    def claim_many(self, request: HttpRequest, chosen: QuerySet[Withdrawal]) -> HttpResponse | None:
        if gateway().name != MANUAL:
            messages.error(request, NOT_MANUAL)
            return None
        rows = self.first(request, chosen)
        by: Any = request.user
        sure = "sure" in request.POST
        found = blockers(rows)
        ready = [
            row for row in rows
            if row.status in (Status.FINANCE_APPROVED, Status.READY_TO_COLLECT)
            and not found.get(row.pk)
        ]  # fmt: skip
        results = {row.pk: self._claim_result(row, by) for row in ready} if sure else {}
        table = {
            "headers": [*HEADERS, _("outcome")],
            "rows": [
                [
                    *row_cells(row),
                    results.get(row.pk) or _status_label(row, format_blockers(found.get(row.pk))),
                ]
                for row in rows
            ],
        }
        # From here to the file.
        next_ = "export_manual_payouts" if sure else "claim_many"
        may_go_on = self.has_export_permission(request) if sure else bool(ready)
        return self.render_table(
            request,
            title=_("Pay by hand"),
            table=table,
            sure=(_("Export as XLSX") if sure else _("Pay by hand")) if may_go_on else "",
            hidden=[("action", next_), *_selection_inputs(rows)],
            first_look=sure,
        )

    def _claim_result(self, row: Withdrawal, by: User) -> StrOrPromise:
        try:
            taken = self.claim_payout(row, by=by, at=clock.now())
        except TwotierError as refusal:
            return str(refusal)
        return _("yours to pay") if taken else REVIEW_RESTARTED

    @admin.action(description=_("Export as XLSX what is paid by hand"), permissions=["export"])
    def export_manual_payouts(
        self, request: HttpRequest, chosen: QuerySet[Withdrawal]
    ) -> HttpResponse:
        rows = self.first(request, chosen)
        live = live_attempts(rows)
        under_way = {
            row.pk: live[row.pk] for row in rows if is_paid_manually(row, live.get(row.pk))
        }
        me = request.user.pk
        # Whoever took it pays it: two files with one payment in both would pay it twice.
        paying = {key: one for key, one in under_way.items() if one.claimed_by_id in {None, me}}
        form = ReasonPageForm(request.POST if "sure" in request.POST else None)
        if paying and form.is_valid():
            by: Any = request.user
            try:
                return _export_response(rows, paying, by=by, reason=form.cleaned_data["reason"])
            except TwotierError as refusal:
                messages.error(request, str(refusal))
        return self.render_table(
            request,
            title=_("Export as XLSX what is paid by hand"),
            told=_("The file names people and accounts in full. Who exports it, and why, is kept."),
            form=form if paying else None,
            table={
                "headers": [*HEADERS, _("outcome")],
                "rows": [
                    [*row_cells(row), _export_status(row, row.pk in paying, under_way.get(row.pk))]
                    for row in rows
                ],
            },
            sure=_("Export as XLSX") if paying else "",
            hidden=[("action", "export_manual_payouts"), *_selection_inputs(rows)],
        )


def _export_response(
    rows: list[Withdrawal], paying: dict[int, Attempt], *, by: User, reason: str
) -> HttpResponse:
    """The file; that everybody in it was unmasked is kept first."""
    lines = []
    with transaction.atomic():
        for row in rows:
            if row.pk not in paying:
                continue
            services.unmask(member=row.member, by=by, at=clock.now(), reason=reason)
            # What was frozen is paid, whatever the member has changed since.
            instruction = load_instruction(paying[row.pk])
            lines.append(
                PaymentRow(
                    number=instruction.out_bill_no,
                    name=instruction.name,
                    channel=str(row.payee.get_channel_display()),
                    bank=row.payee.bank,
                    account=instruction.account,
                    amount=instruction.amount,
                    remark=instruction.remark,
                )
            )
    return HttpResponse(
        build_workbook(lines),
        content_type=XLSX_CONTENT_TYPE,
        headers={
            "Content-Disposition": 'attachment; filename="pay-by-hand.xlsx"',
            "Cache-Control": "no-store",
        },
    )


def _selection_inputs(rows: list[Withdrawal]) -> list[tuple[str, str]]:
    return [(ACTION_CHECKBOX_NAME, str(row.pk)) for row in rows]


def _export_status(row: Withdrawal, mine: bool, live: Attempt | None) -> StrOrPromise:
    if mine:
        return _("goes into the file")
    if live and live.claimed_by:
        return _("%(who)s pays it") % {"who": live.claimed_by.username}
    return _status_label(row)


def _status_label(row: Withdrawal, why: StrOrPromise = "") -> StrOrPromise:
    return why or str(row.get_status_display())

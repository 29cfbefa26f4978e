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
from common.admin import Words
from common.errors import TwotierError
from members.models import User
from withdrawals import services
from withdrawals.admin.batches import HEADERS, cells
from withdrawals.admin.dialogs import SENT_BACK, PageForm
from withdrawals.admin.sheet import TYPE, Line, workbook
from withdrawals.admin.vouchers import pays_by_hand
from withdrawals.admin.words import stopped_by
from withdrawals.gateways import gateway
from withdrawals.models import Attempt, Withdrawal
from withdrawals.queries import in_the_way, live_attempts
from withdrawals.services.freezing import bill_of
from withdrawals.services.refusals import NotAllowed
from withdrawals.services.rights import FINANCE

Status = Withdrawal.Status
UNMASK = "withdrawals.unmask_person"
BY_HAND = "manual"
NOT_BY_HAND = _("Payouts go through a provider here: nothing is paid by hand.")


class ByHand:
    """Actions and pages of withdrawals that a person pays."""

    admin_site: Any
    opts: Any
    get_object: Any
    first: Callable[..., list[Withdrawal]]
    many: Callable[..., HttpResponse]
    has_finance_permission: Callable[..., bool]

    def has_export_permission(self, request: HttpRequest, *_row: Any) -> bool:
        return bool(request.user.has_perms([FINANCE, UNMASK]))

    def take(self, row: Withdrawal, *, by: User, at: datetime) -> bool:
        """Take a withdrawal out of everybody else's hands; whether it was, or is reviewed anew.

        :raises NotAllowed: a provider pays here, and would never be asked about it
        """
        if gateway().name != BY_HAND:
            raise NotAllowed
        return bool(services.pay_by_hand(withdrawals=[row], by=by, at=at))

    @admin.action(description=_("Pay by hand"), permissions=["finance"])
    def pay_many_by_hand(
        self, request: HttpRequest, chosen: QuerySet[Withdrawal]
    ) -> HttpResponse | None:
        if gateway().name != BY_HAND:
            messages.error(request, NOT_BY_HAND)
            return None
        rows = self.first(request, chosen)
        by: Any = request.user
        sure = "sure" in request.POST
        found = in_the_way(rows)
        ready = [
            row for row in rows
            if row.status in (Status.FINANCE_APPROVED, Status.READY_TO_COLLECT)
            and not found.get(row.pk)
        ]  # fmt: skip
        results = {row.pk: self._taken(row, by) for row in ready} if sure else {}
        table = {
            "headers": [*HEADERS, _("outcome")],
            "rows": [
                [*cells(row), results.get(row.pk) or _as_it_is(row, stopped_by(found.get(row.pk)))]
                for row in rows
            ],
        }
        # From here to the file.
        next_ = "export_by_hand" if sure else "pay_many_by_hand"
        may_go_on = self.has_export_permission(request) if sure else bool(ready)
        return self.many(
            request,
            title=_("Pay by hand"),
            table=table,
            sure=(_("Export as XLSX") if sure else _("Pay by hand")) if may_go_on else "",
            hidden=[("action", next_), *_again(rows)],
            first_look=sure,
        )

    def _taken(self, row: Withdrawal, by: User) -> Words:
        try:
            taken = self.take(row, by=by, at=clock.now())
        except TwotierError as refusal:
            return str(refusal)
        return _("yours to pay") if taken else SENT_BACK

    @admin.action(description=_("Export as XLSX what is paid by hand"), permissions=["export"])
    def export_by_hand(self, request: HttpRequest, chosen: QuerySet[Withdrawal]) -> HttpResponse:
        rows = self.first(request, chosen)
        live = live_attempts(rows)
        under_way = {row.pk: live[row.pk] for row in rows if pays_by_hand(row, live.get(row.pk))}
        me = request.user.pk
        # Whoever took it pays it: two files with one payment in both would pay it twice.
        paying = {key: one for key, one in under_way.items() if one.taken_by_id in {None, me}}
        form = PageForm(request.POST if "sure" in request.POST else None)
        if paying and form.is_valid():
            by: Any = request.user
            try:
                return _file(rows, paying, by=by, reason=form.cleaned_data["reason"])
            except TwotierError as refusal:
                messages.error(request, str(refusal))
        return self.many(
            request,
            title=_("Export as XLSX what is paid by hand"),
            told=_("The file names people and accounts in full. Who exports it, and why, is kept."),
            form=form if paying else None,
            table={
                "headers": [*HEADERS, _("outcome")],
                "rows": [
                    [*cells(row), _of_the_file(row, row.pk in paying, under_way.get(row.pk))]
                    for row in rows
                ],
            },
            sure=_("Export as XLSX") if paying else "",
            hidden=[("action", "export_by_hand"), *_again(rows)],
        )


def _file(
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
            bill = bill_of(paying[row.pk])
            lines.append(
                Line(
                    number=bill.out_bill_no,
                    name=bill.name,
                    channel=str(row.payee.get_channel_display()),
                    bank=row.payee.bank,
                    account=bill.account,
                    amount=bill.amount,
                    remark=bill.remark,
                )
            )
    return HttpResponse(
        workbook(lines),
        content_type=TYPE,
        headers={
            "Content-Disposition": 'attachment; filename="pay-by-hand.xlsx"',
            "Cache-Control": "no-store",
        },
    )


def _again(rows: list[Withdrawal]) -> list[tuple[str, str]]:
    return [(ACTION_CHECKBOX_NAME, str(row.pk)) for row in rows]


def _of_the_file(row: Withdrawal, mine: bool, live: Attempt | None) -> Words:
    if mine:
        return _("goes into the file")
    if live and live.taken_by:
        return _("%(who)s pays it") % {"who": live.taken_by.username}
    return _as_it_is(row)


def _as_it_is(row: Withdrawal, why: Words = "") -> Words:
    return why or str(row.get_status_display())

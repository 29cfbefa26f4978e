# mypy: allow-subclassing-any, allow-any-generics
"""Add pages that upload a voucher to a withdrawal; a dialog cannot upload a file."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget

from backoffice.base import NOTHING, StrOrPromise, admin_url
from backoffice.fields import text_field
from backoffice.names import staff_name
from backoffice.pages import Page, PagesMixin
from common import clock
from members.models import User
from withdrawals import services
from withdrawals.admin.batches import table
from withdrawals.admin.dialogs import VoucherForm
from withdrawals.gateways.manual import MANUAL
from withdrawals.models import Attempt, ManualResolution, Withdrawal
from withdrawals.payouts.evidence import MAX_VOUCHER_SIZE
from withdrawals.permissions import FINANCE
from withdrawals.queries import live_attempts

Status = Withdrawal.Status
OUTCOMES = [("", "–"), ("no", _("was not paid")), ("yes", _("was paid"))]


class ManualResolutionForm(VoucherForm):
    field_order = ("paid", "reason", "voucher")
    paid = forms.ChoiceField(
        label=_("result on the provider's statement"),
        choices=OUTCOMES,
        widget=UnfoldAdminSelectWidget,
    )
    reason = text_field(_("reason"))


def is_paid_manually(row: Withdrawal, live: Attempt | None) -> bool:
    """Return whether a person is paying the withdrawal."""
    return live is not None and live.gateway == MANUAL and row.status == Status.PAYING


def live_attempt(row: Withdrawal) -> Attempt | None:
    """Return the attempt that may have paid or may still pay."""
    return live_attempts([row]).get(row.pk)


def _require_live_attempt(row: Withdrawal) -> Attempt:
    attempt = live_attempt(row)
    assert attempt, "the page is offered only with a live attempt"
    return attempt


def _can_mark_returned(row: Withdrawal, live: Attempt | None, by: User) -> bool:
    by_hand = live is not None and live.gateway == MANUAL
    return row.status == Status.PAID and by_hand and not services.took_part_in(row, by)


def _can_resolve_manually(live: Attempt | None) -> bool:
    if live is None or not services.is_stuck(live, at=clock.now()):
        return False
    return not _proposed_resolutions(live).exists()


def _proposed_resolutions(live: Attempt) -> QuerySet[ManualResolution]:
    return ManualResolution.objects.filter(attempt=live, status=ManualResolution.Status.PROPOSED)


def _voucher_page(
    name: str,
    run: Callable[..., object],
    title: StrOrPromise,
    intro: StrOrPromise,
    form: type[VoucherForm] = VoucherForm,
) -> Page:
    path = name.replace("_", "-")
    return Page(
        name, title, FINANCE, form, run=run, intro=intro, of_row=True, path=path, variant="primary"
    )


class VoucherPages(PagesMixin):
    """Pages that take a voucher, which proves the end of a payout."""

    def links(self, request: HttpRequest, row: Any = None) -> list[dict[str, Any]]:
        """Return the links, those to proposed resolutions first."""
        links = super().links(request, row)
        live = live_attempt(row) if row and request.user.has_perm(FINANCE) else None
        proposed = _proposed_resolutions(live) if live else []
        site = self.admin_site.name
        return [
            {
                "title": _("See the proposed resolution"),
                "url": admin_url(site, "withdrawals", "manualresolution", "change", resolution.pk),
                "variant": "primary",
            }
            for resolution in proposed
        ] + links

    def is_page_offered(self, page: Page, row: Withdrawal, by: User) -> bool:
        live = live_attempt(row)
        if page.name == "mark_paid":
            return is_paid_manually(row, live)
        if page.name == "mark_returned":
            return _can_mark_returned(row, live, by)
        return _can_resolve_manually(live)

    def page_context(self, page: Page, row: Withdrawal) -> dict[str, Any]:
        live = _require_live_attempt(row)
        payer = staff_name(live.claimed_by) if live.claimed_by else NOTHING
        number, paid_by = _("number at the provider"), _("paid manually by")
        return {
            "table": table([row], (number, lambda _: live.out_bill_no), (paid_by, lambda _: payer))
        }

    def do_mark_paid(self, row: Withdrawal, *, voucher: Any, by: User, at: datetime) -> object:
        services.mark_paid(attempt=_require_live_attempt(row), voucher=_read(voucher), by=by, at=at)
        return _("It is paid.")

    def do_mark_returned(self, row: Withdrawal, *, voucher: Any, by: User, at: datetime) -> object:
        services.mark_returned(withdrawal=row, voucher=_read(voucher), by=by, at=at)
        return _("Returned. The money is back in the member's balance.")

    def do_resolve_manually(
        self, row: Withdrawal, *, paid: str, voucher: Any, reason: str, by: User, at: datetime
    ) -> object:
        services.propose_manual_resolution(
            attempt=_require_live_attempt(row),
            paid=paid == "yes",
            voucher=_read(voucher),
            reason=reason,
            by=by,
            at=at,
        )
        return _("The resolution is proposed. Another finance reviewer decides under Resolutions.")

    pages = (
        _voucher_page(
            "mark_paid",
            do_mark_paid,
            _("Mark as paid"),
            _("Upload the voucher issued by the bank or wallet. One voucher proves one payment."),
        ),
        _voucher_page(
            "mark_returned",
            do_mark_returned,
            _("Mark as returned"),
            _(
                "The bank returned the money: amount, tax and fee go back to the member. "
                "Upload the proof. If the payment was booked, also book its return."
            ),
        ),
        _voucher_page(
            "resolve_manually",
            do_resolve_manually,
            _("Resolve from the provider's statement"),
            _(
                "The provider no longer reports this payout. Check its statement or merchant "
                "console and upload a screenshot. Another finance reviewer must agree."
            ),
            ManualResolutionForm,
        ),
    )


def _read(voucher: Any) -> bytes:
    return bytes(voucher.read(MAX_VOUCHER_SIZE + 1))

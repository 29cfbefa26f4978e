# mypy: allow-subclassing-any, allow-any-generics
"""Pages of a withdrawal that take a file, which no dialog carries: what proves its end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from django import forms
from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from common import clock
from common.admin import StrOrPromise
from common.errors import TwotierError
from members.models import User
from withdrawals import services
from withdrawals.admin.batches import HEADERS, row_cells
from withdrawals.admin.dialogs import MAX_TEXT_LENGTH, VoucherForm
from withdrawals.gateways.manual import MANUAL
from withdrawals.models import Attempt, ManualResolution, Withdrawal
from withdrawals.payouts.evidence import MAX_VOUCHER_SIZE
from withdrawals.queries import live_attempts

Status = Withdrawal.Status
OUTCOMES = [("", "–"), ("no", _("was not paid")), ("yes", _("was paid"))]


class ManualResolutionForm(VoucherForm):
    field_order = ("paid", "reason", "voucher")
    paid = forms.ChoiceField(
        label=_("what the provider's bill says"), choices=OUTCOMES, widget=UnfoldAdminSelectWidget
    )
    reason = forms.CharField(
        label=_("reason"), max_length=MAX_TEXT_LENGTH, widget=UnfoldAdminTextInputWidget
    )


class VoucherPage(NamedTuple):
    """A form with a voucher; ``run`` makes one service call."""

    name: str
    title: StrOrPromise
    told: StrOrPromise
    done: StrOrPromise
    is_available: Callable[[Withdrawal, Attempt | None, User], bool]
    run: Callable[..., object]
    form: type[VoucherForm] = VoucherForm


def is_paid_manually(row: Withdrawal, live: Attempt | None) -> bool:
    """Whether somebody pays it by hand now."""
    return live is not None and live.gateway == MANUAL and row.status == Status.PAYING


def live_attempt(row: Withdrawal) -> Attempt | None:
    """The attempt that may have paid, or may still."""
    return live_attempts([row]).get(row.pk)


def _can_mark_returned(row: Withdrawal, live: Attempt | None, by: User) -> bool:
    by_hand = live is not None and live.gateway == MANUAL
    return row.status == Status.PAID and by_hand and not services.took_part_in(row, by)


def _can_resolve_manually(_row: Withdrawal, live: Attempt | None, _by: User) -> bool:
    if live is None or not services.is_stuck(live, at=clock.now()):
        return False
    return not ManualResolution.objects.filter(
        attempt=live, status=ManualResolution.Status.PROPOSED
    ).exists()


def _mark_paid(_row: Withdrawal, live: Attempt, *, voucher: bytes, by: User, at: datetime) -> None:
    services.mark_paid(attempt=live, voucher=voucher, by=by, at=at)


def _mark_returned(
    row: Withdrawal, _live: Attempt, *, voucher: bytes, by: User, at: datetime
) -> None:
    services.mark_returned(withdrawal=row, voucher=voucher, by=by, at=at)


def _propose_resolution(_row: Withdrawal, live: Attempt, *, paid: str, reason: str, voucher: bytes, by: User,
    at: datetime,
) -> None:  # fmt: skip
    services.propose_manual_resolution(
        attempt=live, paid=paid == "yes", voucher=voucher, reason=reason, by=by, at=at
    )


PAGES = (
    VoucherPage(
        "mark_paid",
        _("Mark as paid"),
        _("Show the bank's or the wallet's own voucher. It counts for this payment alone."),
        _("It is paid."),
        lambda row, live, _by: is_paid_manually(row, live),
        _mark_paid,
    ),
    VoucherPage(
        "mark_returned",
        _("Mark as returned"),
        _("The bank has sent the money back: amount, tax and fee are the member's again. Show the"
          " proof. If the payment was booked, book its return, too."),
        _("It is returned; the money is the member's again."),
        _can_mark_returned,
        _mark_returned,
    ),
    VoucherPage(
        "resolve_manually",
        _("Conclude by the provider's bill"),
        _("The provider tells nothing of this bill any more. Look it up in its own bill or console,"
          " and show what stands there. Somebody else of finance has to agree."),
        _("It is proposed. Somebody else of finance decides, under Conclusions."),
        _can_resolve_manually,
        _propose_resolution,
        ManualResolutionForm,
    ),
)  # fmt: skip


class VoucherPages:
    """The pages, and links to those that are offered now."""

    admin_site: Any
    opts: Any
    get_object: Any
    has_finance_permission: Callable[..., bool]
    change_form_before_template = "admin/withdrawals/withdrawal_header.html"

    def get_urls(self) -> list[Any]:
        urls: list[Any] = super().get_urls()  # type: ignore[misc]  # of the admin page
        own = [
            path(
                f"<path:object_id>/{page.name.replace('_', '-')}/",
                self.admin_site.admin_view(partial(self._voucher_page_view, page)),
                name=f"withdrawals_withdrawal_{page.name}",
            )
            for page in PAGES
        ]
        return [*own, *urls]

    def voucher_pages(self, request: HttpRequest, object_id: str) -> list[tuple[StrOrPromise, str]]:
        """Titles and addresses of those that this person may use now."""
        row = self.get_object(request, unquote(str(object_id)))
        if row is None or not self.has_finance_permission(request):
            return []
        live, by = live_attempt(row), _user(request)
        waiting = ManualResolution.objects.filter(
            attempt=live, status=ManualResolution.Status.PROPOSED
        )
        proposed = [
            (_("Look at the proposed conclusion"),
             reverse(f"{self.admin_site.name}:withdrawals_manualresolution_change", args=[one.pk]))
            for one in (waiting if live else ())
        ]  # fmt: skip
        return proposed + [
            (page.title, reverse(
                f"{self.admin_site.name}:withdrawals_withdrawal_{page.name}", args=[row.pk]
            ))
            for page in PAGES
            if page.is_available(row, live, by)
        ]  # fmt: skip

    def _voucher_page_view(
        self, page: VoucherPage, request: HttpRequest, object_id: str
    ) -> HttpResponse:
        if not self.has_finance_permission(request):
            raise PermissionDenied
        names = (self.admin_site.name, self.opts.app_label, self.opts.model_name)
        row = self.get_object(request, unquote(object_id))
        if row is None:
            messages.warning(request, _("It is not there any more."))
            return HttpResponseRedirect(reverse("{}:{}_{}_changelist".format(*names)))
        to = reverse("{}:{}_{}_change".format(*names), args=[row.pk])
        live = live_attempt(row)
        if live is None or not page.is_available(row, live, _user(request)):
            messages.warning(request, _("This cannot be done now. Nothing was changed."))
            return HttpResponseRedirect(to)
        posted = request.method == "POST"
        form = page.form(request.POST if posted else None, request.FILES if posted else None)
        if form.is_valid() and _done(page, request, row, live, form.cleaned_data):
            return HttpResponseRedirect(to)
        payer = live.claimed_by.username if live.claimed_by else ""
        return TemplateResponse(
            request,
            "admin/withdrawals/form.html",
            {
                **self.admin_site.each_context(request),
                "opts": self.opts,
                "title": page.title,
                "told": page.told,
                "form": form,
                "table": {
                    "headers": [*HEADERS, _("number at the provider"), _("paid by hand by")],
                    "rows": [[*row_cells(row), live.out_bill_no, payer or "–"]],
                },
                "back": to,
            },
        )


def _done(
    page: VoucherPage, request: HttpRequest, row: Withdrawal, live: Attempt, given: dict[str, Any]
) -> bool:
    voucher = given.pop("voucher").read(MAX_VOUCHER_SIZE + 1)
    try:
        page.run(row, live, voucher=voucher, by=_user(request), at=clock.now(), **given)
    except TwotierError as refusal:
        messages.error(request, str(refusal))
        return False
    messages.success(request, str(page.done))
    return True


def _user(request: HttpRequest) -> Any:
    return request.user

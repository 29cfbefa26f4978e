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
from common.admin import Words
from common.errors import TwotierError
from members.models import User
from withdrawals import services
from withdrawals.admin.batches import HEADERS, cells
from withdrawals.admin.dialogs import LONGEST_WORDS, VoucherForm
from withdrawals.gateways.manual import BY_HAND
from withdrawals.models import Attempt, Conclusion, Withdrawal
from withdrawals.queries import live_attempts
from withdrawals.services.evidence import LARGEST_VOUCHER

Status = Withdrawal.Status
OUTCOMES = [("", "–"), ("no", _("was not paid")), ("yes", _("was paid"))]


class ConclusionForm(VoucherForm):
    field_order = ("paid", "reason", "voucher")
    paid = forms.ChoiceField(
        label=_("what the provider's bill says"), choices=OUTCOMES, widget=UnfoldAdminSelectWidget
    )
    reason = forms.CharField(
        label=_("reason"), max_length=LONGEST_WORDS, widget=UnfoldAdminTextInputWidget
    )


class Page(NamedTuple):
    """A form with a voucher; ``act`` makes one service call."""

    name: str
    title: Words
    told: Words
    done: Words
    offered: Callable[[Withdrawal, Attempt | None, User], bool]
    act: Callable[..., object]
    form: type[VoucherForm] = VoucherForm


def pays_by_hand(row: Withdrawal, live: Attempt | None) -> bool:
    """Whether somebody pays it by hand now."""
    return live is not None and live.gateway == BY_HAND and row.status == Status.PAYING


def live_of(row: Withdrawal) -> Attempt | None:
    """The attempt that may have paid, or may still."""
    return live_attempts([row]).get(row.pk)


def _may_return(row: Withdrawal, live: Attempt | None, by: User) -> bool:
    by_hand = live is not None and live.gateway == BY_HAND
    return row.status == Status.PAID and by_hand and not services.had_a_part(row, by)


def _may_conclude(_row: Withdrawal, live: Attempt | None, _by: User) -> bool:
    if live is None or not services.is_stuck(live, at=clock.now()):
        return False
    return not Conclusion.objects.filter(attempt=live, status=Conclusion.Status.PROPOSED).exists()


def _paid(_row: Withdrawal, live: Attempt, *, voucher: bytes, by: User, at: datetime) -> None:
    services.mark_paid(attempt=live, voucher=voucher, by=by, at=at)


def _returned(row: Withdrawal, _live: Attempt, *, voucher: bytes, by: User, at: datetime) -> None:
    services.mark_returned(withdrawal=row, voucher=voucher, by=by, at=at)


def _concluded(_row: Withdrawal, live: Attempt, *, paid: str, reason: str, voucher: bytes, by: User,
    at: datetime,
) -> None:  # fmt: skip
    services.propose_conclusion(
        attempt=live, paid=paid == "yes", voucher=voucher, reason=reason, by=by, at=at
    )


PAGES = (
    Page(
        "mark_paid",
        _("Mark as paid"),
        _("Show the bank's or the wallet's own voucher. It counts for this payment alone."),
        _("It is paid."),
        lambda row, live, _by: pays_by_hand(row, live),
        _paid,
    ),
    Page(
        "mark_returned",
        _("Mark as returned"),
        _("The bank has sent the money back: amount, tax and fee are the member's again. Show the"
          " proof. If the payment was booked, book its return, too."),
        _("It is returned; the money is the member's again."),
        _may_return,
        _returned,
    ),
    Page(
        "conclude",
        _("Conclude by the provider's bill"),
        _("The provider tells nothing of this bill any more. Look it up in its own bill or console,"
          " and show what stands there. Somebody else of finance has to agree."),
        _("It is proposed. Somebody else of finance decides, under Conclusions."),
        _may_conclude,
        _concluded,
        ConclusionForm,
    ),
)  # fmt: skip


class WithVouchers:
    """The pages, and links to those that are offered now."""

    admin_site: Any
    opts: Any
    get_object: Any
    has_finance_permission: Callable[..., bool]
    change_form_before_template = "admin/withdrawals/before_withdrawal.html"

    def get_urls(self) -> list[Any]:
        urls: list[Any] = super().get_urls()  # type: ignore[misc]  # of the admin page
        own = [
            path(
                f"<path:object_id>/{page.name.replace('_', '-')}/",
                self.admin_site.admin_view(partial(self._show, page)),
                name=f"withdrawals_withdrawal_{page.name}",
            )
            for page in PAGES
        ]
        return [*own, *urls]

    def voucher_pages(self, request: HttpRequest, object_id: str) -> list[tuple[Words, str]]:
        """Titles and addresses of those that this person may use now."""
        row = self.get_object(request, unquote(str(object_id)))
        if row is None or not self.has_finance_permission(request):
            return []
        live, by = live_of(row), _user(request)
        waiting = Conclusion.objects.filter(attempt=live, status=Conclusion.Status.PROPOSED)
        proposed = [
            (_("Look at the proposed conclusion"),
             reverse(f"{self.admin_site.name}:withdrawals_conclusion_change", args=[one.pk]))
            for one in (waiting if live else ())
        ]  # fmt: skip
        return proposed + [
            (page.title, reverse(
                f"{self.admin_site.name}:withdrawals_withdrawal_{page.name}", args=[row.pk]
            ))
            for page in PAGES
            if page.offered(row, live, by)
        ]  # fmt: skip

    def _show(self, page: Page, request: HttpRequest, object_id: str) -> HttpResponse:
        if not self.has_finance_permission(request):
            raise PermissionDenied
        names = (self.admin_site.name, self.opts.app_label, self.opts.model_name)
        row = self.get_object(request, unquote(object_id))
        if row is None:
            messages.warning(request, _("It is not there any more."))
            return HttpResponseRedirect(reverse("{}:{}_{}_changelist".format(*names)))
        to = reverse("{}:{}_{}_change".format(*names), args=[row.pk])
        live = live_of(row)
        if live is None or not page.offered(row, live, _user(request)):
            messages.warning(request, _("This cannot be done now. Nothing was changed."))
            return HttpResponseRedirect(to)
        posted = request.method == "POST"
        form = page.form(request.POST if posted else None, request.FILES if posted else None)
        if form.is_valid() and _done(page, request, row, live, form.cleaned_data):
            return HttpResponseRedirect(to)
        payer = live.taken_by.username if live.taken_by else ""
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
                    "rows": [[*cells(row), live.out_bill_no, payer or "–"]],
                },
                "back": to,
            },
        )


def _done(
    page: Page, request: HttpRequest, row: Withdrawal, live: Attempt, given: dict[str, Any]
) -> bool:
    voucher = given.pop("voucher").read(LARGEST_VOUCHER + 1)
    try:
        page.act(row, live, voucher=voucher, by=_user(request), at=clock.now(), **given)
    except TwotierError as refusal:
        messages.error(request, str(refusal))
        return False
    messages.success(request, str(page.done))
    return True


def _user(request: HttpRequest) -> Any:
    return request.user

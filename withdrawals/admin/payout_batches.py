# mypy: allow-subclassing-any, allow-any-generics
"""Batches of manual payouts: what to pay, the file for the bank, its results, one voucher."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from backoffice import office
from backoffice.base import LargeTable, ReadOnlyAdmin, StrOrPromise, column, yuan_column
from backoffice.pages import download
from backoffice.search import Search
from backoffice.sheets import Cell, Sheet, Yuan, workbook
from common import clock
from common.errors import TwotierError
from common.keys import is_row_key
from common.money import yuan_text
from members.models import User
from withdrawals import services
from withdrawals.admin.batch_forms import (
    FileForm,
    TotalForm,
    content_token,
    preview,
    read_content,
)
from withdrawals.admin.batch_views import batch_rows, payable_groups
from withdrawals.models import PayoutBatch
from withdrawals.payouts.batch_results import ResultPlan
from withdrawals.payouts.batches import MAX_LINES, UNMASK
from withdrawals.payouts.evidence import MAX_VOUCHER_SIZE
from withdrawals.permissions import FINANCE

NEW, BATCH, FILE, RESULT, VOUCHER = (
    "new_payout_batch", "payout_batch", "payout_batch_file", "payout_batch_result",
    "payout_batch_voucher",
)  # fmt: skip
BATCH_PATH = "payout-batches/<str:number>"
RESULT_TITLES = [
    gettext_lazy("payment number"), gettext_lazy("real name"), gettext_lazy("account to pay to"),
    gettext_lazy("name of the bank"), gettext_lazy("amount"), gettext_lazy("remark"),
    gettext_lazy("result"), gettext_lazy("failure reason"), gettext_lazy("bank's number"),
]  # fmt: skip


Link = tuple[StrOrPromise, str]
_links: list[Callable[[HttpRequest, PayoutBatch], Link | None]] = []


def register_link(read: Callable[[HttpRequest, PayoutBatch], Link | None]) -> None:
    """Show a link on the page of a batch: its title and address, or nothing for some."""
    _links.append(read)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Choose what to pay of one channel, enter the control total, and claim it as a batch."""
    groups = payable_groups(by=_user(request))
    form = TotalForm(request.POST if request.method == "POST" else None)
    chosen: set[str] = set(request.POST.getlist("row"))
    if request.method == "POST" and form.is_valid():
        rows = [row for group in groups for row in group.rows if str(row.pk) in chosen]
        batch = _run(
            request,
            lambda by, at: services.create_batch(
                withdrawals=rows, total=form.cleaned_data["total"], by=by, at=at
            ),
        )
        if batch is not None:
            messages.success(
                request,
                _("Batch %(number)s is yours. Download its file for the bank next.")
                % {"number": batch.number},
            )
            return HttpResponseRedirect(office.url(BATCH, number=batch.number))
        groups = payable_groups(by=_user(request))
    return office.render(
        request,
        "admin/withdrawals/batches/new.html",
        title=new_page.title,
        groups=groups,
        form=form,
        chosen=chosen,
        is_posted=request.method == "POST",
        most=MAX_LINES,
        batches_url=reverse("admin:withdrawals_payoutbatch_changelist"),
    )


@require_safe
def page(request: HttpRequest, number: str) -> HttpResponse:
    """Show a batch: its total, what is paid, and the next step."""
    batch = _get(request, number)
    if batch is None:
        return _gone(request)
    return _show(request, batch)


@require_http_methods(["POST"])
def file(request: HttpRequest, number: str) -> HttpResponse:
    """Return the file for the bank, and record who got the full names and why."""
    batch = _get(request, number)
    if batch is None:
        return _gone(request)
    form = FileForm(request.POST)
    if not form.is_valid():
        return _show(request, batch, file_form=form)
    lines = _run(
        request,
        lambda by, at: services.export_batch(
            batch=batch, reason=form.cleaned_data["reason"], again=form.cleaned_data["again"],
            by=by, at=at,
        ),
    )  # fmt: skip
    if lines is None:
        batch.refresh_from_db()
        return _show(request, batch, file_form=form)
    cells: list[list[Cell]] = [
        [
            instruction.out_bill_no, instruction.name, instruction.account,
            line.attempt.withdrawal.payee.bank, Yuan(instruction.amount), instruction.remark,
            "", "", "",
        ]
        for line, instruction in lines
    ]  # fmt: skip
    total = sum(instruction.amount for _line, instruction in lines)
    summary: list[Cell] = [_("total"), "", "", "", Yuan(total), "", "", "", ""]
    sheet = Sheet(batch.number, list(map(str, RESULT_TITLES)), [*cells, summary])
    return download(workbook(sheet), f"{batch.number}.xlsx")


@require_http_methods(["POST"])
def result(request: HttpRequest, number: str) -> HttpResponse:
    """Preview a result file, then apply it with its control total typed."""
    batch = _get(request, number)
    if batch is None:
        return _gone(request)
    content = read_content(request)
    if content is None:
        return _show(request, batch, fault=_("Choose the result file of the bank."))
    plan, fault = preview(batch, content, _user(request))
    if plan is None:
        return _show(request, batch, fault=fault)
    form = TotalForm(request.POST if "confirm" in request.POST else None)
    needs_total = bool(plan.paid)
    if "confirm" in request.POST and (not needs_total or form.is_valid()):
        total = form.cleaned_data["total"] if needs_total else 0
        done = _run(
            request,
            lambda by, at: services.apply_result(
                batch=batch, content=content, total=total, by=by, at=at
            ),
        )
        if done is not None:
            _say_done(request, done)
            return HttpResponseRedirect(office.url(BATCH, number=batch.number))
    return _show(request, batch, plan=plan, total_form=form, token=content_token(content))


@require_http_methods(["POST"])
def voucher(request: HttpRequest, number: str) -> HttpResponse:
    """Mark chosen payments as paid, proven by one voucher."""
    batch = _get(request, number)
    if batch is None:
        return _gone(request)
    form = TotalForm(request.POST)
    uploaded: Any = request.FILES.get("voucher")
    keys = {int(key) for key in request.POST.getlist("row") if is_row_key(key)}
    if form.is_valid() and uploaded is not None:
        done = _run(
            request,
            lambda by, at: services.mark_batch_paid(
                batch=batch, attempts=keys, voucher=bytes(uploaded.read(MAX_VOUCHER_SIZE + 1)),
                total=form.cleaned_data["total"], by=by, at=at,
            ),
        )  # fmt: skip
        if done is not None:
            _say_done(request, done)
            return HttpResponseRedirect(office.url(BATCH, number=batch.number))
    elif uploaded is None:
        messages.error(request, _("Choose the voucher of the bank."))
    return _show(request, batch, voucher_form=form, chosen=keys)


def _show(request: HttpRequest, batch: PayoutBatch, **context: Any) -> HttpResponse:
    """Show the page of a batch. Refused input is shown with what was entered."""
    rows = batch_rows(batch, request.user)
    waiting = [row for row in rows if row.is_open]
    paid = [row for row in rows if row.is_paid]
    amount = sum(row.amount for row in paid)
    return office.render(
        request,
        "admin/withdrawals/batches/batch.html",
        **{
            "title": _("Batch %(number)s") % {"number": batch.number},
            "batch": batch,
            "total": yuan_text(batch.total),
            "rows": rows,
            "waiting": waiting,
            "waiting_total": yuan_text(sum(row.amount for row in waiting)),
            "paid_count": len(paid),
            "paid_total": yuan_text(amount),
            "failed_count": len(rows) - len(waiting) - len(paid),
            "is_mine": batch.by_id == request.user.pk,
            "may_export": request.user.has_perms([FINANCE, UNMASK]),
            "may_finish": request.user.has_perm(FINANCE),
            "file_form": FileForm(),
            "voucher_form": TotalForm(),
            "total_form": TotalForm(),
            "chosen": {row.key for row in waiting},
            "urls": {
                "file": office.url(FILE, number=batch.number),
                "result": office.url(RESULT, number=batch.number),
                "voucher": office.url(VOUCHER, number=batch.number),
                "list": reverse("admin:withdrawals_payoutbatch_changelist"),
            },
            "links": [link for read in _links if (link := read(request, batch))],
            **context,
        },
    )  # fmt: skip


def _run(request: HttpRequest, call: Any) -> Any:
    """Return what a service returns, or ``None`` and show why it refused."""
    try:
        return call(_user(request), clock.now())
    except TwotierError as error:
        messages.error(request, str(error))
        return None


def _user(request: HttpRequest) -> User:
    user: Any = request.user
    return user  # type: ignore[no-any-return]  # the page needs a permission of staff


def _get(request: HttpRequest, number: str) -> PayoutBatch | None:
    if request.method == "POST" and not request.user.has_perm(FINANCE):
        raise PermissionDenied
    return PayoutBatch.objects.select_related("by").filter(number=number.upper()).first()


def _gone(request: HttpRequest) -> HttpResponse:
    messages.warning(request, _("There is no such batch."))
    return HttpResponseRedirect(reverse("admin:withdrawals_payoutbatch_changelist"))


def _say_done(request: HttpRequest, plan: ResultPlan) -> None:
    if plan.is_empty:
        messages.warning(request, _("The file says nothing new. Nothing was changed."))
        return
    text = ngettext(
        "%(count)s payment of %(total)s is paid.", "%(count)s payments of %(total)s are paid.",
        len(plan.paid),
    ) % {"count": len(plan.paid), "total": yuan_text(plan.total)}  # fmt: skip
    if plan.unpaid:
        failed = ngettext(
            "%(count)s failed and can be paid again.", "%(count)s failed and can be paid again.",
            len(plan.unpaid),
        ) % {"count": len(plan.unpaid)}  # fmt: skip
        text = f"{text} {failed}"
    messages.success(request, text)


new_page = office.register(
    office.OfficePage(
        NEW, "payout-batches/new", gettext_lazy("Pay a batch by hand"), FINANCE, new, "payments"
    )
)
VIEW: tuple[str, ...] = (FINANCE, "withdrawals.view_payoutbatch")
for _name, _path, _view, _permission in (
    (BATCH, BATCH_PATH, page, VIEW),
    (FILE, f"{BATCH_PATH}/file", file, (FINANCE,)),
    (RESULT, f"{BATCH_PATH}/result", result, (FINANCE,)),
    (VOUCHER, f"{BATCH_PATH}/voucher", voucher, (FINANCE,)),
):
    office.register(
        office.OfficePage(
            _name,
            _path,
            gettext_lazy("Payout batch"),
            _permission,
            _view,
            of="withdrawals.payoutbatch",
        )
    )


@admin.register(PayoutBatch)
class PayoutBatchAdmin(Search, LargeTable, ReadOnlyAdmin):
    list_display = ["desk", "channel", "count", "yuan", "by", "at", "exported_at"]
    list_display_links = None
    list_select_related = ["by"]
    list_filter = [("channel", ChoicesDropdownFilter)]
    search_fields = ["number"]
    search_exact = ("number",)
    search_help_text = gettext_lazy("Whole batch number")
    fields = ["desk", "channel", "count", "yuan", "by", "at", "exported_at", "export_count"]
    yuan = yuan_column(gettext_lazy("control total"), "total")
    date_fields = ["at"]

    @column(gettext_lazy("batch number"))
    def desk(self, row: PayoutBatch) -> SafeString:
        """Lead to the page on which people work with the batch."""
        return format_html('<a href="{}">{}</a>', office.url(BATCH, number=row.number), row.number)

# mypy: allow-subclassing-any, allow-any-generics
"""Treasury documents, and adjustments by two people."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import admin
from django.db.models import Sum
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.enums import ActionVariant
from unfold.widgets import UnfoldAdminSelectWidget

from backoffice.base import LargeTable, ReadOnlyAdmin, StrOrPromise, label_column, yuan_column
from backoffice.dialogs import ProposalButtons, ReasonForm, action_button
from backoffice.fields import POSITIVE, YuanField, text_field
from backoffice.pages import Page, PagesMixin
from closing import services
from closing.models import Adjustment, TreasuryDocument
from closing.services.adjustments import DECIDE_PERMISSION, PROPOSE_PERMISSION
from closing.services.treasury import POST_PERMISSION
from common.money import format_yuan, plain_yuan
from ledger.chart import Asset, Kind
from ledger.columns import AssetTotals, amount_column
from ledger.queries import balance
from ledger.services import platform_account
from members.models import User
from members.search import MemberField
from withdrawals.admin.payout_batches import register_link
from withdrawals.admin.person import PaymentField
from withdrawals.models import Attempt, PayoutBatch


class DocumentForm(forms.Form):
    document = text_field(_("number of the document"), 64)
    amount = YuanField(label=_("amount in yuan"), validators=[POSITIVE])
    note = text_field(_("note"), required=False)


class WriteOffForm(forms.Form):
    field_order = ("member", "document", "amount", "reason")
    member = MemberField()
    document = DocumentForm.base_fields["document"]
    amount = DocumentForm.base_fields["amount"]
    reason = text_field(_("reason"))


class BankPaymentForm(forms.Form):
    attempt = PaymentField(label=_("payment"))
    document = text_field(_("number on the bank's statement"), 64)


class BatchBookingForm(forms.Form):
    batch = text_field(_("batch number"), 20)
    document = text_field(_("number on the bank's statement"), 58)
    total = YuanField(
        label=_("sum on the bank's statement"), validators=[POSITIVE],
        help_text=_("In yuan, as the bank shows it for the whole batch."),
    )  # fmt: skip

    def clean_batch(self) -> PayoutBatch:
        number = self.cleaned_data["batch"].strip().upper()
        batch = PayoutBatch.objects.filter(number=number).first()
        if batch is None:
            raise forms.ValidationError(_("No batch has this number."))
        return batch


class AdjustmentForm(forms.Form):
    # The idempotency key: a form that is posted twice proposes once.
    key = forms.CharField(widget=forms.HiddenInput, initial=lambda: uuid.uuid4().hex)
    member = MemberField()
    asset = forms.ChoiceField(
        label=_("asset"), choices=Asset.choices, widget=UnfoldAdminSelectWidget
    )
    direction = forms.ChoiceField(
        label=_("direction"), choices=Adjustment.Direction.choices, widget=UnfoldAdminSelectWidget
    )
    amount = YuanField(
        label=_("amount"),
        validators=[POSITIVE],
        help_text=_("In yuan. For points, enter a whole number of points."),
    )
    reason = WriteOffForm.base_fields["reason"]

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if given.get("asset") == Asset.POINTS and given.get("amount"):
            points, rest = divmod(given["amount"], 100)
            if rest:
                raise forms.ValidationError(_("Enter points as a whole number, such as 30."))
            given["amount"] = points
        return given


def _posting_page(
    name: str, title: StrOrPromise, form: type[forms.Form], post: Callable[..., TreasuryDocument]
) -> Page:
    """Return a page that calls a service that posts a document."""

    def run(_admin: Any, **values: Any) -> object:
        return _("Posted: %(what)s") % {"what": post(**values)}

    return Page(name, title, POST_PERMISSION, form, run=run)


def _book_batch(_admin: Any, **values: Any) -> object:
    posted = services.book_batch(**values)
    return _("%(count)s payments of %(batch)s are booked.") % {
        "count": len(posted), "batch": values["batch"],
    }  # fmt: skip


@register_link
def link_to_booking(request: HttpRequest, batch: PayoutBatch) -> tuple[StrOrPromise, str] | None:
    """Lead from a batch with paid payments that are not booked to the page that books them."""
    if not request.user.has_perm(POST_PERMISSION):
        return None
    kind = TreasuryDocument.Kind.BANK_PAYMENT
    booked = TreasuryDocument.objects.active().filter(kind=kind).values("attempt")
    paid = batch.lines.filter(attempt__state=Attempt.State.SUCCESS).exclude(attempt__in=booked)
    total = paid.aggregate(sum=Sum("attempt__amount", default=0))["sum"]
    if not total:
        return None
    query = urlencode({"batch": batch.number, "total": plain_yuan(total)})
    return _("Book it from the bank's statement"), (
        f"{reverse('admin:closing_treasurydocument_book_batch')}?{query}"
    )


@admin.register(TreasuryDocument)
class TreasuryDocumentAdmin(PagesMixin, LargeTable, ReadOnlyAdmin):
    list_display = ["number", "kind_now", "yuan", "member", "at", "by", "note", "reversed_at"]
    date_fields = ["at", "reversed_at"]
    amount_fields = sum_fields = ["amount"]
    chips = ["kind"]
    sort_fields = ["at", "amount"]
    list_select_related = ["member", "by"]
    list_filter = [("kind", ChoicesDropdownFilter)]
    search_fields = ["number"]
    fields = [
        "kind_now", "number", "yuan", "member", "attempt", "note", "at", "by", "reversed_by",
        "reversed_at", "reversal_reason",
    ]  # fmt: skip
    pages = (
        _posting_page("top_up", _("Top up"), DocumentForm, services.top_up),
        _posting_page("remit_tax", _("Remit tax"), DocumentForm, services.remit_tax),
        _posting_page("write_off", _("Write off a debt"), WriteOffForm, services.write_off),
        _posting_page(
            "book_payment", _("Book a manual payment"), BankPaymentForm, services.book_bank_payment
        ),
        Page(
            "book_batch",
            _("Book a batch"),
            POST_PERMISSION,
            BatchBookingForm,
            run=_book_batch,
            intro=_(
                "The bank shows one sum for many payments. Enter it once: each payment is booked."
            ),
        ),
        _posting_page(
            "book_return", _("Book a returned payment"), BankPaymentForm, services.book_bank_return
        ),
    )
    actions_detail = ["reverse"]
    kind_now = label_column(_("kind"), "kind")
    yuan = yuan_column(_("amount"), "amount")

    def is_open(self, row: TreasuryDocument) -> bool:
        return row.reversed_at is None

    def hidden_buttons(self, row: TreasuryDocument, by: User) -> list[str]:
        return ["reverse"] if row.by_id == by.pk else []

    def has_decide_permission(self, request: HttpRequest, *_row: Any) -> bool:
        return bool(request.user.has_perm(POST_PERMISSION))

    def page_context(self, page: Page, row: Any) -> dict[str, Any]:
        if page.name != "remit_tax":
            return {}
        payable = format_yuan(balance(platform_account(Kind.TAX_PAYABLE)))
        return {
            "intro": _("%(amount)s yuan of withheld tax are payable now.") % {"amount": payable}
        }

    @action_button(
        _("Reverse"),
        question=_(
            "For a document posted by mistake. The transfer is reversed and the number can "
            "be used again."
        ),
        done=_("It is reversed."),
        form=ReasonForm,
        icon="undo",
        variant=ActionVariant.DANGER,
    )
    def reverse(self, row: TreasuryDocument, *, reason: str, by: User, at: datetime) -> None:
        services.reverse_document(document=row, reason=reason, by=by, at=at)


@admin.register(Adjustment)
class AdjustmentAdmin(AssetTotals, ProposalButtons, PagesMixin, LargeTable, ReadOnlyAdmin):
    list_display = [
        "public_id", "member", "asset", "direction", "moved", "reason", "status_badge", "proposer",
    ]  # fmt: skip
    columns = ["proposed_at", "decider", "decided_at"]
    date_fields = ["proposed_at", "decided_at"]
    amount_fields = sum_fields = ["amount"]
    chips = ["status"]
    sort_fields = ["proposed_at", "amount"]
    list_select_related = ["member", "proposer"]
    list_filter = [("status", ChoicesDropdownFilter), ("asset", ChoicesDropdownFilter)]
    search_fields = ["public_id"]
    fields = [
        "public_id", "member", "asset", "direction", "moved", "reason", "status_text", "proposer",
        "proposed_at", "decider", "decided_at",
    ]  # fmt: skip
    actions_detail = ["post", "refuse"]
    hidden_from_proposer = ("post", "refuse")
    moved = amount_column(_("amount"), "amount")

    def has_decide_permission(self, request: HttpRequest, *_row: Any) -> bool:
        return bool(request.user.has_perm(DECIDE_PERMISSION))

    def do_propose(self, **given: Any) -> Any:
        services.propose_adjustment(**given)
        return _("The adjustment is proposed. Another person decides.")

    pages = (Page("propose", _("Propose"), PROPOSE_PERMISSION, AdjustmentForm, run=do_propose),)

    @action_button(
        _("Agree and post"),
        question=_("The money moves at once."),
        done=_("It is posted."),
        icon="check",
        variant=ActionVariant.PRIMARY,
    )
    def post(self, row: Adjustment, *, by: User, at: datetime) -> None:
        services.post_adjustment(adjustment=row, by=by, at=at)

    @action_button(
        _("Refuse"),
        question=_("No money moves."),
        done=_("It is refused."),
        icon="close",
    )
    def refuse(self, row: Adjustment, *, by: User, at: datetime) -> None:
        services.refuse_adjustment(adjustment=row, by=by, at=at)

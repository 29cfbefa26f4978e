# mypy: allow-subclassing-any, allow-any-generics
"""Withdrawals: the queues of reviews and payouts, and each withdrawal's page."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter
from unfold.enums import ActionVariant

from backoffice.base import LargeTable, ReadOnlyAdmin, StrOrPromise
from backoffice.dialogs import ReasonForm, action_button
from backoffice.note_panels import show_notes
from backoffice.panels import PanelsMixin
from backoffice.search import Search, spellings
from members.models import User
from members.search import search_members
from withdrawals import services
from withdrawals.admin.batches import BatchReviewActions
from withdrawals.admin.columns import AttemptInline, WithdrawalColumns
from withdrawals.admin.dialogs import REVIEW_RESTARTED, ApprovalForm, NoteForm, RejectForm
from withdrawals.admin.manual_payouts import ManualPayoutActions
from withdrawals.admin.reviewers import own_part
from withdrawals.admin.vouchers import VoucherPages, live_attempt
from withdrawals.gateways import gateway_for
from withdrawals.gateways.manual import MANUAL
from withdrawals.models import Attempt, RejectionReason, Withdrawal
from withdrawals.permissions import FINANCE, OPERATIONS
from withdrawals.queries import AWAITING_PAYOUT, pause_blockers
from withdrawals.requests.review import AFTER_FINANCE

Status = Withdrawal.Status
_LIVE_ATTEMPTS = Attempt.objects.filter(withdrawal=OuterRef("pk")).live()
IS_LIVE = Q(Exists(_LIVE_ATTEMPTS))
IS_STOPPED = Q(Exists(_LIVE_ATTEMPTS.filter(ended_at=None, stopped_at__isnull=False)))
QUEUES: dict[str, tuple[StrOrPromise, Q]] = {
    "operations": (_("operations"), Q(status=Status.REQUESTED)),
    "finance": (_("finance"), Q(status=Status.OPS_APPROVED)),
    "payment": (_("payment"), Q(status__in=AWAITING_PAYOUT)),
    "answer": (_("the provider's result"), Q(status=Status.PAYING) & IS_LIVE & ~IS_STOPPED),
    "person": (_("manual decision"), Q(status=Status.PAYING) & (~IS_LIVE | IS_STOPPED)),
}
finance_button = partial(action_button, permission="finance")


def _find_by_number(term: str) -> Any:
    return Attempt.objects.filter(out_bill_no__in=spellings(term)).values("withdrawal")


class QueueFilter(DropdownFilter):
    """Withdrawals that wait for a role, the longest waiting first."""

    title = _("waiting for")
    parameter_name = "queue"

    def lookups(self, *args: Any) -> list[tuple[str, Any]]:
        return [(name, title) for name, (title, _condition) in QUEUES.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        wanted = QUEUES.get(str(self.value()))
        return queryset.filter(wanted[1]) if wanted else queryset


@admin.register(Withdrawal)
class WithdrawalAdmin(
    WithdrawalColumns,
    BatchReviewActions,
    ManualPayoutActions,
    VoucherPages,
    PanelsMixin,
    Search,
    LargeTable,
    ReadOnlyAdmin,
):
    list_display = [
        "public_id", "member", "amount_yuan", "net_yuan", "status_badge", "waiting", "payee",
        "blockers", "requested_at",
    ]  # fmt: skip
    columns = ["fee_yuan", "tax_yuan", "by_operations", "by_finance", "ended_at", "end_reason"]
    date_fields = ["requested_at", "ended_at"]
    amount_fields = ["gross"]
    chips = ["status"]
    sort_fields = ["requested_at", "gross", "net"]
    sum_fields = ["gross", "fee", "tax", "net"]
    list_display_links = ["public_id"]
    list_select_related = ["member", "payee"]
    list_filter = [QueueFilter, ("status", ChoicesDropdownFilter)]
    list_disable_select_all = True
    search_fields = ["public_id"]
    search_help_text = _("Nickname, whole id, or whole number at the provider")
    search_exact = ("public_id",)
    search_related: ClassVar = {"member": search_members, "pk": _find_by_number}
    button_statuses = {
        "approve_as_operations": [Status.REQUESTED],
        "approve_as_finance": [Status.OPS_APPROVED],
        "reject": Withdrawal.BEFORE_PAYING,
        "start_payout": AWAITING_PAYOUT,
        "claim_manual_payouts": AWAITING_PAYOUT,
        "poll_now": [Status.PAYING],
        "cancel_at_provider": [Status.PAYING],
        "mark_unpaid": [Status.PAYING],
        "resend": [Status.PAYING],
        "retry_with_new_number": [Status.PAYING],
        "fail": [Status.PAYING],
    }
    fieldsets = [
        (None, {"fields": [
            "member", "public_id", "status", "waiting_detail", "blockers_detail", "risk",
            "requested_at", "ready_at", "ended_at", "end_reason", "rejection_reason", "note",
        ]}),
        (_("Amounts"), {"fields": [
            "amount_yuan", "fee_yuan", "tax_yuan", "net_yuan", "tax_regime", "tax_inputs",
        ]}),
        (_("Payee"), {"fields": ["real_name", "payee"]}),
        (_("Reviews"), {"fields": [
            "by_operations", "needs_second_finance", "by_finance", "by_second",
        ]}),
        (_("History"), {"fields": ["timeline"]}),
    ]  # fmt: skip
    inlines = [AttemptInline]
    actions = ["review_many", "claim_many", "export_manual_payouts"]
    actions_detail = [
        "approve_as_operations", "approve_as_finance", "start_payout", "claim_manual_payouts",
        "poll_now", "cancel_at_provider", "mark_unpaid", "resend", "retry_with_new_number", "fail",
        "reject",
    ]  # fmt: skip

    def has_operations_permission(self, request: HttpRequest, *_row: Any) -> bool:
        return bool(request.user.has_perm(OPERATIONS))

    def has_finance_permission(self, request: HttpRequest, *_row: Any) -> bool:
        return bool(request.user.has_perm(FINANCE))

    def has_review_permission(self, request: HttpRequest, *_row: Any) -> bool:
        return self.has_operations_permission(request) or self.has_finance_permission(request)

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        return ("id",) if request.GET.get("queue") in QUEUES else self.ordering

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        row = self.get_object(request, unquote(str(object_id)))
        by: Any = request.user
        reason = own_part(row, by) if row else ""
        notices = [*(blocker.label for blocker in pause_blockers()), *([reason] if reason else [])]
        context = {**(extra_context or {}), "notices": notices}
        response: HttpResponse = super().change_view(request, object_id, form_url, context)
        return response

    def hidden_buttons(self, row: Withdrawal, by: User) -> set[str]:
        live = live_attempt(row)
        channel = gateway_for(row.payee.channel)
        if (live.gateway if live else channel.name) == MANUAL:
            hidden = {"start_payout", "poll_now", "cancel_at_provider"}
        else:
            hidden = {"claim_manual_payouts", "mark_unpaid"}
        if live is None:
            hidden |= {"poll_now", "cancel_at_provider", "mark_unpaid"}
        else:
            hidden |= {"retry_with_new_number", "fail"}
        if live is None or live.stopped_at is None:
            hidden.add("resend")
        if channel.confirmed_by_member:
            hidden.add("start_payout")
        if by.pk in {row.ops_reviewer_id, row.finance_reviewer_id}:
            hidden.add("approve_as_finance")
        if row.status in AFTER_FINANCE and not by.has_perm(FINANCE):
            hidden.add("reject")
        return hidden

    @action_button(
        _("Approve for operations"),
        question=_("Finance decides next. Approve only what you have checked yourself:"),
        done=_("It is approved; finance decides next."),
        permission="operations",
        form=ApprovalForm,
        icon="check_circle",
        variant=ActionVariant.PRIMARY,
    )
    def approve_as_operations(
        self, row: Withdrawal, *, content_hash: str, by: User, at: datetime
    ) -> object:
        approved = services.approve_as_operations(
            withdrawal=row, content_hash=content_hash, by=by, at=at
        )
        return None if approved else REVIEW_RESTARTED

    @finance_button(
        _("Approve for finance"),
        question=_("It can be paid after this. Approve only what you have checked yourself:"),
        done=_("It is approved; it can be paid."),
        form=ApprovalForm,
        icon="check_circle",
        variant=ActionVariant.PRIMARY,
    )
    def approve_as_finance(
        self, row: Withdrawal, *, content_hash: str, by: User, at: datetime
    ) -> object:
        if not services.approve_as_finance(withdrawal=row, content_hash=content_hash, by=by, at=at):
            return REVIEW_RESTARTED
        once = row.status == Status.OPS_APPROVED
        return _("Your approval is recorded. A second finance reviewer decides.") if once else None

    @action_button(
        _("Reject"),
        question=_(
            "The money returns to the member's balance. The member sees the reason and "
            "your message."
        ),
        done=_("Rejected. The money is back in the member's balance."),
        permission="review",
        form=RejectForm,
        icon="cancel",
        variant=ActionVariant.DANGER,
    )
    def reject(
        self, row: Withdrawal, *, rejection: RejectionReason, note: str, by: User, at: datetime
    ) -> None:
        services.reject(withdrawal=row, reason=rejection, note=note, by=by, at=at)

    @finance_button(
        _("Start the payout"),
        question=_("Reserves the tax and creates the payout attempt. A worker sends it shortly."),
        done=_("It is being paid."),
        icon="send",
        variant=ActionVariant.PRIMARY,
    )
    def start_payout(self, row: Withdrawal, *, by: User, at: datetime) -> object:
        return None if services.start_payout(withdrawal=row, by=by, at=at) else REVIEW_RESTARTED

    @finance_button(
        _("Pay manually"),
        question=_("You claim this payout. Export the file, pay, then upload the voucher."),
        done=_("You have claimed the payout. Upload the voucher after paying."),
        icon="front_hand",
        variant=ActionVariant.PRIMARY,
    )
    def claim_manual_payouts(self, row: Withdrawal, *, by: User, at: datetime) -> object:
        claimed = services.claim_manual_payouts(withdrawals=[row], by=by, at=at)
        return None if claimed else REVIEW_RESTARTED

    @finance_button(
        _("Mark as not paid"),
        question=_(
            "Only if the bank has not sent the money. The withdrawal can then be paid again."
        ),
        done=_("Marked as not paid. It can be paid again."),
        form=ReasonForm,
        icon="money_off",
    )
    def mark_unpaid(self, row: Withdrawal, *, reason: str, by: User, at: datetime) -> object:
        live = live_attempt(row)
        if live is None:
            return _("There is no payment in progress. Nothing was changed.")
        services.mark_unpaid(attempt=live, reason=reason, by=by, at=at)
        return None

    @finance_button(
        _("Query the provider"),
        question=_("The payout is queried at the provider next."),
        done=_("A worker queries the provider shortly. Reload the page to see the result."),
        icon="contact_support",
    )
    def poll_now(self, row: Withdrawal, *, by: User, at: datetime) -> object:
        live = live_attempt(row)
        if live is None or live.gateway == MANUAL:
            return _("There is no provider to query. Nothing was changed.")
        services.schedule_poll(out_bill_no=live.out_bill_no, at=at)
        return None

    @finance_button(
        _("Cancel at the provider"),
        question=_(
            "Asks the provider to cancel the payout. If it has already paid, it reports "
            "that instead."
        ),
        done=_("Cancellation requested. The result appears here when the provider reports it."),
        icon="cancel_schedule_send",
    )
    def cancel_at_provider(self, row: Withdrawal, *, by: User, at: datetime) -> None:
        services.cancel_at_provider(withdrawal=row, by=by, at=at)

    @finance_button(
        _("Send again"),
        question=_(
            "Sending stopped. Fix the cause first: the same number is sent again, so it is "
            "the same payment."
        ),
        done=_("A worker queries the provider, then sends it again."),
        icon="forward_to_inbox",
    )
    def resend(self, row: Withdrawal, *, by: User, at: datetime) -> None:
        services.resend(withdrawal=row, by=by, at=at)

    @finance_button(
        _("Try again"),
        question=_("Allows a new payout under a new number."),
        done=_("It can be paid again."),
        icon="refresh",
    )
    def retry_with_new_number(self, row: Withdrawal, *, by: User, at: datetime) -> None:
        services.retry_with_new_number(withdrawal=row, by=by, at=at)

    @finance_button(
        _("Mark as failed"),
        question=_("The withdrawal is not paid. The money returns to the member's balance."),
        done=_("Failed. The money is back in the member's balance."),
        form=NoteForm,
        icon="block",
        variant=ActionVariant.DANGER,
    )
    def fail(self, row: Withdrawal, *, note: str, by: User, at: datetime) -> None:
        services.fail_withdrawal(withdrawal=row, note=note, by=by, at=at)


show_notes("withdrawals.withdrawal", "withdrawals.view_withdrawal")

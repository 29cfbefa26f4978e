# mypy: allow-subclassing-any, allow-any-generics
"""Requests to be paid: two queues to review, and each one's page with all that is known of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter
from unfold.enums import ActionVariant
from unfold.views import ChangeList

from common import clock
from common.admin import LargeTable, ReadOnlyAdmin, ReadOnlyInline, column
from common.money import format_yuan
from distribution.admin.rows import members_called
from members.models import User
from withdrawals import services
from withdrawals.admin.batches import Batches
from withdrawals.admin.by_hand import ByHand, live_of
from withdrawals.admin.dialogs import (
    SENT_BACK,
    NoteForm,
    RejectForm,
    SeenForm,
    WhyForm,
    decision,
)
from withdrawals.admin.words import (
    NOTHING,
    STATUS_COLOURS,
    computed_from,
    regime,
    risk_in_words,
    sorted_failure,
    stopped_by,
)
from withdrawals.gateways import gateway
from withdrawals.models import Attempt, Person, Policy, Reason, TaxEntry, Withdrawal
from withdrawals.queries import assessments, facts_about, in_the_way
from withdrawals.services.quoting import priced
from withdrawals.services.reviewing import FINANCE, OPERATIONS

Status = Withdrawal.Status
QUEUES = {"operations": Status.REQUESTED, "finance": Status.OPS_APPROVED}
MOST_FACTS = 50
BUTTONS = {
    "approve_as_operations": [Status.REQUESTED],
    "approve_as_finance": [Status.OPS_APPROVED],
    "reject": Withdrawal.BEFORE_PAYING,
    "begin": [Status.FINANCE_APPROVED, Status.READY_TO_COLLECT],
    "pay_by_hand": [Status.FINANCE_APPROVED, Status.READY_TO_COLLECT],
    "ask_now": [Status.PAYING],
    "mark_unpaid": [Status.PAYING],
    "try_again": [Status.PAYING],
    "give_up": [Status.PAYING],
}


class QueueFilter(DropdownFilter):
    """Those that wait for a review, the longest waiting first."""

    title = _("waits for")
    parameter_name = "queue"

    def lookups(self, *args: Any) -> list[tuple[str, Any]]:
        return [("operations", _("operations")), ("finance", _("finance"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        wanted = QUEUES.get(str(self.value()))
        return queryset.filter(status=wanted) if wanted else queryset


class WithLooks(ChangeList):
    """A page of withdrawals with what is in their way: asked for all of them at once."""

    result_list: Any

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        rows: list[Any] = list(self.result_list)
        hours = Policy.current().review_hours
        found = in_the_way(rows)
        for row in rows:
            row.looks = (hours, found.get(row.pk))
        self.result_list = rows


class AttemptInline(ReadOnlyInline):
    model = Attempt
    fields = readonly_fields = [
        "out_bill_no", "gateway", "state", "sends", "asks", "trouble", "fail_reason", "sorted_as",
        "created_at", "ended_at",
    ]  # fmt: skip
    ordering = ["-id"]

    def has_view_permission(self, *args: object) -> bool:
        return True  # whoever may see the withdrawal

    @column(_("what it asks for"))
    def sorted_as(self, row: Attempt) -> str:
        return sorted_failure(row)


@admin.register(Withdrawal)
class WithdrawalAdmin(Batches, ByHand, LargeTable, ReadOnlyAdmin):
    list_display = [
        "public_id", "member", "amount_yuan", "net_yuan", "state", "waiting", "payee", "in_the_way",
        "requested_at",
    ]  # fmt: skip
    list_display_links = ["public_id"]
    list_select_related = ["member", "payee"]
    list_filter = [QueueFilter, ("status", ChoicesDropdownFilter)]
    list_disable_select_all = True
    search_fields = ["public_id"]
    search_help_text = _("Nickname, whole id, or whole number at the provider")
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "member", "public_id", "status", "waiting_now", "stopped", "risk",
                    "requested_at", "ready_at", "ended_at", "why", "reason", "note",
                ]
            },
        ),
        (
            _("Amounts"),
            {"fields": ["amount_yuan", "fee_yuan", "tax_yuan", "net_yuan", "taxed_by",
                        "taxed_from"]},
        ),
        (_("Payee"), {"fields": ["real_name", "payee"]}),
        (
            _("Reviews"),
            {"fields": ["by_operations", "two_finance", "by_finance", "by_second"]},
        ),
        (_("Facts"), {"fields": ["facts"]}),
    ]  # fmt: skip
    inlines = [AttemptInline]
    actions = ["review_many", "pay_many_by_hand", "export_by_hand"]
    actions_detail = [
        "approve_as_operations", "approve_as_finance", "begin", "pay_by_hand", "ask_now",
        "mark_unpaid", "try_again", "give_up", "reject",
    ]  # fmt: skip

    def has_operations_permission(self, request: HttpRequest, *_row: Any) -> bool:
        return bool(request.user.has_perm(OPERATIONS))

    def has_finance_permission(self, request: HttpRequest, *_row: Any) -> bool:
        return bool(request.user.has_perm(FINANCE))

    def has_review_permission(self, request: HttpRequest, *_row: Any) -> bool:
        return self.has_operations_permission(request) or self.has_finance_permission(request)

    def get_changelist(self, request: HttpRequest, **options: Any) -> type[ChangeList]:
        return WithLooks

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        return ("id",) if request.GET.get("queue") in QUEUES else self.ordering

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Withdrawal], search_term: str
    ) -> tuple[QuerySet[Withdrawal], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        numbered = Attempt.objects.filter(out_bill_no=term).values("withdrawal")
        found = Q(public_id=term) | Q(member__in=members_called(term)) | Q(pk__in=numbered)
        return queryset.filter(found), False

    def get_actions_detail(self, request: HttpRequest, object_id: str) -> list[Any]:
        row = self.get_object(request, unquote(str(object_id)))
        if row is None:
            return []
        live = live_of(row)
        by_hand = (live.gateway if live else gateway().name) == "manual"
        hidden = {name for name, statuses in BUTTONS.items() if row.status not in statuses}
        hidden.add("begin" if by_hand or gateway().confirmed_by_member else "pay_by_hand")
        if not by_hand:
            hidden |= {"pay_by_hand", "mark_unpaid"}
        hidden |= {"try_again", "give_up"} if live else {"ask_now", "mark_unpaid"}
        if by_hand:
            hidden.add("ask_now")
        found = super().get_actions_detail(request, object_id)
        return [action for action in found if action.path not in hidden]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        shown = {**(extra_context or {}), "voucher_page": self.voucher_page(request, object_id)}
        page: HttpResponse = super().change_view(request, object_id, form_url, shown)
        return page

    # Buttons: one service call each.

    @decision(
        _("Approve for operations"),
        question=_("Finance decides next. Approve only what you have checked yourself:"),
        done=_("It is approved; finance decides next."),
        permission="operations",
        form=SeenForm,
        icon="check_circle",
        variant=ActionVariant.PRIMARY,
    )
    def approve_as_operations(
        self, row: Withdrawal, *, content: str, by: User, at: datetime
    ) -> object:
        approved = services.approve_as_operations(withdrawal=row, content=content, by=by, at=at)
        return None if approved else SENT_BACK

    @decision(
        _("Approve for finance"),
        question=_("The money can go then. Approve only what you have checked yourself:"),
        done=_("It is approved; it can be paid."),
        permission="finance",
        form=SeenForm,
        icon="check_circle",
        variant=ActionVariant.PRIMARY,
    )
    def approve_as_finance(
        self, row: Withdrawal, *, content: str, by: User, at: datetime
    ) -> object:
        if not services.approve_as_finance(withdrawal=row, content=content, by=by, at=at):
            return SENT_BACK
        once = row.status == Status.OPS_APPROVED
        return _("Your approval is noted; a second reviewer of finance decides.") if once else None

    @decision(
        _("Reject"),
        question=_("The money is the member's again. They are told the reason and your words."),
        done=_("It is rejected; the money is the member's again."),
        permission="review",
        form=RejectForm,
        icon="cancel",
        variant=ActionVariant.DANGER,
    )
    def reject(
        self, row: Withdrawal, *, rejection: Reason, note: str, by: User, at: datetime
    ) -> None:
        services.reject(withdrawal=row, reason=rejection, note=note, by=by, at=at)

    @decision(
        _("Begin paying"),
        question=_("The tax is reserved and the bill is made; a worker sends it in a moment."),
        done=_("It is being paid."),
        permission="finance",
        icon="send",
        variant=ActionVariant.PRIMARY,
    )
    def begin(self, row: Withdrawal, *, by: User, at: datetime) -> object:
        return None if services.begin(withdrawal=row, at=at) else SENT_BACK

    @decision(
        _("Pay by hand"),
        question=_("It is yours to pay from now on. Export the file, pay, then show the voucher."),
        done=_("It is yours to pay. Show the voucher afterwards."),
        permission="finance",
        icon="front_hand",
        variant=ActionVariant.PRIMARY,
    )
    def pay_by_hand(self, row: Withdrawal, *, by: User, at: datetime) -> object:
        return None if self.take(row, by=by, at=at) else SENT_BACK

    @decision(
        _("Mark as not paid"),
        question=_("Only if no money has left the bank: it can be paid again afterwards."),
        done=_("It is marked as not paid, and can be paid again."),
        permission="finance",
        form=WhyForm,
        icon="money_off",
    )
    def mark_unpaid(self, row: Withdrawal, *, reason: str, by: User, at: datetime) -> object:
        live = live_of(row)
        if live is None:
            return _("Nothing of it is being paid. Nothing was changed.")
        services.mark_unpaid(attempt=live, reason=reason, by=by, at=at)
        return None

    @decision(
        _("Ask now"),
        question=_("The provider is asked next how it stands."),
        done=_("A worker asks in a moment. Reload the page to see the answer."),
        permission="finance",
        icon="contact_support",
    )
    def ask_now(self, row: Withdrawal, *, by: User, at: datetime) -> object:
        live = live_of(row)
        if live is None or live.gateway == "manual":
            return _("There is nobody to ask. Nothing was changed.")
        services.ask_soon(out_bill_no=live.out_bill_no, at=at)
        return None

    @decision(
        _("Try again"),
        question=_("It may be paid again, under a new number."),
        done=_("It can be paid again."),
        permission="finance",
        icon="refresh",
    )
    def try_again(self, row: Withdrawal, *, by: User, at: datetime) -> None:
        services.try_again(withdrawal=row, by=by, at=at)

    @decision(
        _("Give up"),
        question=_("It is not paid. The money is the member's again."),
        done=_("It has failed; the money is the member's again."),
        permission="finance",
        form=NoteForm,
        icon="block",
        variant=ActionVariant.DANGER,
    )
    def give_up(self, row: Withdrawal, *, note: str, by: User, at: datetime) -> None:
        services.give_up(withdrawal=row, note=note, by=by, at=at)

    # Columns.

    @column(_("status"), label=STATUS_COLOURS)
    def state(self, row: Withdrawal) -> tuple[str, str]:
        return row.status, str(row.get_status_display())

    @column(_("waiting"), label={"late": "danger", "fresh": "info"})
    def waiting(self, row: Any) -> Any:
        hours, _found = row.looks
        return _age(row, hours)

    @column(_("waiting"))
    def waiting_now(self, row: Withdrawal) -> str:
        age = _age(row, Policy.current().review_hours)
        if isinstance(age, str):
            return age
        late, words = age
        return f"{words} ({_('too long')})" if late == "late" else words

    @column(_("in the way"))
    def in_the_way(self, row: Any) -> str:
        return stopped_by(row.looks[1]) or NOTHING

    @column(_("in the way"))
    def stopped(self, row: Withdrawal) -> str:
        return stopped_by(in_the_way([row]).get(row.pk)) or NOTHING

    @column(_("risk"))
    def risk(self, row: Withdrawal) -> str:
        return risk_in_words(assessments([row])[row.pk])

    @column(_("amount"))
    def amount_yuan(self, row: Withdrawal) -> str:
        return format_yuan(row.gross)

    @column(_("fee"))
    def fee_yuan(self, row: Withdrawal) -> str:
        return format_yuan(row.fee)

    @column(_("tax"))
    def tax_yuan(self, row: Withdrawal) -> str:
        return format_yuan(row.tax)

    @column(_("net"))
    def net_yuan(self, row: Withdrawal) -> str:
        return format_yuan(row.net)

    @column(_("tax regime"))
    def taxed_by(self, row: Withdrawal) -> str:
        inputs = _tax_inputs(row)
        return regime(inputs["regime"], inputs["version"]) if inputs else NOTHING

    @column(_("computed from"))
    def taxed_from(self, row: Withdrawal) -> str:
        return computed_from(_tax_inputs(row))

    @column(_("real name"))
    def real_name(self, row: Withdrawal) -> str:
        person = Person.objects.filter(member=row.member_id).first()
        return person.name_mask if person else NOTHING

    @column(_("operations"))
    def by_operations(self, row: Withdrawal) -> str:
        return _review(row.ops_reviewer, row.ops_at)

    @column(_("finance"))
    def by_finance(self, row: Withdrawal) -> str:
        return _review(row.finance_reviewer, row.finance_at)

    @column(_("finance, second reviewer"))
    def by_second(self, row: Withdrawal) -> str:
        return _review(row.second_reviewer, row.second_at)

    @column(_("facts"))
    def facts(self, row: Withdrawal) -> str:
        lines = (
            (_moment(fact.at), fact.name, fact.actor_id or _("the system"))
            for fact in facts_about(row)[:MOST_FACTS]
        )
        told = format_html_join("", "<li>{} · {} · {}</li>", lines)
        return format_html("<ul>{}</ul>", told) if told else NOTHING


def _age(row: Withdrawal, hours: int) -> tuple[str, str] | str:
    """How long it has waited for its reviews; past the policy's hours it is late."""
    if row.status not in Withdrawal.IN_REVIEW:
        return NOTHING
    waited = max(clock.now() - row.requested_at, timedelta())
    words = _("%(hours)s hours") % {"hours": int(waited.total_seconds() // 3600)}
    return ("late" if waited > timedelta(hours=hours) else "fresh"), str(words)


def _tax_inputs(row: Withdrawal) -> dict[str, Any]:
    """What its tax was reserved by; before that, what it would be computed from now."""
    reserved = TaxEntry.objects.filter(attempt__withdrawal=row).order_by("-pk").first()
    if reserved:
        return dict(reserved.inputs)
    if row.status not in Withdrawal.BEFORE_PAYING:
        return {}
    income = priced(member=row.member, amount=row.gross, at=clock.now()).income
    return income.as_json() if income else {}


def _review(who: User | None, at: datetime | None) -> str:
    return f"{who.username} · {_moment(at)}" if who and at else NOTHING


def _moment(at: datetime) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}"

# mypy: allow-subclassing-any, allow-any-generics
"""Columns of the list and the page of a withdrawal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _

from backoffice.base import (
    NOTHING,
    ReadOnlyInline,
    StrOrPromise,
    column,
    status_column,
    yuan_column,
)
from backoffice.names import staff_name
from backoffice.timeline import format_moment, render_timeline
from common import clock
from events.models import Event, Reference
from members.admin.timeline import actor_names
from withdrawals.admin.display import (
    STATUS_COLOURS,
    failure_class,
    format_actor,
    format_blockers,
    format_event,
    format_hold,
    format_regime,
    format_risk,
    format_tax_inputs,
    split_blockers,
)
from withdrawals.models import Attempt, Person, Policy, TaxEntry, Withdrawal
from withdrawals.queries import assessments, blockers
from withdrawals.requests.quote import compute_price

MAX_EVENTS = 50
A_DAY = timedelta(days=1)


class AttemptInline(ReadOnlyInline):
    model = Attempt
    fields = readonly_fields = [
        "out_bill_no", "gateway", "state", "send_count", "poll_count", "last_error", "fail_reason",
        "failure_class", "proof", "created_at", "ended_at",
    ]  # fmt: skip
    ordering = ["-id"]
    failure_class = failure_class

    @column(_("evidence"))
    def proof(self, row: Attempt) -> str:
        """Return a link to what proves the outcome, such as the voucher that finance uploaded."""
        if row.evidence_id is None:
            return NOTHING
        url = reverse("admin:withdrawals_evidence_change", args=[row.evidence_id])
        return format_html('<a href="{}" class="text-primary-600">{}</a>', url, _("Open the proof"))

    def has_view_permission(self, *args: object) -> bool:
        return True  # of everyone who may see the withdrawal


def _review_column(title: StrOrPromise, review: str) -> Any:
    @column(title)
    def show(_page: Any, row: Withdrawal) -> str:
        reviewer, at = getattr(row, f"{review}_reviewer"), getattr(row, f"{review}_reviewed_at")
        return f"{staff_name(reviewer)} · {format_moment(at)}" if reviewer else NOTHING

    return show


class WithdrawalColumns:
    """Columns of withdrawals; amounts in yuan."""

    status_badge = status_column(STATUS_COLOURS)
    amount_yuan = yuan_column(_("amount"), "gross")
    fee_yuan = yuan_column(_("fee"), "fee")
    tax_yuan = yuan_column(_("tax"), "tax")
    net_yuan = yuan_column(_("net"), "net")
    by_operations = _review_column(_("operations"), "ops")
    by_finance = _review_column(_("finance"), "finance")
    by_second = _review_column(_("finance, second reviewer"), "second")

    def prepare_rows(self, request: HttpRequest, rows: Sequence[Any]) -> None:
        """Read what blocks withdrawals for all rows at once."""
        hours = Policy.current().review_hours
        blocked = blockers(rows)
        for row in rows:
            row.review_info = (hours, blocked[row.pk])

    @column(_("waiting time"), label={"late": "danger", "fresh": "info"})
    def waiting(self, row: Any) -> Any:
        hours, _blocked = row.review_info
        return _age(row, hours)

    @column(_("waiting time"))
    def waiting_detail(self, row: Withdrawal) -> str:
        age = _age(row, Policy.current().review_hours)
        if isinstance(age, str):
            return age
        late, words = age
        return f"{words} ({_('overdue')})" if late == "late" else words

    @column(_("blocked by"))
    def blockers(self, row: Any) -> str:
        return format_blockers(row.review_info[1]) or NOTHING

    @column(_("blocked by"))
    def blockers_detail(self, row: Withdrawal) -> str:
        labels, holds = split_blockers(blockers([row])[row.pk])
        link = '<a href="{}" class="text-primary-600">{}</a>'
        links = [
            format_html(link, reverse("admin:risk_hold_change", args=[hold.pk]), format_hold(hold))
            for hold in holds
        ]
        return format_html_join(" · ", "{}", ([part] for part in [*labels, *links])) or NOTHING

    @column(_("risk"))
    def risk(self, row: Withdrawal) -> str:
        return format_risk(assessments([row])[row.pk])

    @column(_("tax regime"))
    def tax_regime(self, row: Withdrawal) -> str:
        inputs = _tax_inputs(row)
        return format_regime(inputs["regime"], inputs["version"]) if inputs else NOTHING

    @column(_("computed from"))
    def tax_inputs(self, row: Withdrawal) -> str:
        return format_tax_inputs(_tax_inputs(row))

    @column(_("real name"))
    def real_name(self, row: Withdrawal) -> str:
        person = Person.objects.filter(member=row.member_id).first()
        return person.name_mask if person else NOTHING

    @column(_("timeline"))
    def timeline(self, row: Withdrawal) -> str:
        kind, public_id = Reference.to(row)
        found = Event.objects.filter(subject_kind=kind, subject_id=public_id).order_by("-pk")
        events = list(found[:MAX_EVENTS])
        names = actor_names(events)
        return render_timeline(
            (event.at, format_event(event), format_actor(event, names)) for event in events
        )


def _age(row: Withdrawal, hours: int) -> tuple[str, str] | str:
    """Return the time in the current status: late after the policy's review hours, or after a
    day once it is being paid."""
    since = {
        Withdrawal.Status.REQUESTED: row.requested_at,
        Withdrawal.Status.OPS_APPROVED: row.requested_at,
        Withdrawal.Status.FINANCE_APPROVED: row.second_reviewed_at or row.finance_reviewed_at,
        Withdrawal.Status.READY_TO_COLLECT: row.ready_at,
        Withdrawal.Status.PAYING: row.second_reviewed_at or row.finance_reviewed_at,
    }.get(Withdrawal.Status(row.status))
    if since is None:
        return NOTHING
    waited = max(clock.now() - since, timedelta())
    if row.status in Withdrawal.IN_REVIEW:
        words = _("%(age)s of %(hours)s hours") % {"age": _format_duration(waited), "hours": hours}
        return ("late" if waited > timedelta(hours=hours) else "fresh"), words
    late = waited > A_DAY and row.status != Withdrawal.Status.READY_TO_COLLECT
    return ("late" if late else "fresh"), _format_duration(waited)


def _format_duration(waited: timedelta) -> str:
    if waited >= 2 * A_DAY:
        return str(_("%(days)s days") % {"days": waited.days})
    return str(_("%(hours)s hours") % {"hours": int(waited.total_seconds() // 3600)})


def _tax_inputs(row: Withdrawal) -> dict[str, Any]:
    """Return the inputs of the reserved tax or, before that, of the current tax."""
    reserved = TaxEntry.objects.filter(attempt__withdrawal=row).order_by("-pk").first()
    if reserved:
        return dict(reserved.inputs)
    if row.status not in Withdrawal.BEFORE_PAYING:
        return {}
    income = compute_price(member=row.member, amount=row.gross, at=clock.now()).income
    return income.as_json() if income else {}

"""What withdrawals add to the page of a person, and to the search of the back office."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Count, Q, Sum
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from backoffice import site_search
from backoffice.base import NOTHING, StrOrPromise, render_yuan
from backoffice.panels import BODY, Column, Figure, More, Panel, register
from backoffice.pickers import PickerField
from backoffice.site_search import Hit, SearchSource
from backoffice.timeline import format_moment
from common.money import yuan_text
from events.models import Event, Reference
from members.admin.person import PERSON
from members.admin.timeline import TimelineSource, add_source
from members.models import Member
from members.search import search_members
from withdrawals.admin.display import EVENT_LABELS, REASON_LABELS, STATUS_COLOURS
from withdrawals.models import Attempt, Payee, Person, Withdrawal

VIEW = "withdrawals.view_withdrawal"
PAYMENTS = "payments"
SHOWN = 10
ON_TIMELINE = 30
"""How many of the latest withdrawals a timeline tells of."""


def withdrawal_url(withdrawal: int) -> str:
    return reverse("admin:withdrawals_withdrawal_change", args=[withdrawal])


def badge(row: Withdrawal) -> SafeString:
    return format_html(
        '<span class="tt-badge tt-{}">{}</span>', STATUS_COLOURS[row.status],
        row.get_status_display(),
    )  # fmt: skip


def withdrawn(_request: HttpRequest, member: Member) -> dict[str, Any]:
    """Return the context of the panel: the payee, what was paid, and the latest withdrawals."""
    own = Withdrawal.objects.filter(member__in=_persons(member))
    paid, is_open = Q(status=Withdrawal.Status.PAID), Q(status__in=Withdrawal.OPEN)
    sums = own.aggregate(
        paid=Sum("gross", filter=paid), tax=Sum("tax", filter=paid), count=Count("pk", filter=paid),
        open=Sum("gross", filter=is_open),
    )  # fmt: skip
    rows = list(own.order_by("-pk")[:SHOWN])
    changelist = reverse("admin:withdrawals_withdrawal_changelist")
    return {
        "figures": [
            Figure(
                _("paid out so far"), render_yuan(sums["paid"] or 0),
                _("%(count)s payments") % {"count": sums["count"]},
            ),
            Figure(_("tax withheld"), render_yuan(sums["tax"] or 0)),
            Figure(_("being withdrawn"), render_yuan(sums["open"] or 0)),
        ],
        "facts": _payee_facts(member),
        "empty": _("Has never withdrawn."),
        "table": {
            "columns": [
                Column(_("withdrawal")), Column(_("requested at")), Column(_("status")),
                Column(_("amount"), is_number=True), Column(_("tax"), is_number=True),
                Column(_("net"), is_number=True), Column(_("ended at")),
            ],
            "rows": [_row(row) for row in rows],
        },
        "more": More(_("All withdrawals of this person"), f"{changelist}?q={member.public_id}")
        if len(rows) == SHOWN
        else None,
    }  # fmt: skip


def _persons(member: Member) -> list[int]:
    return list(Member.objects.of_person(member.pk).values_list("pk", flat=True))


def _payee_facts(member: Member) -> list[tuple[StrOrPromise, Any]]:
    person = Person.objects.filter(member=member).first()
    payee = Payee.objects.current(member).first()
    name = person.name_mask if person else NOTHING
    if payee is None:
        return [(_("real name"), name), (_("payee"), _("none yet"))]
    page = reverse("admin:withdrawals_payee_change", args=[payee.pk])
    text = format_html(
        '<a href="{}">{}</a> · {}', page, payee,
        _("since %(moment)s") % {"moment": format_moment(payee.since)},
    )  # fmt: skip
    return [(_("real name"), name), (_("payee"), text)]


def _row(row: Withdrawal) -> list[Any]:
    return [
        format_html('<a class="tt-id" href="{}">{}</a>', withdrawal_url(row.pk), row.public_id),
        format_moment(row.requested_at),
        badge(row),
        render_yuan(row.gross),
        render_yuan(row.tax),
        render_yuan(row.net),
        format_moment(row.ended_at) if row.ended_at else NOTHING,
    ]


def find_withdrawals(term: str, limit: int) -> list[Hit]:
    """Find withdrawals by their whole id, or by the number of one of their payments."""
    paid = Attempt.objects.filter(out_bill_no__in={term, term.upper(), term.lower()})
    ids = Withdrawal.objects.filter(public_id=term.lower()).values("pk")
    rows = Withdrawal.objects.filter(pk__in=ids.union(paid.values("withdrawal")))
    return [
        Hit(
            f"{row.member} · {yuan_text(row.gross)}",
            f"{row.get_status_display()} · {format_moment(row.requested_at)}",
            withdrawal_url(row.pk),
            row.public_id,
        )
        for row in rows.select_related("member").order_by("-pk")[:limit]
    ]


def find_payments(term: str, limit: int) -> list[Hit]:
    """Find payments for pickers: by the beginning of their number, or by the member's name."""
    by_member = Attempt.objects.filter(withdrawal__member__in=search_members(term))
    ids = Attempt.objects.filter(out_bill_no__startswith=term).values("pk").union(
        Attempt.objects.filter(out_bill_no=term.upper()).values("pk"), by_member.values("pk")
    )  # fmt: skip
    rows = Attempt.objects.filter(pk__in=ids).select_related("withdrawal__member")
    return [
        Hit(
            f"{row.withdrawal.member} · {yuan_text(row.amount)}",
            f"{row.out_bill_no} · {row.get_state_display()} · {format_moment(row.created_at)}",
            withdrawal_url(row.withdrawal_id),
            row.out_bill_no,
        )
        for row in rows.order_by("-pk")[:limit]
    ]


class PaymentField(PickerField):
    """A form field that picks a payment by its number or by the member's name."""

    def __init__(self, **options: Any) -> None:
        super().__init__(PAYMENTS, to_row=_payment_of, **options)


def _payment_of(number: str) -> Attempt:
    return Attempt.objects.get(out_bill_no=number)


def _subjects(member: Member) -> Iterable[Reference]:
    own = Withdrawal.objects.filter(member__in=_persons(member)).order_by("-pk")
    return [
        Reference(Withdrawal._meta.label_lower, public_id)
        for public_id in own.values_list("public_id", flat=True)[:ON_TIMELINE]
    ]


def _details(rows: Sequence[Event]) -> Mapping[int, StrOrPromise]:
    return {row.pk: _detail(row.data) for row in rows}


def _detail(data: Mapping[str, Any]) -> str:
    sums = [yuan_text(data[name]) for name in ("gross", "net") if data.get(name)]
    words = [data.get(name) for name in ("end_reason", "reason", "account", "number")]
    return " · ".join(
        [*sums[:1], *(str(REASON_LABELS.get(str(word), word)) for word in words if word)]
    )


add_source(
    TimelineSource(
        {
            "withdrawals.identified": _("Gave the real name"),
            "withdrawals.payee_set": _("Named an account to be paid to"),
            "withdrawals.authorized": _("Allowed payouts without confirming each"),
            "withdrawals.unmasked": _("Name and account were shown to staff"),
            **{
                f"withdrawals.{name}": format_lazy("{}: {}", _("Withdrawal"), label)
                for name, label in EVENT_LABELS.items()
            },
        },
        _subjects,
        _details,
    )
)
register(Panel("withdrawals", _("withdrawals"), PERSON, VIEW, BODY, withdrawn, 140, lazy=True))
site_search.register(
    SearchSource("withdrawals", _("withdrawals"), VIEW, "account_balance", find_withdrawals)
)
site_search.register(
    SearchSource(
        PAYMENTS, _("payments"), "withdrawals.view_attempt", "send", find_payments,
        in_palette=False,
    )
)  # fmt: skip

"""The page of an award: what is due and given, why, by which orders, and each move."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.answers import Answer, register_answers
from backoffice.base import NOTHING, render_yuan
from backoffice.panels import BODY, Column, Panel, register
from common.clock import format_moment
from incentives.admin import award_words
from incentives.explanations import contributions_of, explain
from incentives.models import Award, Contribution
from members.admin.person import person_link
from orders.person import order_link

AWARD = "incentives.award"
SHOWN = 50


def summary(_request: HttpRequest, award: Award) -> dict[str, Any]:
    """Return the context of the panel with what is due, given and why it waits."""
    incentive = reverse("admin:incentives_incentive_change", args=[award.incentive_id])
    version = reverse("admin:incentives_version_change", args=[award.version_id])
    return {
        "facts": [
            (_("member"), person_link(award.member)),
            (_("incentive"), format_html('<a href="{}">{}</a>', incentive, award.version.name)),
            (_("version"), format_html('<a href="{}">{}</a>', version, award.version)),
            (_("given"), award_words.gives_of(award)),
            (_("period"), award_words.period_of(award)),
            (_("due"), award_words.render_award_amount(award, award.target)),
            (_("given so far"), award_words.render_given(award)),
            (_("status"), award_words.status_badge(award)),
            (_("reached at"), format_moment(award.reached_at)),
            (_("changed at"), format_moment(award.changed_at)),
        ]
    }


def explanation(_request: HttpRequest, award: Award) -> dict[str, Any]:
    """Return the context of the panel that says how the award was reached."""
    sentences = explain(award)
    return {"sentences": sentences, "text": "\n".join([heading(award), *sentences])}


def heading(award: Award) -> str:
    """Return the first line of an explanation that is copied."""
    return f"{award.version.name} · {award.member} · {award_words.gives_of(award)}"


def orders(_request: HttpRequest, award: Award) -> dict[str, Any] | None:
    """Return the context of the panel with the orders that count for the award."""
    found = contributions_of(award).filter(order__isnull=False).select_related("order__buyer")
    rows = list(found.reverse()[:SHOWN])
    return {
        "empty": _("No order counts for it."),
        "table": {
            "columns": [
                Column(_("order number")), Column(_("buyer")), Column(_("paid at")),
                Column(_("counts"), is_number=True), Column(_("paid for goods"), is_number=True),
                Column(_("counted from")),
            ],
            "rows": [_order_row(award, row) for row in rows],
        },
    }  # fmt: skip


def _order_row(award: Award, row: Contribution) -> list[Any]:
    assert row.order is not None, "only contributions of orders are listed"
    value = render_yuan(row.value) if award.version.counts_money else f"{row.value:,}"
    return [
        order_link(row.order),
        person_link(row.order.buyer),
        format_moment(row.happened_at),
        value,
        render_yuan(row.paid),
        format_moment(row.counted_at) if row.counted_at else _("not completed yet"),
    ]


def moves(_request: HttpRequest, award: Award) -> dict[str, Any]:
    """Return the context of the panel with what was given and taken back, and when."""
    rows = award.postings.order_by("number")
    return {
        "empty": _("Nothing was given yet."),
        "table": {
            "columns": [
                Column(_("number"), is_number=True), Column(_("at")),
                Column(_("change"), is_number=True), Column(_("key of the transfer")),
            ],
            "rows": [
                [
                    row.number, format_moment(row.at), _signed(award, row.change),
                    _transfer_key(award, row.number),
                ]
                for row in rows
            ],
        },
    }  # fmt: skip


def _signed(award: Award, change: int) -> str:
    sign = "+" if change > 0 else "−"
    return f"{sign}{award_words.amount_of(award, abs(change))}"


def _transfer_key(award: Award, number: int) -> str:
    """Return a link to the transfers of a move; what is no money has none."""
    if not award.asset:
        return NOTHING
    key = f"award:{award.public_id}:{number}"
    page = reverse("admin:ledger_transfer_changelist")
    return format_html('<a href="{}?q={}">{}</a>', page, key, key)


def to_member(award: Award) -> Iterator[Answer]:
    """Yield what the member may read of their award."""
    text = "\n".join([heading(award), *explain(award)])
    yield Answer(_("to %(name)s") % {"name": award.member}, text)


register(Panel("summary", gettext_lazy("award"), AWARD, "", BODY, summary, 10, width="half"))
register(
    Panel("explanation", gettext_lazy("how it was reached"), AWARD, "",
          "admin/incentives/explanation.html", explanation, 20, width="half")
)  # fmt: skip
register(Panel("orders", gettext_lazy("orders that count"), AWARD, "", BODY, orders, 110))
register(Panel("moves", gettext_lazy("given and taken back"), AWARD, "", BODY, moves, 120))
register_answers(AWARD, to_member, permission="", order=200)

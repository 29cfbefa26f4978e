"""Reports of shares and visits: the funnel, where visits end, and whether buyers come back."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from backoffice.charts import bar_chart, line_chart, ranking_chart
from reports import funnels
from reports.admin import names, tables
from reports.admin.tables import Card, Column, Line, Question, Result
from reports.funnels import ChannelFunnel, Visits
from reports.rates import rate
from reports.shares import Funnel

STEPS = {
    "shares": _("shares"),
    "visits": _("visits"),
    "further": _("visits that went on"),
    "joined": _("visits with a sign-in"),
    "new_members": _("new members"),
    "orders": _("paid orders"),
}
"""The titles of ``ChannelFunnel.steps``."""
CONVERSION = Column(_("conversion"), tables.RATE, help=_("Orders divided by visits."))
MONTHS = 12


def funnel(question: Question) -> Result:
    """Return the steps from the share to the order, of all channels and of each."""
    channels = funnels.by_channel(question.span)
    whole = sum(channels.values(), ChannelFunnel())
    before = sum(funnels.by_channel(question.span.before).values(), ChannelFunnel())
    columns = [
        Column(_("channel"), tables.TEXT),
        Column(STEPS["shares"]),
        Column(STEPS["visits"], help=_("One for a visitor, share and day; none of bots.")),
        Column(STEPS["further"], help=_("They saw another page of the shop after the first.")),
        Column(STEPS["joined"], help=_("The visitor is a member who is signed in.")),
        Column(STEPS["new_members"], help=_("They registered at the sign-in after a visit.")),
        Column(
            STEPS["orders"],
            help=_("On the day of payment; a later order may come by an old visit."),
        ),
        CONVERSION,
        tables.Column(pgettext_lazy("report", "sales"), tables.MONEY),
        tables.Column(_("commissions"), tables.MONEY),
    ]
    return Result(
        columns=columns,
        lines=[
            Line([names.channel_name(key), *_funnel_values(row)]) for key, row in channels.items()
        ],
        cards=[
            Card(STEPS[name], Column(STEPS[name]), number, before.steps()[name])
            for name, number in whole.steps().items()
        ],
        charts=[
            bar_chart(
                _("From the share to the order"), list(STEPS.values()),
                {pgettext_lazy("report", "number"): list(whole.steps().values())}, money=False,
            )
        ],
        total=Line([pgettext_lazy("report", "total"), *_funnel_values(whole)]),
    )  # fmt: skip


def _funnel_values(row: ChannelFunnel) -> list[Any]:
    shares: Funnel = row.shares
    return [*row.steps().values(), shares.conversion, shares.sales, shares.commission]


def visits(question: Question) -> Result:
    """Return the pages on which visits end."""
    pages = funnels.by_page(question.span)
    opened = dict(pages).get("", Visits())
    return Result(
        columns=[
            Column(_("page"), tables.TEXT),
            Column(_("visits"), help=_("That saw this page.")),
            Column(_("went on"), help=_("To another page of the shop.")),
            Column(_("ended here")),
            Column(_("exit rate"), tables.RATE, help=_("Ended here, divided by the visits.")),
            Column(_("with a sign-in"), help=_("The visitor is a member who is signed in.")),
        ],
        lines=[Line([names.page_name(key), *_page_values(row)]) for key, row in pages],
        cards=[
            Card(_("visits"), Column(""), opened.visits),
            Card(
                _("ended on the first page"), Column("", tables.RATE), opened.exit_rate,
                falling_is_good=True,
            ),
            Card(
                _("with a sign-in"), Column("", tables.RATE), rate(opened.joined, opened.visits)
            ),
        ],
        charts=[
            ranking_chart(
                _("Where visits end"), [names.page_name(key) for key, _row in pages[:10]],
                {_("ended here"): [row.ended for _key, row in pages[:10]]}, money=False,
            )
        ] if pages else [],
        note=_("Addresses without their ids: the pages of all products count as one."),
    )  # fmt: skip


def _page_values(row: Visits) -> list[Any]:
    return [row.visits, row.further, row.ended, row.exit_rate, row.joined]


def retention(question: Question) -> Result:
    """Return which part of the buyers whom distributors brought came back, by month."""
    rows = funnels.cohorts(question.span)
    average = funnels.average_retention(rows)[:MONTHS]
    later = [Column(_("month %(number)s") % {"number": number}, tables.RATE, is_shaded=True)
             for number in range(1, len(average))]  # fmt: skip
    return Result(
        columns=[
            Column(_("month of the first order"), tables.MONTH), Column(_("brought buyers")), *later
        ],
        lines=[
            Line([row.month, row.buyers, *_padded(row.rates()[1:MONTHS], len(later))])
            for row in rows
        ],
        cards=[
            Card(_("brought buyers"), Column(""), sum(row.buyers for row in rows)),
            *(
                Card(
                    _("bought again after %(number)s months") % {"number": number},
                    Column("", tables.RATE), average[number],
                )
                for number in (1, 3, 6) if len(average) > number
            ),
        ],
        charts=[
            line_chart(
                _("Percent of the buyers who bought again"),
                [column.title for column in later],
                {_("all months together"): [part // 100 for part in average[1:]]}, money=False,
            )
        ] if later else [],
        total=Line([_("all months together"), sum(row.buyers for row in rows), *average[1:]])
        if rows else None,
        note=_(
            "A brought buyer's first paid order for which an upline earns decides the month. The"
            " current month is not over yet."
        ),
    )  # fmt: skip


def _padded(parts: list[int], length: int) -> list[int | None]:
    return [*parts, *[None] * (length - len(parts))]

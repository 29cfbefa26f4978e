"""Show a tier of a team as a list, and as a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice import export_files, export_tables, office
from backoffice.export_tables import Table, TableSource
from backoffice.sheets import Cell, Yuan
from backoffice.table_exports import export_buttons, send_table
from backoffice.timeline import format_moment
from backoffice.totals import bounded_count
from common import clock
from distribution.models import Distributor
from members.admin.person import person_url
from reports.distributors.people import role, tier_name
from reports.distributors.team_links import TeamLinks, team_url
from reports.distributors.tree import MAX_EARNED, Node, nodes_of
from reports.team import team_size, tier_rows

LABEL = "reports.teammember"
PAGE_SIZE = 50
MAX_DIGITS = 40
"""Of a position of ``TeamMember``."""
TIERS = (1, 2)


def show(
    request: HttpRequest,
    root: Distributor,
    links: TeamLinks,
    frame: dict[str, Any],
    sorts: Callable[[Callable[[str], str]], Sequence[dict[str, Any]]],
    *,
    at: datetime,
) -> HttpResponse:
    """Return a page of a tier; a POST exports all of it.

    :param frame: the context that the graph and the list share
    :param sorts: returns the links of the orders, from the address of each
    """
    tier = 2 if request.GET.get("tier") == "2" else 1
    rows = tier_rows(root, tier=tier, sort=links.asked.sort, at=at)
    if request.method == "POST":
        query = QueryDict(urlencode({"of": root.public_id, "tier": tier, "sort": links.asked.sort}))
        count = bounded_count(rows, export_files.DIRECT_ROWS)
        if count > export_files.DIRECT_ROWS:
            size = team_size(root)
            count = max(count, size.tier1 if tier == 1 else size.tier2)
        return send_table(
            request, open_stored(query), label=LABEL, query=query.urlencode(), count=count, at=at
        )
    if (position := _position(request.GET.get("after", ""))) is not None:
        rows = rows.filter(position__lt=position)
    page = list(rows.values_list("pk", "position")[: PAGE_SIZE + 1])
    nodes = nodes_of(root, [key for key, _position in page[:PAGE_SIZE]], tier=tier)
    last = page[PAGE_SIZE - 1][1] if len(page) > PAGE_SIZE else None
    return office.render(
        request,
        "admin/reports/team_list.html",
        title=_("Team of %(name)s") % {"name": root},
        **frame,
        tier=tier,
        tier_name=tier_name(tier),
        rows=[_row(node) for node in nodes],
        tiers=[
            {"title": tier_name(number), "url": links.listed(number), "chosen": number == tier}
            for number in TIERS
        ],
        sorts=sorts(lambda sort: links.listed(tier, sort)),
        first_url=links.listed(tier) if position is not None else "",
        next_url="" if last is None else links.listed(tier, after=str(last)),
        files=export_buttons(request, links.listed(tier)),
    )  # fmt: skip


def _position(text: str) -> Decimal | None:
    is_position = text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS
    return Decimal(text) if is_position else None


def _row(node: Node) -> dict[str, Any]:
    return {
        "node": node,
        "url": person_url(node.member.pk),
        "role": role(node.own),
        "team_url": team_url(node.own) if node.own and node.team else "",
        "via_url": person_url(node.via.pk) if node.via else "",
        "joined": format_moment(node.joined_at),
        "last": format_moment(node.last_order_at) if node.last_order_at else "",
    }


def _titles() -> list[str]:
    return [
        _("member"), _("public id"), _("level"), _("via"), _("bound since"),
        _("protected orders"), _("protected spend"), _("commission earned by them"),
        _("own team"), _("sales of the own team"), _("last order at"),
    ]  # fmt: skip


def open_stored(query: QueryDict) -> Table:
    """Return a tier of a team as a table, read in parts, for a file."""
    root = Distributor.objects.select_related("member").get(public_id=query["of"])
    tier = int(str(query["tier"]))
    title = f"{_('Team of %(name)s') % {'name': root}} · {tier_name(tier)}"
    return Table(title, _titles(), _lines(root, tier, str(query["sort"])))


def _lines(root: Distributor, tier: int, sort: str) -> Iterator[list[Cell]]:
    """Yield the rows of a file; each part continues below the last row of the one before."""
    rows, last = tier_rows(root, tier=tier, sort=sort, at=clock.now()), None
    while True:
        below = rows if last is None else rows.filter(position__lt=last)
        page = list(below.values_list("pk", "position")[:MAX_EARNED])
        if not page:
            return
        last = page[-1][1]
        for node in nodes_of(root, [key for key, _position in page], tier=tier):
            yield [
                str(node.member), node.member.public_id, role(node.own),
                str(node.via) if node.via else "", node.joined_at, node.orders, Yuan(node.sales),
                None if node.earned is None else Yuan(node.earned), node.team,
                Yuan(node.brought), node.last_order_at,
            ]  # fmt: skip


export_tables.register(TableSource(LABEL, gettext_lazy("Teams"), open_stored))

"""Show a tier of a team as a list, and as a file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from backoffice import office
from backoffice.sheets import Cell, Yuan
from backoffice.timeline import format_moment
from distribution.models import Distributor
from reports.distributors import files
from reports.distributors.cards import person_url, role
from reports.distributors.links import TeamLinks, team_url
from reports.distributors.tree import Node, nodes_of, tier_rows

PAGE_SIZE = 50
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
    """Return a page of a tier, or its first rows as a file.

    :param frame: the context that the graph and the list share
    :param sorts: returns the links of the orders, from the address of each
    """
    tier = 2 if request.GET.get("tier") == "2" else 1
    rows = tier_rows(root, tier=tier, sort=links.asked.sort, at=at)
    if file := files.asked_for(request):
        keys = list(rows.values_list("pk", flat=True)[: files.MAX_ROWS + 1])
        lines = _lines(nodes_of(root, keys[: files.MAX_ROWS], tier=tier))
        name = _("Team of %(name)s, tier %(tier)s") % {"name": root, "tier": tier}
        return files.send(
            request, file, label="reports.team", name=name, titles=_titles(), rows=lines,
            is_cut=len(keys) > files.MAX_ROWS, back=links.listed(tier), at=at,
        )  # fmt: skip
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
        rows=[_row(node) for node in nodes],
        tiers=[
            {"title": _("Tier %(tier)s") % {"tier": number}, "url": links.listed(number),
             "chosen": number == tier}
            for number in TIERS
        ],
        sorts=sorts(lambda sort: links.listed(tier, sort)),
        first_url=links.listed(tier) if position is not None else "",
        next_url="" if last is None else links.listed(tier, after=str(last)),
        files=files.links(links.listed(tier)),
    )  # fmt: skip


def _position(text: str) -> Decimal | None:
    try:
        position = Decimal(text)
    except InvalidOperation:
        return None
    return position if position.is_finite() else None


def _row(node: Node) -> dict[str, Any]:
    return {
        "node": node,
        "url": person_url(node.member),
        "role": role(node.own),
        "team_url": team_url(node.own) if node.own and node.team else "",
        "via_url": person_url(node.via) if node.via else "",
        "joined": format_moment(node.joined_at),
        "last": format_moment(node.last_order_at) if node.last_order_at else "",
    }


def _titles() -> list[str]:
    return [
        _("member"), _("public id"), _("level"), _("via"), _("bound since"),
        _("protected orders"), _("protected spend"), _("commission earned by them"),
        _("own team"), _("sales of the own team"), _("last order at"),
    ]  # fmt: skip


def _lines(nodes: Sequence[Node]) -> list[list[Cell]]:
    return [
        [
            str(node.member), node.member.public_id, role(node.own),
            str(node.via) if node.via else "", node.joined_at, node.orders, Yuan(node.sales),
            None if node.earned is None else Yuan(node.earned), node.team, Yuan(node.brought),
            node.last_order_at,
        ]
        for node in nodes
    ]  # fmt: skip

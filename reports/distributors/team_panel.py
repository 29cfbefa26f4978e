"""What a person's page shows of their team: figures, who buys most, and the way to the graph."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from backoffice.base import NOTHING, render_yuan
from backoffice.panels import BODY, Column, Figure, More, Panel, register
from common import clock
from distribution.models import Distributor
from members.admin.person import PERSON, person_link
from members.models import Member
from reports.distributors.people import role
from reports.distributors.team_links import TeamLinks, team_url
from reports.distributors.tree import Asked, nodes_of
from reports.queries import life_figures
from reports.team import team_size, tier_rows

SHOWN = 5


def team(_request: HttpRequest, member: Member) -> dict[str, Any] | None:
    """Return the context of the panel; nothing for members who are no distributors."""
    root = Distributor.objects.filter(member=member).select_related("member", "level").first()
    if root is None:
        return None
    links, size, life = TeamLinks(root, Asked()), team_size(root), life_figures(root)
    best = tier_rows(root, tier=1, sort="sales", at=clock.now()).values_list("pk", flat=True)
    nodes = nodes_of(root, list(best[:SHOWN]), tier=1)
    return {
        "figures": [
            Figure(_("tier 1"), f"{size.tier1:,}", url=links.listed(1)),
            Figure(_("tier 2"), f"{size.tier2:,}", url=links.listed(2)),
            Figure(_("distributors in tier 1"), f"{size.tier1_distributors:,}"),
            Figure(_("sales of tier 1"), render_yuan(life.sales)),
            Figure(_("sales of tier 2"), render_yuan(life.team_sales)),
        ],
        "table": {
            "columns": [
                Column(_("who bought most")), Column(_("level")),
                Column(_("orders"), is_number=True), Column(_("bought"), is_number=True),
                Column(_("commission by them"), is_number=True),
                Column(_("own team"), is_number=True),
            ],
            "rows": [
                [
                    person_link(node.member), role(node.own), f"{node.orders:,}",
                    render_yuan(node.sales),
                    NOTHING if node.earned is None else render_yuan(node.earned),
                    f"{node.team:,}",
                ]
                for node in nodes
            ],
        },
        "empty": _("Nobody is bound to this distributor."),
        "more": More(_("Draw the team as a graph"), team_url(root)),
    }  # fmt: skip


register(
    Panel(
        "team",
        _("team"),
        PERSON,
        "distribution.view_distributor",
        BODY,
        team,
        70,
        lazy=True,
    )
)

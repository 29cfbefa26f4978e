"""Show a distributor's team: drawn as a graph of two tiers, and as a list."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext_lazy as _

from backoffice import office
from common import clock
from distribution.models import Distributor
from members.admin.person import person_url
from reports.distributors import team_list
from reports.distributors.graph_cards import write_card, write_overview
from reports.distributors.graph_layout import lay_out, lay_out_dots
from reports.distributors.people import DistributorForm, distributor_named, tier_name
from reports.distributors.team_links import PAGE, TeamLinks, team_url
from reports.distributors.tree import Asked, find_in_team, read_team
from reports.leaderboard import leaderboard
from reports.periods import Period

PERMISSION = "distribution.view_distributor"
SORT_TITLES = {
    "sales": _("Bought most"),
    "orders": _("Most orders"),
    "team": _("Largest own team"),
    "joined": _("Joined last"),
}
MAX_TERM = 80
SUGGESTED = 10


def team_page(request: HttpRequest) -> HttpResponse:
    """Return the graph or list of the team that the address names, or a page to choose one."""
    at = clock.now()
    given = request.GET
    root = distributor_named(given.get("of", ""))
    if root is None:
        return _choose(request, at=at)
    asked = Asked.of(
        given.get("sort", ""), given.get("shown", ""), given.getlist("open"), given.get("focus", "")
    )
    links = TeamLinks(root, asked)
    if given.get("view") == "list":
        return team_list.show(
            request, root, links, _frame(root, links, "list"),
            lambda url: _sorts(url, asked.sort), at=at,
        )  # fmt: skip
    term = given.get("q", "").replace("\0", " ").strip()[:MAX_TERM]
    return _graph(request, root, links, term, at=at)


def _graph(
    request: HttpRequest, root: Distributor, links: TeamLinks, term: str, *, at: datetime
) -> HttpResponse:
    team = read_team(root, links.asked, at=at)
    graph = lay_out(team)
    dots, dots_width, dots_height = lay_out_dots(team.dots)
    context: dict[str, Any] = {
        "team": team,
        "graph": graph,
        "cards": [write_card(card, team, links) for card in graph.cards],
        "dots": dots,
        "dots_size": (dots_width, dots_height),
        "dots_label": write_overview(team),
        "upline_url": team_url(team.upline) if team.upline else "",
        "dots_url": links.focused(0).removesuffix("0"),
        "term": term,
        "found": _found(root, links, term, at=at) if term else [],
        "sorts": _sorts(links.sorted, links.asked.sort),
        "all_url": links.all() if team.hidden else "",
    }
    return office.render(
        request, "admin/reports/team_graph.html", title=_("Team of %(name)s") % {"name": root},
        **_frame(root, links, "graph"), **context,
    )  # fmt: skip


def _found(root: Distributor, links: TeamLinks, term: str, *, at: datetime) -> list[dict[str, Any]]:
    return [
        {
            "node": node,
            "url": person_url(node.member.pk),
            "tier": tier_name(node.tier),
            "graph_url": links.focused(node.key) if node.tier == 1 else "",
        }
        for node in find_in_team(root, term, at=at)
    ]


def _sorts(url: Callable[[str], str], chosen: str) -> Sequence[dict[str, Any]]:
    return [
        {"title": title, "url": url(sort), "chosen": sort == chosen}
        for sort, title in SORT_TITLES.items()
    ]


def _frame(root: Distributor, links: TeamLinks, view: str) -> dict[str, Any]:
    return {
        "root": root,
        "person_url": person_url(root.member_id),
        "tabs": [
            {"title": _("Graph"), "url": links.graph(), "chosen": view == "graph"},
            {"title": _("List"), "url": links.listed(1), "chosen": view == "list"},
        ],
    }


def _choose(request: HttpRequest, *, at: datetime) -> HttpResponse:
    """Return a page to choose a distributor, with those who sold most this month."""
    form = DistributorForm(request.GET if request.GET.get("of") else None)
    if form.is_valid():
        return HttpResponseRedirect(team_url(form.cleaned_data["of"]))
    best = leaderboard(
        period=Period.MONTH, day=clock.business_day(at), metric="sales", size=SUGGESTED
    )
    return office.render(
        request,
        "admin/reports/team_choice.html",
        title=_("Team"),
        form=form,
        best=[{"place": place, "url": team_url(place.distributor)} for place in best],
    )


office.register(
    office.OfficePage(PAGE, "team", _("Team"), PERMISSION, team_page, icon="account_tree")
)

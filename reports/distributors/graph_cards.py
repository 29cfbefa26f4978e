"""Write what a card of the team graph says, and what it is called for those who hear it."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.money import format_yuan, yuan_text
from distribution.models import Distributor
from members.admin.person import person_url
from reports.distributors.graph_layout import Card, fit
from reports.distributors.people import role, tier_name
from reports.distributors.team_links import TeamLinks
from reports.distributors.tree import STEP, Node, Team


@dataclass(frozen=True, slots=True)
class CardText:
    """A card with its words and addresses.

    :param label: what a screen reader says of the whole card
    :param toggle: the address that opens or closes the card's own team
    """

    card: Card
    title: str
    aside: str
    line: str
    right: str
    label: str
    url: str
    is_off: bool = False
    toggle: str = ""
    toggle_label: str = ""
    is_open: bool = False


def write_card(card: Card, team: Team, links: TeamLinks) -> CardText:
    """Return the words of a card in the reader's language."""
    if card.kind == "root":
        return _root(card, team)
    if card.node is None:
        return _more(card, links)
    return _member(card, card.node, links)


def write_overview(team: Team) -> str:
    """Return what the picture of all direct members shows, in a sentence."""
    buyers = sum(dot.orders > 0 for dot in team.dots)
    distributors = sum(dot.is_distributor for dot in team.dots)
    return _("%(count)s members: %(buyers)s have bought, %(distributors)s are distributors") % {
        "count": f"{len(team.dots):,}", "buyers": f"{buyers:,}",
        "distributors": f"{distributors:,}",
    }  # fmt: skip


def _root(card: Card, team: Team) -> CardText:
    root = team.root
    line = _("Team: %(tier1)s + %(tier2)s") % {
        "tier1": f"{team.counts.tier1:,}", "tier2": f"{team.counts.tier2:,}",
    }  # fmt: skip
    earned = _("Commission ¥%(amount)s") % {"amount": format_yuan(team.life.total_income)}
    return CardText(
        card, fit(str(root)), role(root), line, earned,
        label=f"{root}, {role(root)}, {line}, {earned}", url=person_url(root.member_id),
        is_off=root.status != Distributor.Status.ACTIVE,
    )  # fmt: skip


def _member(card: Card, node: Node, links: TeamLinks) -> CardText:
    orders = ngettext("%(count)s order", "%(count)s orders", node.orders) % {
        "count": f"{node.orders:,}"
    }
    line = f"{yuan_text(node.sales)} · {orders}" if node.orders else _("nothing bought yet")
    earned = ""
    if node.earned:
        earned = _("Commission ¥%(amount)s") % {"amount": format_yuan(node.earned)}
    spoken = [str(node.member), tier_name(node.tier), role(node.own), line, earned]
    toggle, toggle_label, is_open = "", "", node.children is not None
    if node.can_open:
        team = _("own team: %(count)s") % {"count": f"{node.team:,}"}
        spoken.append(team)
        toggle = links.closed(node.key) if is_open else links.opened(node.key)
        action = _("Close the team of %(name)s") if is_open else _("Open the team of %(name)s")
        toggle_label = action % {"name": node.member}
    return CardText(
        card, fit(str(node.member)), role(node.own), line, earned,
        label=", ".join(filter(None, spoken)), url=person_url(node.member.pk),
        is_off=node.own is not None and node.own.status != Distributor.Status.ACTIVE,
        toggle=toggle, toggle_label=toggle_label, is_open=is_open,
    )  # fmt: skip


def _more(card: Card, links: TeamLinks) -> CardText:
    title = _("%(count)s more") % {"count": f"{card.hidden:,}"}
    if card.tier == 1:
        next_ones = min(card.hidden, STEP)
        line, url = _("Show the next %(count)s") % {"count": next_ones}, links.more()
    else:
        line, url = _("See all in the list"), links.listed(2)
    return CardText(card, title, "", line, "", label=f"{title}. {line}", url=url)

"""What waits for a person: the cards of the home, the page "To do" and the badges of the menu."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

from backoffice import menu, office, queues
from backoffice.ages import format_age
from backoffice.office import NO_STORE, OfficePage
from common import clock


def cards(user: Any, *, at: datetime) -> list[dict[str, Any]]:
    """Return a card for each queue of this person; all counts are one query."""
    mine = queues.of(user)
    summaries = queues.summaries(mine, user, at)
    return [_card(queue, summaries[queue.name], at) for queue in mine]


def _card(queue: queues.Queue, summary: queues.Summary, at: datetime) -> dict[str, Any]:
    limit = queue.limit_now()
    return {
        "name": queue.name,
        "title": queue.title,
        "icon": queue.icon,
        "url": queues.url(queue),
        "count": summary.count,
        "label": summary.label,
        "age": format_age(at - summary.oldest) if summary.oldest else "",
        "limit": format_age(limit) if limit else "",
        "late": summary.late,
    }


def show(request: HttpRequest) -> HttpResponse:
    """Show everything that waits for this person."""
    now = clock.now()
    return office.render(
        request, "admin/backoffice/todo.html", title=_("To do"), at=now,
        cards=cards(request.user, at=now),
    )  # fmt: skip


def badges(request: HttpRequest) -> HttpResponse:
    """Return the counts of the menu, which pages load after they are shown."""
    shown = cards(request.user, at=clock.now())
    late = any(card["late"] for card in shown)
    total = sum(card["count"] for card in shown)
    context = {"cards": shown, "late": late, "total": total}
    html = render_to_string("admin/backoffice/badges.html", context, request)
    return HttpResponse(html, headers=NO_STORE)


def links(request: HttpRequest) -> list[menu.Link]:
    """Return a link of the menu for each queue of this person."""
    return [
        menu.Link(
            queue.title,
            queue.icon,
            f"office:queue_{queue.name}" if queue.desk else queue.model,
            badge=f"queue-{queue.name}",
        )
        for queue in queues.of(request.user)
    ]


office.register(OfficePage("todo", "todo", _("To do"), (), show, "inbox"))
office.register(OfficePage("badges", "badges", _("Badges"), (), badges))
menu.register_source("todo", links)

"""The page of templates: each is one click to a draft in plain words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from backoffice import office
from backoffice.office import OfficePage
from common import clock
from common.errors import TwotierError
from incentives.admin import version_state, words
from incentives.cash import whole_sentence
from incentives.services.drafts import create_draft
from incentives.templates import TEMPLATES, draft_from_template

NAME = "incentive_templates"
ICONS = {
    "new_buyers": "handshake", "first_sale": "redeem", "week_sprint": "trophy",
    "month_units": "inventory", "invite": "group_add", "spend": "savings", "parents": "school",
    "upgrade": "military_tech",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Card:
    """A template as the page shows it; ``sentence``: what its draft would say today."""

    key: str
    title: str | Promise
    description: str | Promise
    icon: str
    sentence: str
    facts: list[tuple[str | Promise, str]]


def show(request: HttpRequest) -> HttpResponse:
    """Show all templates; a POST makes a draft of one, or a blank one, and opens it."""
    if request.method == "POST":
        return _draft(request, request.POST.get("template", ""))
    return _page(request)


def _page(request: HttpRequest) -> TemplateResponse:
    at = clock.now()
    return office.render(
        request, "admin/incentives/templates.html", title=_("Start an incentive"),
        cards=[_card(key, at) for key in TEMPLATES],
    )  # fmt: skip


def _card(key: str, at: datetime) -> Card:
    version, rewards = draft_from_template(key, at=at)
    template = TEMPLATES[key]
    facts: list[tuple[str | Promise, str]] = [
        (_("counted"), str(version.get_metric_display())),
        (_("period"), str(version.get_period_display())),
        (pgettext_lazy("incentive", "for"), words.audience_text(version)),
    ]
    return Card(
        key, template.title, template.description, ICONS.get(key, "trophy"),
        whole_sentence(version, rewards) if rewards else "", facts,
    )  # fmt: skip


def _draft(request: HttpRequest, key: str) -> HttpResponse:
    try:
        draft = create_draft(by=request.user, at=clock.now(), template=key)  # type: ignore[arg-type]
    except TwotierError as refusal:
        messages.error(request, str(refusal))
        return HttpResponseRedirect(office.url(NAME))
    messages.success(request, _("A draft is ready. Change what you like, then hand it over."))
    return HttpResponseRedirect(version_state.url("change", draft.pk))


office.register(
    OfficePage(
        NAME, "incentives/templates", _("Start an incentive"), version_state.EDIT, show,
        "add_circle", of="incentives.incentive",
    )
)  # fmt: skip

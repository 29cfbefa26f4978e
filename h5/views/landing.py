"""Show ``/s/<code>``, where a share opens. Scripts record the visit: a GET writes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from catalog.models import Product
from catalog.queries import product_facts
from common import clock
from distribution.models.relations import LEAVE_WINDOW
from h5.goods import items_of_home, media_path
from h5.people import Person, person
from h5.shells import ALWAYS_ASK, Shell, Summary, answer
from h5.views.missing import link_gone
from sharing import targets
from sharing.codes import find_share, target_of
from sharing.homes import home_of
from sharing.landing import landing_of
from sharing.models import Share
from sharing.services.visits import active_distributor
from sharing.targets import TargetFacts

SHOWN_OF_HOME = 4
Kind = Share.Target


@dataclass(frozen=True, slots=True)
class Invitation:
    """A share that opens something, and who sent it."""

    share: Share
    facts: TargetFacts
    sharer: Person
    binds: bool
    """A member who signs in here may become a customer of the sender."""
    next: str
    """The address to which the button leads."""


def invitation(code: str, *, at: datetime) -> Invitation | None:
    """Return the invitation of a code, stored or compound; ``None`` if it opens nothing."""
    share = find_share(code, at=at)
    facts = targets.find(target_of(share), at=at) if share else None
    if share is None or facts is None:
        return None
    sender = active_distributor(share)
    url = landing_of(share, facts, code=code).url
    return Invitation(share, facts, person(sender), sender is not None, url)


@require_safe
def landing(request: HttpRequest, code: str) -> HttpResponse:
    """Show who recommends what, with one button that leads on."""
    at = clock.now()
    invited = invitation(code, at=at)
    if invited is None:
        return link_gone(request)
    facts = invited.facts
    return answer(
        request,
        Shell(
            template="landing",
            script="h5/landing.js",
            summary=Summary(
                facts.title, facts.description,
                facts.square_picture_url or facts.picture_url, f"/s/{code}",
            ),
            context={
                "kind": invited.share.target_kind,
                "sharer": invited.sharer,
                "title": facts.title,
                "description": facts.description,
                "binds": invited.binds,
                "days": LEAVE_WINDOW.days,
                "next": invited.next,
                **_more(invited, code, at),
            },
            data={"code": code, "next": invited.next, "sharer": invited.sharer.name},
            cache=ALWAYS_ASK,
            is_indexed=False,
        ),
    )  # fmt: skip


def _more(invited: Invitation, code: str, at: datetime) -> dict[str, Any]:
    """Return the context that only this kind of target has."""
    kind, target = invited.share.target_kind, invited.share.target_id
    if kind == Kind.PRODUCT:
        product = Product.objects.get(public_id=target)
        facts = product_facts([product], at=at)[product.pk]
        return {"facts": facts, "picture": media_path(facts.chat_picture)}
    if kind == Kind.HOME and (home := home_of(target, at=at)):
        shown = items_of_home(home.products[:SHOWN_OF_HOME], code=code)
        return {"items": shown, "line": home.line, "description": ""}
    return {"picture": invited.facts.picture_url}

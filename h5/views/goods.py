"""Show ``/p/<id>`` and ``/u/<code>``: a product, and the page of a distributor."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from catalog.models import Product
from catalog.queries import picture_url, product_facts
from common import clock
from distribution.models import Distributor
from h5.goods import buy_url, items_of_home, others_than, pictures_of, varieties_of
from h5.people import Person, person
from h5.shells import Shell, Summary, answer
from h5.views.landing import invitation
from h5.views.missing import home_gone, product_gone
from sharing.cards import ready_card
from sharing.homes import own_home
from sharing.links import link_of
from sharing.models import Share
from sharing.targets import Target

Kind = Share.Target


@require_safe
def product(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show a product on sale, with the share bar and the poster."""
    at = clock.now()
    rows = Product.objects.select_related("category").filter(status=Product.Status.ON_SALE)
    shown = rows.filter(public_id=public_id).first()
    if shown is None:
        return product_gone(request)
    facts = product_facts([shown], at=at)[shown.pk]
    code, sharer = _sender(request, at)
    return answer(
        request,
        Shell(
            template="product",
            script="h5/product.js",
            summary=Summary(
                facts.title,
                _("Look at what I found for you"),
                picture_url(facts.square_picture),
                f"/p/{public_id}",
            ),
            context={
                "facts": facts,
                "pictures": pictures_of(shown),
                "varieties": varieties_of(shown),
                "category": shown.category.name,
                "others": others_than(shown, code=code, at=at),
                "sharer": sharer,
                "buy_url": buy_url(shown, code=code),
            },
            # Visitors who are not signed in forward the share by which they came.
            data={
                "target": {"kind": Kind.PRODUCT, "id": public_id},
                **({"link": link_of(code)} if code else {}),
            },
        ),
    )


def _sender(request: HttpRequest, at: datetime) -> tuple[str, Person | None]:
    """Return the code in the address and its sharer; empty if the code opens nothing."""
    code = request.GET.get("share", "")
    invited = invitation(code, at=at) if code else None
    if invited is None:
        return "", None
    return code, invited.sharer if invited.binds else None


@require_safe
def home(request: HttpRequest, code: str) -> HttpResponse:
    """Show the page of an active distributor."""
    at = clock.now()
    rows = Distributor.objects.filter(code=code, status=Distributor.Status.ACTIVE)
    distributor = rows.select_related("member").first()
    if distributor is None:
        return home_gone(request)
    page, sharer = own_home(distributor, at=at), person(distributor)
    # Its links carry a share of the distributor, so that forwards and orders count for them.
    card = ready_card(distributor.member, Target(Kind.HOME, code), at)
    share = card.code if card else ""
    return answer(
        request,
        Shell(
            template="home",
            script="h5/home.js",
            summary=Summary(
                _("%(name)s recommends") % {"name": sharer.name},
                page.line, sharer.picture, f"/u/{code}",
            ),
            context={
                "sharer": sharer,
                "line": page.line,
                "items": items_of_home(page.products, code=share),
                "qr_url": qr_path(share) if share else "",
            },
            data={"target": {"kind": Kind.HOME, "id": code}, "link": link_of(share)},
        ),
    )  # fmt: skip


def qr_path(code: str) -> str:
    """Return the path of the QR code of a share."""
    return f"/api/v1/shares/{code}/qr"

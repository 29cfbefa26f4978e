"""The pictures of a product on its page: added, put in order, removed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _

from backoffice import panels
from backoffice.office import NO_STORE
from backoffice.panels import Panel, buttons_of
from catalog.admin.pictures import reason_text
from catalog.models import Product, ProductPicture
from catalog.picture_lists import MAX_UPLOADS, order_pictures
from catalog.pictures import MAX_BYTES
from common import clock
from common.errors import TwotierError
from common.media import local_url

TEMPLATE = "admin/catalog/pictures.html"
CHANGE, ADD = "catalog.change_productpicture", "catalog.add_productpicture"
EARLIER, LATER = "earlier", "later"
Status = ProductPicture.Status


class UnreadableOrder(TwotierError):
    code = "picture_order_unreadable"
    message = _("This order cannot be read. Reload the page. Nothing was moved.")
    status = 400


def picture_context(request: HttpRequest, product: Product) -> dict[str, Any]:
    """Return the context of the panel: uploads in their order, then those of the mall."""
    rows = list(
        product.pictures.filter(status__in=ProductPicture.LISTED).order_by("position", "pk")
    )
    uploads = [row for row in rows if not row.source_url and row.status == Status.STORED]
    others = [row for row in rows if row.source_url]
    may_order = request.user.has_perm(CHANGE)
    return {
        "uploads": [
            {
                **_item(row),
                "is_main": place == 0,
                "is_last": place == len(uploads) - 1,
                "buttons": buttons_of(request, row, "remove"),
            }
            for place, row in enumerate(uploads)
        ],
        "others": [
            {**_item(row), "is_main": not uploads and row == _first_stored(others)}
            for row in others
        ],
        "seen": ",".join(row.public_id for row in uploads),
        "may_order": may_order,
        "may_drag": may_order and len(uploads) > 1,
        "order_url": reverse("admin:catalog_product_picture_order", args=[product.pk]),
        "add_url": (
            reverse("admin:catalog_product_add_pictures", args=[product.pk])
            if request.user.has_perm(ADD) and len(uploads) < MAX_UPLOADS
            else ""
        ),
        "max_uploads": MAX_UPLOADS,
        "max_size": MAX_BYTES,
    }


def _item(row: ProductPicture) -> dict[str, Any]:
    is_stored = row.status == Status.STORED
    return {
        "row": row,
        "url": reverse("admin:catalog_productpicture_change", args=[row.pk]),
        "image": local_url(row.square_path) if is_stored else "",
        "fault": "" if is_stored else f"{row.get_status_display()} · {reason_text(row)}",
    }


def _first_stored(rows: Sequence[ProductPicture]) -> ProductPicture | None:
    return next((row for row in rows if row.status == Status.STORED), None)


class PicturesMixin:
    """Adds the address to which the panel posts a new order."""

    admin_site: Any
    get_object: Any
    url: Any

    def get_urls(self) -> list[Any]:
        route = path(
            "<path:object_id>/pictures/order/",
            self.admin_site.admin_view(self.order_view),
            name="catalog_product_picture_order",
        )
        return [route, *super().get_urls()]  # type: ignore[misc]  # of the model admin

    def order_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Put the uploads of a product into another order, and show them as they are now."""
        if not request.user.has_perm(CHANGE):
            raise PermissionDenied
        product = self.get_object(request, unquote(object_id))
        if product is None:
            raise Http404
        if request.method != "POST":
            return HttpResponseRedirect(self.url("change", product.pk))
        refusal, by = "", request.user
        seen = request.POST.get("seen", "").split(",")
        try:
            order = _asked_order(request, seen)
            order_pictures(product=product, seen=seen, order=order, by=by, at=clock.now())  # type: ignore[arg-type]
        except TwotierError as error:
            refusal = str(error)
        if not request.headers.get("HX-Request"):
            if refusal:
                messages.error(request, refusal)
            return HttpResponseRedirect(f"{self.url('change', product.pk)}#panel-pictures")
        context = {**picture_context(request, product), "refusal": refusal}
        return TemplateResponse(request, TEMPLATE, context, headers=NO_STORE)


def _asked_order(request: HttpRequest, seen: Sequence[str]) -> list[str]:
    """Return the order that a form asks for: of all pictures, or with one moved by a place."""
    if asked := request.POST.get("order"):
        return asked.split(",")
    key, _colon, way = request.POST.get("move", "").partition(":")
    if key not in seen or way not in (EARLIER, LATER):
        raise UnreadableOrder
    order = list(seen)
    place = order.index(key)
    other = min(max(place + (1 if way == LATER else -1), 0), len(order) - 1)
    order[place], order[other] = order[other], order[place]
    return order


panels.register(
    Panel(
        "pictures", _("pictures"), "catalog.product", "catalog.view_productpicture", TEMPLATE,
        picture_context, 50,
    )
)  # fmt: skip

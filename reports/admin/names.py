"""Names for the keys of sales figures, read for all rows at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.models import Product
from distribution.models import Distributor
from sharing.models import Share

PAGES = {
    "": gettext_lazy("the page that the share opens"),
    "/s/*": gettext_lazy("landing page of a share"),
    "/p/*": gettext_lazy("page of a product"),
    "/u/*": gettext_lazy("home page of a distributor"),
    "/join": gettext_lazy("recruitment"),
    "/materials": gettext_lazy("materials"),
    "/login": gettext_lazy("sign-in"),
}


def product_names(keys: Collection[str]) -> dict[str, str]:
    rows = Product.objects.filter(pk__in=map(int, keys)).values_list("pk", "name")
    return {str(key): name for key, name in rows}


def distributor_names(keys: Collection[int]) -> Mapping[int, str]:
    rows = Distributor.objects.filter(pk__in=keys).select_related("member")
    return {row.pk: str(row) for row in rows}


def channel_name(key: str) -> str:
    """Return the channel of a share; the empty one is of orders without a share."""
    return str(Share.Channel(key).label) if key else _("without a share")


def province_name(key: str) -> str:
    return key or _("not known")


def page_name(key: str) -> str:
    """Return what a page of a visit is; other pages are those of the mall."""
    return str(PAGES.get(key, key))

"""Save what a distributor shows on their home page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from catalog.models import Product
from common.errors import TwotierError
from common.locks import lock_rows
from common.requirements import require_permission, require_reason
from distribution.models import Distributor
from distribution.queries import distributor_of
from events.services import record
from members.models import Member, User
from sharing.events import SHARING_HOME_CHANGED, SHARING_HOME_CLEARED
from sharing.models import HomePage, HomeProduct
from sharing.models.homes import MAX_LINE, MAX_PRODUCTS
from sharing.wording import require_allowed_words


class HomeLineTooLong(TwotierError):
    code = "home_line_too_long"
    message = _("The line has more than %(limit)s characters. Shorten it.")
    status = 400


class HomeProductsInvalid(TwotierError):
    """``data["products"]`` lists the ids that cannot be shown."""

    code = "home_products_invalid"
    message = _(
        "Choose at most %(limit)s products, each once, that are on sale. Not these: %(products)s."
    )
    status = 400


class HomeClosed(TwotierError):
    code = "home_closed"
    message = _("Your home page is closed, because you are not an active distributor now.")
    status = 403


@transaction.atomic
def save_home(*, member: Member, line: str, products: Sequence[str], at: datetime) -> HomePage:
    """Save the line and the products of a distributor's home page; return the page.

    An equal page is not written again. The caller has WeChat check the line beforehand, with
    ``require_decent_line``.

    :param products: public ids of at most 50 products on sale, in the order of the page
    :raises NotDistributor: the member is no distributor
    :raises HomeClosed: the distributor is not active
    :raises HomeLineTooLong, WordsForbidden: nothing was changed
    :raises HomeProductsInvalid: some are unknown, not on sale or repeated, or there are too many
    """
    distributor = distributor_of(member)
    line = " ".join(line.split())
    if len(line) > MAX_LINE:
        raise HomeLineTooLong(limit=MAX_LINE)
    require_allowed_words(line)
    chosen = _chosen(products)
    # The distributor's row makes parallel changes of one page wait for each other.
    lock_rows(Distributor.objects.filter(pk=distributor.pk))
    active = Distributor.objects.filter(pk=distributor.pk, status=Distributor.Status.ACTIVE)
    if not active.exists():
        raise HomeClosed
    home, is_new = HomePage.objects.get_or_create(
        distributor=distributor, defaults={"line": line, "updated_at": at}
    )
    if not is_new and _is_same(home, line, chosen):
        return home
    home.line, home.updated_at = line, at
    home.save()
    HomeProduct.objects.filter(home=home).delete()
    HomeProduct.objects.bulk_create(
        HomeProduct(home=home, product=product, position=place)
        for place, product in enumerate(chosen)
    )
    record(SHARING_HOME_CHANGED, distributor, at=at, by=member, products=len(chosen))
    return home


@transaction.atomic
def clear_home(*, home: HomePage, reason: str, by: User, at: datetime) -> None:
    """Clear the line of a home page that must not be shown.

    :raises PermissionMissing, ReasonRequired: nothing was changed
    """
    require_permission(by, "sharing.change_homepage")
    reason = require_reason(reason)
    HomePage.objects.filter(pk=home.pk).update(line="", updated_at=at)
    record(SHARING_HOME_CLEARED, home.distributor, at=at, by=by, reason=reason)


def _chosen(public_ids: Sequence[str]) -> list[Product]:
    rows = Product.objects.filter(
        public_id__in=public_ids[: MAX_PRODUCTS + 1], status=Product.Status.ON_SALE
    )
    products = {row.public_id: row for row in rows}
    wrong = [
        key
        for place, key in enumerate(public_ids)
        if key not in products or key in public_ids[:place] or place >= MAX_PRODUCTS
    ]
    if wrong:
        # Ids come from the client: the message must not grow with them.
        raise HomeProductsInvalid(limit=MAX_PRODUCTS, products=", ".join(wrong[:10])[:400])
    return [products[key] for key in public_ids]


def _is_same(home: HomePage, line: str, products: Sequence[Product]) -> bool:
    shown = HomeProduct.objects.filter(home=home).values_list("product", flat=True)
    return home.line == line and list(shown) == [product.pk for product in products]

"""Follow events after the commit: draw beforehand, and draw posters again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from catalog.models import Product
from common import clock
from common.errors import TwotierError
from distribution.models import Application
from events.models import Event
from posters import services
from posters.models import Poster, PosterTemplate
from sharing.models import Share
from sharing.targets import Target


def warm_templates(events: Sequence[Event]) -> None:
    """Draw the thumbnail of a published version, and its bases for the products in use."""
    ids = {event.subject_id for event in events}
    for template in PosterTemplate.objects.filter(public_id__in=ids, current_version__isnull=False):
        assert template.current_version_id
        services.warm_soon("version", template.current_version_id)


def warm_products(events: Sequence[Event]) -> None:
    """Draw the bases of a product, and its posters again that lacked its picture."""
    ids = {event.subject_id for event in events}
    for product in Product.objects.filter(public_id__in=ids, status=Product.Status.ON_SALE):
        services.warm_soon("product", product.pk)
        lacking = Poster.objects.to_replace().filter(
            share__target_kind="product", share__target_id=product.public_id
        )
        _replace(Share.objects.filter(pk__in=lacking.values("share")))


def replace_stand_ins(events: Sequence[Event]) -> None:
    """Draw posters again whose mini-program code has come."""
    _replace(Share.objects.filter(code__in={event.subject_id for event in events}))


def greet_distributors(events: Sequence[Event]) -> None:
    """Draw the home page's poster of each new distributor, before they ask for it."""
    ids = {event.subject_id for event in events}
    for application in Application.objects.filter(public_id__in=ids).select_related("member"):
        try:
            services.open_poster(member=application.member, target=Target("home"), at=clock.now())
        except TwotierError:
            continue  # no template, or no distributor any more: nobody waits for it


def _replace(shares: Iterable[Share]) -> None:
    for share in shares:
        services.replace_stand_ins(share=share, at=clock.now())

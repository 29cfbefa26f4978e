"""Draw beforehand what members will ask for, so that their posters need little drawing."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import datetime
from io import BytesIO

from PIL import Image

from catalog.models import Product
from common.media import save_once
from posters import bell, drawing_data, files
from posters.inputs import ProductInputs, product_inputs, shop_inputs
from posters.models import Poster, PosterTemplate, PosterTemplateVersion
from posters.queries import templates_for
from posters.rendering import prepare, render, samples
from sharing.targets import Target

TEMPLATES = 3
"""How many templates are warmed for a product: the most suitable ones."""
PRODUCTS = 32
"""How many products are warmed for a published template: as many bases as a worker keeps."""
THUMBNAIL = (270, 480)  # pixels


def warm_soon(kind: str, key: int) -> None:
    """Let a worker of the queue ``posters`` call ``warm`` once the transaction has committed.

    A lost message is not repeated: the first poster then takes some milliseconds more.
    """
    bell.ring_on_commit(bell.WARM, [kind, key])


def warm(*, kind: str, key: int, at: datetime) -> int:
    """Warm the templates of a product, or the products of a version; return how many drawings.

    :param kind: ``product`` or ``version`` (of a template)
    :param key: the primary key of that row
    """
    return {"product": _warm_product, "version": _warm_version}[kind](key, at)


def _warm_product(key: int, at: datetime) -> int:
    product = Product.objects.filter(pk=key).first()
    if product is None:
        return 0
    target = Target("product", product.public_id)
    versions = [
        template.current_version
        for template in templates_for(target, at=at)[:TEMPLATES]
        if template.current_version
    ]
    for version in versions:
        _draw(version, product_inputs(product, at))
    return len(versions)


def _warm_version(key: int, at: datetime) -> int:
    version = PosterTemplateVersion.objects.select_related("template").filter(pk=key).first()
    if version is None:
        return 0
    if not version.thumbnail:
        _draw_thumbnail(version)
    if version.template.kind != PosterTemplate.Kind.PRODUCT:
        return 1
    products = _products_in_use()
    for product in products:
        _draw(version, product_inputs(product, at))
    return 1 + len(products)


def _products_in_use() -> list[Product]:
    """Return the products whose posters were used last."""
    latest = Poster.objects.kept().filter(share__target_kind="product").order_by("-last_used_at")
    ids = latest.values_list("share__target_id", flat=True)[: PRODUCTS * 10]
    distinct = list(dict.fromkeys(ids))[:PRODUCTS]
    return list(Product.objects.filter(public_id__in=distinct).order_by("pk"))


def _draw(version: PosterTemplateVersion, product: ProductInputs) -> None:
    """Draw the base of the posters of a product."""
    shop = drawing_data.shop_of(shop_inputs())
    prepare(drawing_data.template_of(version), drawing_data.product_of(asdict(product)), shop)


def _draw_thumbnail(version: PosterTemplateVersion) -> None:
    template = drawing_data.template_of(version)
    sample = samples.normal(version.template.kind, version.template.industry)
    drawn = render(
        template, replace(sample, shop=drawing_data.shop_of(shop_inputs())), preview=True
    )
    with Image.open(BytesIO(drawn.content)) as image:
        image.thumbnail(THUMBNAIL)
        target = BytesIO()
        image.save(target, "JPEG", quality=82)
    path = files.path_for("thumbnail", version.sha256, str(version.pk))
    save_once(path, target.getvalue())
    PosterTemplateVersion.objects.filter(pk=version.pk).update(thumbnail=path)

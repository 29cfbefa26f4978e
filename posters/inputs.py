"""Gather the inputs of a poster, which are stored with it and decide about every pixel.

Drawing then reads only the row and stored files, so that a change of price during the drawing
makes another poster instead of a wrong one.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from catalog.facts import product_facts
from catalog.models import Product
from posters import rendering
from posters.models import PosterTemplateVersion, ShopLook
from sharing.links import poster_code, short_url
from sharing.models import Share
from wechat.gateway import gateway


@dataclass(frozen=True, slots=True)
class ProductInputs:
    """Prices in fen; ``picture`` is a path in the storage, empty while there is none."""

    id: str
    title: str
    price: int | None
    strike_price: int | None
    picture: str
    picture_hash: str
    is_picture_coming: bool = False


@dataclass(frozen=True, slots=True)
class Inputs:
    """All that a poster shows. Files are paths in the storage, empty for a missing file.

    Without ``code_picture``, a QR code of ``link`` is drawn.
    """

    link: str
    nickname: str
    avatar: str
    line: str
    code_picture: str = ""
    product: ProductInputs | None = None
    shop: dict[str, Any] = field(default_factory=dict)

    def as_data(self) -> dict[str, Any]:
        return asdict(self)


def gather_inputs(*, share: Share, line: str, at: datetime) -> Inputs:
    """Return the inputs of a poster for a share at this moment, from the database alone."""
    code, member = poster_code(share), share.owner
    return Inputs(
        link=short_url(share),
        nickname=member.nickname,
        avatar=member.avatar,
        line=line,
        code_picture=code.path if code else "",
        product=_product(share, at),
        shop=shop_inputs(),
    )


def is_final(inputs: Inputs) -> bool:
    """Return whether the poster is complete: no code or picture is still to be fetched."""
    lacks_code = not inputs.code_picture and gateway() is not None
    return not lacks_code and not (inputs.product and inputs.product.is_picture_coming)


def key_of(version: PosterTemplateVersion, size: str, share: Share, inputs: Inputs) -> str:
    """Return the key under which equal requests find the same poster."""
    parts = [rendering.REVISION, version.pk, version.sha256, size, share.code, inputs.as_data()]
    text = json.dumps(parts, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def shop_inputs() -> dict[str, Any]:
    """Return the inputs about the shop, with defaults in the shop's language."""
    look = ShopLook.current()
    with translation.override(settings.LANGUAGE_CODE):
        return {
            "name": look.name or settings.BRAND_NAME,
            "logo": look.logo,
            "slogan": look.slogan or _("Good things are for sharing"),
            "cta": look.cta or _("Long-press to scan the code"),
            "cta2": look.cta2 or _("and see the details"),
            "footer": look.footer or _("Prices and stock as shown on the product page"),
            "is_ad": look.is_ad,
        }


def product_inputs(product: Product, at: datetime) -> ProductInputs:
    """Return the inputs about a product at this moment."""
    facts = product_facts([product], at=at)[product.pk]
    return ProductInputs(
        id=facts.public_id,
        title=facts.title,
        price=facts.price,
        strike_price=facts.strike_price,
        picture=facts.picture,
        picture_hash=facts.picture_hash,
        is_picture_coming=bool(product.images) and not facts.picture,
    )


def _product(share: Share, at: datetime) -> ProductInputs | None:
    if share.target_kind != "product":
        return None
    product = Product.objects.filter(public_id=share.target_id).first()
    return product_inputs(product, at) if product else None

"""A studio for tests: one plain template, a product, and a worker that draws at once."""

from __future__ import annotations

import json
from copy import deepcopy
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from catalog.models import Product
from catalog.services import put_on_sale
from members.models import Member, User
from posters.models import Poster, PosterTemplate
from posters.services import OpenedPoster, draw_poster, load_shipped, open_poster
from sharing.targets import Target
from tests.cast import NOON, give, staff
from tests.shop import sku

DOCUMENT: dict[str, Any] = {
    "v": 1,
    "name": "Plain",
    "canvas": {"w": 1080, "h": 1920, "bg": "#FFFFFF"},
    "elements": [
        {"id": "title", "type": "text", "text": "{{product.title}}", "x": 80, "y": 1200, "w": 900,
         "size": 48, "color": "#222222"},
        {"id": "name", "type": "text", "text": "{{user.nickname}}", "x": 80, "y": 80, "w": 800,
         "size": 44, "color": "#222222"},
        {"id": "line", "type": "text", "text": "{{share.line}}", "x": 80, "y": 160, "w": 800,
         "size": 36, "color": "#222222"},
        {"id": "price", "type": "price", "text": "{{product.price}}", "x": 80, "y": 1300, "w": 600,
         "size": 80, "color": "#C81E1E"},
        {"id": "qr", "type": "qrcode", "text": "{{share.qr}}", "x": 680, "y": 1520, "w": 320,
         "h": 320},
    ],
}  # fmt: skip
"""A valid document, which may also be published."""

DAY = timedelta(days=1)
EDITOR_RIGHTS = ("add_postertemplate", "change_postertemplate", "publish_postertemplate")


def document(**changes: Any) -> dict[str, Any]:
    return deepcopy(DOCUMENT) | changes


def changed(element: str, **values: Any) -> dict[str, Any]:
    """Return the document with other values of one element."""
    made = document()
    next(row for row in made["elements"] if row["id"] == element).update(values)
    return made


def editor() -> User:
    return give(staff("Qian"), *EDITOR_RIGHTS)


def template(code: str = "plain", *, at: datetime = NOON, **changes: Any) -> PosterTemplate:
    """Return a template as it ships, published; ``changes`` are those of its document."""
    with TemporaryDirectory() as folder:
        made = document(name=code, **changes)
        (Path(folder) / f"{code}.json").write_text(json.dumps(made), encoding="utf-8")
        load_shipped(at=at, folder=Path(folder))
    return PosterTemplate.objects.get(code=code)


def mask(name: str = "mask") -> Product:
    """Return a product that is on sale."""
    product = sku(name).product
    put_on_sale(product=product, by=staff("Qian"), at=NOON)
    return product


def open_for(member: Member, product: Product, **more: Any) -> OpenedPoster:
    at = more.pop("at", NOON)
    return open_poster(member=member, target=Target("product", product.public_id), at=at, **more)


def work(*, at: datetime = NOON) -> int:
    """Draw what waits, as the workers do; return how many were drawn."""
    waiting = Poster.objects.filter(status=Poster.Status.WAITING).order_by("pk")
    return sum(draw_poster(poster=key, at=at) for key in waiting.values_list("pk", flat=True))

"""A mall for the pages: goods with pictures, and people as the sandbox knows them."""

from __future__ import annotations

from datetime import datetime
from io import BytesIO

from django.test import Client
from PIL import Image

from catalog.models import Product
from catalog.picture_lists import add_picture
from common import clock
from members.models import Identity, Member
from members.services import join
from sharing.models import Share
from sharing.services import open_share
from sharing.targets import Target
from tests import shop

NAMES = {"mei": "梅", "lan": "兰", "bo": "波", "chen": "晨"}
LONG = (
    "【买二送一】" + "玻尿酸深层修护面霜保湿补水紧致提亮" * 8 + "Supercalifragilisticexpialidocious"
)
HOSTILE = "<script>alert(1)</script>\"'&"


def person(name: str) -> Member:
    """Return a member whom ``POST /sandbox/login`` signs in."""
    number = list(NAMES).index(name) + 1
    joined, _is_new = join(
        provider=Identity.Provider.MALL, external_id=f"demo-{number}", nickname=NAMES[name],
        at=clock.now(),
    )  # fmt: skip
    return joined


def distributor(name: str) -> Member:
    """Return such a member who is an active distributor."""
    member = person(name)
    shop.distributor(member, at=clock.now())
    return member


def product(
    code: str = "mask", *, name: str = "", pictures: int = 0, price: int = 10_990
) -> Product:
    """Return a product on sale."""
    made = shop.sku(code, price=price).product
    rows = Product.objects.filter(pk=made.pk)
    rows.update(status=Product.Status.ON_SALE, name=name or code)
    made.refresh_from_db()
    for number in range(pictures):
        add_picture(product=made, raw=photo(number), by=shop.editor(), at=clock.now())
    return made


def photo(number: int) -> bytes:
    """Return a picture; each number gives another one."""
    image = Image.new("RGB", (900, 900), (220, 190 - 40 * (number % 4), 170))
    image.paste((150, 60 + 20 * (number % 8), 60), (250, 200, 650, 800))
    target = BytesIO()
    image.save(target, "JPEG")
    return target.getvalue()


def share(
    who: Member, kind: str = "recruit", target: str = "", *, at: datetime | None = None
) -> Share:
    opened, _is_new = open_share(
        member=who, target=Target(kind, target), channel="chat", at=at or clock.now()
    )
    return opened


def visitor(language: str = "en") -> Client:
    """Return a browser without scripts."""
    return Client(headers={"Accept-Language": language})

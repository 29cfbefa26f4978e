"""Read the home pages of distributors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from catalog.models import Product
from catalog.queries import ProductFacts, picture_url, product_facts
from distribution.models import Distributor
from members.avatars import avatar_url
from sharing.models import HomePage, HomeProduct


@dataclass(frozen=True, slots=True)
class HomeItem:
    """A product of a page; prices in fen."""

    public_id: str
    title: str
    price: int | None
    strike_price: int | None
    picture: str


@dataclass(frozen=True, slots=True)
class Home:
    code: str
    nickname: str
    avatar: str
    line: str
    products: Sequence[HomeItem]


def home_of(code: str, *, at: datetime) -> Home | None:
    """Return the page of an active distributor; ``None`` for every other code."""
    rows = Distributor.objects.filter(code=code, status=Distributor.Status.ACTIVE)
    distributor = rows.select_related("member", "home").first()
    return own_home(distributor, at=at) if distributor else None


def own_home(distributor: Distributor, *, at: datetime) -> Home:
    """Return the page of a distributor, whatever the status; products off sale are left out."""
    home = HomePage.objects.filter(distributor=distributor).first()
    member = distributor.member
    return Home(
        code=distributor.code,
        nickname=member.nickname,
        avatar=avatar_url(member),
        line=home.line if home else "",
        products=_items(distributor, at=at),
    )


def _items(distributor: Distributor, *, at: datetime) -> list[HomeItem]:
    chosen = HomeProduct.objects.filter(home=distributor.pk, product__status=Product.Status.ON_SALE)
    products = [row.product for row in chosen.select_related("product").order_by("position")]
    facts = product_facts(products, at=at)
    return [_item(facts[product.pk]) for product in products]


def _item(facts: ProductFacts) -> HomeItem:
    return HomeItem(
        facts.public_id, facts.title, facts.price, facts.strike_price,
        picture_url(facts.square_picture or facts.picture),
    )  # fmt: skip

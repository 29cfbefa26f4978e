"""Put the demo's goods on their shelves, each with a picture."""

from __future__ import annotations

from datetime import datetime

from catalog.models import AskedPrice, Category, Industry, Product, Sku
from catalog.picture_lists import add_picture
from catalog.services import put_on_sale
from demo.pictures import draw_picture
from members.models import User

Article = tuple[str, str, int, int | None, str]
"""Name, variety, price and cost in fen, and the motif of the picture; without cost no parcel."""

PRODUCTS_BY_CATEGORY: dict[str, list[Article]] = {
    "美妆护肤": [
        ("玻尿酸补水面膜", "10 片", 10_990, 4_200, "mask"),
        ("氨基酸洁面乳", "120 g", 6_900, 2_300, "cleanser"),
    ],
    "食品生鲜": [
        ("阳山水蜜桃", "12 个", 12_800, 7_600, "peach"),
        ("手工牛轧糖", "500 g", 4_590, 1_850, "nougat"),
    ],
    "知识付费": [("私域运营实战课", "线上 12 讲", 29_900, None, "course")],
}
INDUSTRIES = {
    "美妆护肤": Industry.BEAUTY, "食品生鲜": Industry.FOOD, "知识付费": Industry.EDUCATION,
}  # fmt: skip
REDUCED_FROM = 13_900  # the mask, until lately
SUBCATEGORIES = {"面膜": "美妆护肤"}
MORE_PRODUCTS: dict[str, list[Article]] = {
    "美妆护肤": [
        ("烟酰胺精华液", "30 ml", 15_900, 5_200, "cleanser"),
        ("防晒隔离乳 SPF50+", "50 g", 9_900, 3_100, "mask"),
        ("氨基酸卸妆水", "300 ml", 7_900, 2_400, "cleanser"),
    ],
    "食品生鲜": [
        ("赣南脐橙", "5 斤", 4_980, 2_600, "peach"),
        ("有机五常大米", "5 kg", 8_990, 5_400, "nougat"),
        ("每日坚果", "30 包", 11_900, 6_100, "nougat"),
        ("武夷山大红袍", "250 g", 16_800, 7_000, "nougat"),
    ],
}
"""What the crowd of a year also buys."""


def fill_shelves(*, by: User, at: datetime, until: datetime) -> None:
    """Create the categories with the products of the story.

    :param until: when the mask got its reduced price
    """
    for number, name in enumerate(PRODUCTS_BY_CATEGORY, start=1):
        Category.objects.create(code=f"shelf-{number}", name=name, industry=INDUSTRIES[name])
    for name, above in SUBCATEGORIES.items():
        parent = Category.objects.get(name=above)
        Category.objects.create(code=f"{parent.code}-1", name=name, parent=parent)
    _add_products(PRODUCTS_BY_CATEGORY, by=by, at=at)
    mask = Sku.objects.get(code="TT-0001")
    AskedPrice.objects.create(sku=mask, price=REDUCED_FROM, since=at, until=until)


def fill_up_shelves(*, by: User, at: datetime) -> None:
    """Add what the crowd of a year also buys."""
    _add_products(MORE_PRODUCTS, by=by, at=at)


def _add_products(articles: dict[str, list[Article]], *, by: User, at: datetime) -> None:
    number = Sku.objects.count()
    for shelf, products in articles.items():
        category = Category.objects.get(name=shelf)
        for name, variety, price, cost, motif in products:
            number += 1
            product = Product.objects.create(name=name, category=category)
            Sku.objects.create(
                product=product, code=f"TT-{number:04}", variety=variety, price=price, cost=cost,
                kind=Sku.Kind.PHYSICAL if cost else Sku.Kind.VIRTUAL,
            )  # fmt: skip
            put_on_sale(product=product, by=by, at=at)
            add_picture(product=product, raw=draw_picture(motif), by=by, at=at)

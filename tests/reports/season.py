"""A month of a small shop, so that every report has something to show."""

from __future__ import annotations

from datetime import datetime, timedelta

from catalog.models import Category, Product, Sku
from members.models import Member
from sharing.models import Share
from sharing.services import record_page
from tests.cast import NOON, member
from tests.reports.folding import fold_all
from tests.reports.sharers import a_share, a_visit, sign_in
from tests.shop import (
    DAY,
    distributor,
    ingest,
    line,
    make_referral,
    order,
    plan,
    refund,
    with_refund,
)

PRODUCTS = {
    "护肤": {"玻尿酸补水面膜 10 片装": 10_990, "烟酰胺精华液 30ml": 19_900},
    "坚果": {"每日坚果混合装 750g": 12_900, "夏威夷果奶油味": 6_990},
    "母婴": {"婴儿纯棉连体衣": 8_900},
}
PROVINCES = ("浙江省", "广东省", "江苏省", "四川省", "上海市", "")
CHANNELS = ("chat", "moments", "poster", "group")
PATHS = (("/p/abc123", "/p/abd124"), ("/p/abc123",), (), ("/p/abc123", "/join", "/login"))


def a_month(*, first: datetime = NOON, days: int = 28) -> None:
    """Let three distributors share and six buyers buy, a little more from week to week."""
    skus = _stock()
    plan(at=first)
    mei, lan, wu = (member(name) for name in ("梅子", "兰兰", "吴越"))
    for who in (mei, lan, wu):
        distributor(who, at=first)
    make_referral(mei, lan, at=first)
    buyers = [member(f"买家{number}") for number in range(6)]
    for number, buyer in enumerate(buyers[:5]):
        make_referral((lan, wu, mei)[number % 3], buyer, at=first)
    shares = [
        a_share(who.nickname, channel=CHANNELS[number], product=list(skus)[number],
                template="t-1" if CHANNELS[number] == "poster" else "",
                at=first + timedelta(hours=1))
        for number, who in enumerate((lan, mei, wu, lan))
    ]  # fmt: skip
    _visits(shares, first, days)
    orders = []
    for day in range(days):
        for number in range(1 + day % 3):
            turn = day + number
            name, code = list(skus.items())[turn % len(skus)]
            bought = order(
                buyers[turn % len(buyers)], line(code, quantity=1 + turn % 2, price=_price(name)),
                number=f"S-{day}-{number}", placed_at=first + day * DAY + timedelta(hours=2),
                region=PROVINCES[turn % len(PROVINCES)],
            )  # fmt: skip
            if turn % 7 == 0:
                amount = _price(name)
                bought = with_refund(bought, refund(
                    amount, quantity=1, number=f"R-{day}-{number}", at=bought.placed_at + DAY,
                ))  # fmt: skip
            orders.append(bought)
    ingest(*orders)
    fold_all()


def _stock() -> dict[str, str]:
    """Return the SKU codes of the products, by name."""
    everything = Category.objects.create(code="all", name="全部商品")
    codes = {}
    for shelf, goods in PRODUCTS.items():
        below = Category.objects.create(code=shelf, name=shelf, parent=everything)
        for name, price in goods.items():
            product = Product.objects.create(name=name, category=below)
            codes[name] = Sku.objects.create(product=product, code=f"k-{name}", price=price).code
    return codes


def _price(name: str) -> int:
    return next(goods[name] for goods in PRODUCTS.values() if name in goods)


def _visits(shares: list[Share], first: datetime, days: int) -> None:
    for day in range(days):
        for number, share in enumerate(shares):
            if (day + number) % 2:
                continue
            at = first + day * DAY + timedelta(hours=3)
            seen = a_visit(share, at=at)
            assert seen.visit
            for path in PATHS[(day + number) % len(PATHS)]:
                record_page(visit=seen.visit.public_id, path=path, at=at)
            if day % 9 == 0:
                _join(f"新会员{day}-{number}", seen.anonymous_id, at + timedelta(minutes=5))


def _join(name: str, anonymous_id: str, at: datetime) -> Member:
    return sign_in(name, anonymous_id=anonymous_id, at=at)

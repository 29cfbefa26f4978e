"""The demo's small shop, opened by the ordinary verbs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.db import transaction

from catalog.models import Category, Product, Sku
from catalog.services import put_on_sale
from ledger.chart import Asset, Kind, Reason
from ledger.services import Source, account, platform, take_back, transfer
from members.models import Identity, Member, MemberGrade, Tag, User
from members.services import join

OPENING = datetime(2026, 11, 1, 2, 0, tzinfo=UTC)
USER, PASSWORD = "admin", "twotier-demo"  # of a shop on this machine only

PEOPLE = [
    ("梅", "上海", "上海"),
    ("兰", "浙江", "杭州"),
    ("波", "江苏", "苏州"),
    ("晨", "广东", "深圳"),
]
GRADES = ["普通会员", "银卡会员", "金卡会员"]
TAGS = ["新客", "复购", "社群团长"]
SHELVES: dict[str, list[tuple[str, str, int, int | None]]] = {
    "美妆护肤": [
        ("玻尿酸补水面膜", "10 片", 10_990, 4_200),
        ("氨基酸洁面乳", "120 g", 6_900, 2_300),
    ],
    "食品生鲜": [
        ("阳山水蜜桃", "12 个", 12_800, 7_600),
        ("手工牛轧糖", "500 g", 4_590, 1_850),
    ],
    "知识付费": [("私域运营实战课", "线上 12 讲", 29_900, None)],
}
DOWNWARDS = {"面膜": "美妆护肤"}
EARNED = [("梅", 1_099), ("梅", 549), ("兰", 1_280), ("兰", 690), ("波", 2_990)]


@transaction.atomic
def seed() -> None:
    """Open the shop, unless it is open: staff, members, goods, and some money that has moved."""
    if not User.objects.filter(username=USER).exists():
        User.objects.create_superuser(USER, password=PASSWORD)
    if Product.objects.exists():
        return
    people = _people()
    _goods(by=User.objects.get(username=USER))
    _money(people)


def _people() -> dict[str, Member]:
    grades = [
        MemberGrade.objects.create(rank=rank, name=name)
        for rank, name in enumerate(GRADES, start=1)
    ]
    tags = [Tag.objects.create(name=name) for name in TAGS]
    people = {}
    for number, (name, province, city) in enumerate(PEOPLE):
        member, _ = join(
            provider=Identity.Provider.MALL,
            external_id=f"demo-{number + 1}",
            nickname=name,
            province=province,
            city=city,
            at=OPENING + timedelta(days=number),
        )
        member.grade = grades[number % len(grades)]
        member.save(update_fields=["grade"])
        member.tags.add(tags[number % len(tags)])
        people[name] = member
    return people


def _goods(*, by: User) -> None:
    shelves = {
        name: Category.objects.create(code=f"shelf-{number}", name=name)
        for number, name in enumerate(SHELVES, start=1)
    }
    for name, above in DOWNWARDS.items():
        Category.objects.create(code=f"{shelves[above].code}-1", name=name, parent=shelves[above])
    number = 0
    for shelf, products in SHELVES.items():
        for name, variety, price, cost in products:
            number += 1
            product = Product.objects.create(name=name, category=shelves[shelf])
            Sku.objects.create(
                product=product,
                code=f"TT-{number:04}",
                variety=variety,
                price=price,
                cost=cost,
                kind=Sku.Kind.PHYSICAL if cost else Sku.Kind.VIRTUAL,
            )
            put_on_sale(product=product, by=by, at=OPENING)


def _money(people: dict[str, Member]) -> None:
    expense = platform(Kind.COMMISSION_EXPENSE)
    for number, (name, amount) in enumerate(EARNED, start=1):
        transfer(
            key=f"demo:{number}:credit",
            debit=expense,
            credit=account(people[name], Asset.CASH),
            amount=amount,
            reason=Reason.COMMISSION,
            source=Source("demo", str(number)),
            effective_at=OPENING + timedelta(days=8, hours=number),
        )
    transfer(
        key="demo:1:hold",
        debit=account(people["波"], Asset.CASH),
        credit=account(people["波"], Asset.CASH, Kind.HELD),
        amount=2_000,
        reason=Reason.HOLD,
        source=Source("demo", "withdrawal-1"),
        effective_at=OPENING + timedelta(days=10),
    )
    take_back(
        key="demo:clawback:1",
        wallet=account(people["波"], Asset.CASH),
        into=expense,
        amount=1_200,
        source=Source("demo", "refund-1"),
        effective_at=OPENING + timedelta(days=11),
    )

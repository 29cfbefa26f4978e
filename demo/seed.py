"""Create the demo's small shop with the ordinary services."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from catalog.models import AskedPrice, Category, Industry, Product, Sku
from catalog.picture_lists import add_picture
from catalog.services import put_on_sale
from demo import connections, materials, payouts, story, year
from demo.pictures import draw_picture
from members.models import REVIEW_WAIT, Identity, Member, MemberGrade, Tag, User
from members.services import join
from sharing.services.homes import save_home

DAY = timedelta(days=1)
AGE = 50 * DAY
USER, PASSWORD = "admin", "twotier-demo"  # for a shop on this machine only

PEOPLE = [
    ("梅", "上海", "上海"),
    ("兰", "浙江", "杭州"),
    ("波", "江苏", "苏州"),
    ("晨", "广东", "深圳"),
]
GRADES = ["普通会员", "银卡会员", "金卡会员"]
TAGS = ["新客", "复购", "社群团长"]
PRODUCTS_BY_CATEGORY: dict[str, list[tuple[str, str, int, int | None, str]]] = {
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
REDUCED_FROM = 13_900  # the mask, until two days ago
SUBCATEGORIES = {"面膜": "美妆护肤"}
HOME_LINE = "自己用过才推荐，买前买后都可以问我"
STAFF = {"qian": "钱（运营）", "feng": "冯（财务）"}


def _say_nothing(_text: str) -> None:
    pass


@transaction.atomic
def seed(*, at: datetime, weeks: int = 0, show: Callable[[str], object] = _say_nothing) -> None:
    """Create the shop unless it exists: staff, members, goods, and their history.

    :param at: now; the story of the four people began some weeks before
    :param weeks: how long hundreds of others have bought and shared; 0 for the story alone
    :param show: gets lines that say how far the weeks are
    """
    staff = _staff(at - 2 * DAY)
    if Product.objects.exists():
        return
    opening = at - AGE
    people = _people(opening)
    _goods(by=staff[USER], at=opening)
    if weeks:
        year.prepare(staff, by=staff[USER], at=at - weeks * year.WEEK)
    story.play(people, staff, opening=opening)
    materials.play(by=staff[USER], at=opening)
    _home(people["兰"], at=opening)
    if weeks:
        year.play(staff, now=at, weeks=weeks, show=show)
    payouts.fetch_statements(now=at)
    connections.play(by=staff[USER], at=at - DAY)


def _staff(since: datetime) -> dict[str, User]:
    """Return the staff. They were created two days ago, so that they may review."""
    made: dict[str, Any] = {
        "password": PASSWORD,
        "date_joined": since,
        "may_review_from": since + REVIEW_WAIT,
    }
    found = {user.username: user for user in User.objects.filter(username__in=[USER, *STAFF])}
    if USER not in found:
        found[USER] = User.objects.create_superuser(USER, **made)
    for name, called in STAFF.items():
        if name not in found:
            found[name] = User.objects.create_user(name, first_name=called, is_staff=True, **made)
    return found


def _people(opening: datetime) -> dict[str, Member]:
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
            at=opening + timedelta(hours=number),
        )
        member.grade = grades[number % len(grades)]
        member.save(update_fields=["grade"])
        member.tags.add(tags[number % len(tags)])
        people[name] = member
    return people


def _home(member: Member, *, at: datetime) -> None:
    """Let a distributor recommend all products but the course."""
    chosen = Product.objects.exclude(category__industry=Industry.EDUCATION).order_by("pk")
    save_home(
        member=member, line=HOME_LINE,
        products=list(chosen.values_list("public_id", flat=True)), at=at,
    )  # fmt: skip


def _goods(*, by: User, at: datetime) -> None:
    shelves = {
        name: Category.objects.create(code=f"shelf-{number}", name=name, industry=INDUSTRIES[name])
        for number, name in enumerate(PRODUCTS_BY_CATEGORY, start=1)
    }
    for name, above in SUBCATEGORIES.items():
        Category.objects.create(code=f"{shelves[above].code}-1", name=name, parent=shelves[above])
    number = 0
    for shelf, products in PRODUCTS_BY_CATEGORY.items():
        for name, variety, price, cost, motif in products:
            number += 1
            product = Product.objects.create(name=name, category=shelves[shelf])
            sku = Sku.objects.create(
                product=product,
                code=f"TT-{number:04}",
                variety=variety,
                price=price,
                cost=cost,
                kind=Sku.Kind.PHYSICAL if cost else Sku.Kind.VIRTUAL,
            )
            put_on_sale(product=product, by=by, at=at)
            add_picture(product=product, raw=draw_picture(motif), by=by, at=at)
            if motif == "mask":
                AskedPrice.objects.create(
                    sku=sku, price=REDUCED_FROM, since=at, until=at + AGE - 2 * DAY
                )

"""Create the demo's small shop with the ordinary services."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from catalog.models import Industry, Product
from demo import connections, goods, materials, moving, story, story_withdrawals, year
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
    goods.fill_shelves(by=staff[USER], at=opening, until=at - 2 * DAY)
    if weeks:
        year.prepare(staff, by=staff[USER], at=at - weeks * year.WEEK)
    story.play(people, staff, opening=opening)
    materials.play(by=staff[USER], at=opening)
    _home(people["兰"], at=opening)
    if weeks:
        year.play(staff, now=at, weeks=weeks, show=show)
        moving.play(staff, now=at)
    story_withdrawals.fetch_statements(now=at)
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

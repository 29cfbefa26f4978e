"""Play the third part of the story: a friend's first order, a sprint and a better level."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from common.money import format_yuan
from demo.ladder import raise_ladder
from incentives.explanations import explain
from incentives.models import Award, Incentive, LevelReview, Reward, Version
from incentives.models.incentive import PeriodKind
from incentives.overview.reward_words import award_text
from incentives.services.awards import release_final
from incentives.services.catching_up import catch_up
from incentives.services.closing import close_periods
from incentives.services.drafts import create_draft, edit
from incentives.services.levels import review_levels
from incentives.services.publication import publish, submit
from members.models import User
from orders.models import Order
from promotions.rules import CouponTerms
from promotions.services import create_coupon, publish_coupon

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FRIENDS, SPRINT = "new_buyers", "week_sprint"
"""Keys of templates."""
LIMIT = 1_000


def begin(staff: dict[str, User], *, by: User, at: datetime) -> None:
    """Publish a coupon, an incentive for friends, a sprint of the first week, and the ladder.

    :param by: who may publish coupons
    """
    author = User.objects.get(pk=staff["qian"].pk)  # rights are cached
    coupon = create_coupon(terms=_coupon(), by=author, at=at)
    publish_coupon(coupon=coupon, by=by, at=at)
    raise_ladder(by=by, at=at)
    from_template(FRIENDS, staff, at=at, min_amount=10_000)
    from_template(
        SPRINT, staff, at=at, name=_("Sprint of the opening week"), period=PeriodKind.CAMPAIGN,
        starts_at=at, ends_at=at + 7 * DAY,
    )  # fmt: skip


def _coupon() -> CouponTerms:
    return CouponTerms(
        name=_("Coupon for new buyers"), amount=1_000, threshold=9_900, valid_days=30, stock=5_000
    )


def from_template(
    key: str, staff: dict[str, User], *, at: datetime, rewards: list[Reward] | None = None,
    **terms: Any,
) -> Version:  # fmt: skip
    """Draft an incentive from a template, change some terms, and let another person publish it.

    :param rewards: instead of those of the template
    """
    drafting, publishing = staff["qian"], staff["feng"]
    version = create_draft(template=key, by=drafting, at=at)
    rows = list(version.rewards.all()) if rewards is None else rewards
    edit(version=version, by=drafting, at=at, rewards=rows, **terms)
    submit(version=version, by=drafting, at=at)
    publish(version=version, by=publishing, at=at)
    return version


def follow(orders: Collection[int], *, at: datetime) -> None:
    """Do what workers do after orders changed, and once a day."""
    if orders:
        catch_up(orders=orders, at=at)
    while close_periods(at=at, limit=LIMIT):
        pass
    give_confirmed(at=at)
    review_levels(at=at, limit=LIMIT)


def give_confirmed(*, at: datetime) -> None:
    """Give the prizes of closes that wait for nobody."""
    while release_final(at=at):
        pass


def follow_all(*, at: datetime) -> None:
    """Let the orders of the story count as far as they have come."""
    follow(list(Order.objects.order_by("pk").values_list("pk", flat=True)), at=at)


def report_lines() -> Iterator[str]:
    """Yield this part of the story as lines of text, with the awards from the database."""
    friends, sprint = (_incentive(key) for key in (FRIENDS, SPRINT))
    if friends is None or sprint is None:
        return
    yield _(
        "14. 兰 brought 波, and 波 brought 晨. Their first orders are completed, so both sides are"
        " rewarded:"
    )
    yield from _awards(friends)
    yield _("15. The sprint of the first week pays 100, 80 and 50 yuan by own sales:")
    yield from _awards(sprint)
    yield from _explanation(sprint)
    yield from _level()


def _incentive(key: str) -> Incentive | None:
    rows = Incentive.objects.filter(versions__template=key, versions__number=1)
    return rows.order_by("pk").first()


def _awards(incentive: Incentive) -> Iterator[str]:
    rows = Award.objects.filter(incentive=incentive, member__nickname__in=("梅", "兰", "波", "晨"))
    related = ("member", "reward__coupon", "reward__gift__product", "reward__level")
    for award in rows.select_related(*related).order_by("pk"):
        yield "   " + _("%(who)s: %(what)s, %(status)s") % {
            "who": award.member.nickname,
            "what": award_text(award),
            "status": award.get_status_display(),
        }


def _explanation(incentive: Incentive) -> Iterator[str]:
    award = Award.objects.filter(incentive=incentive, member__nickname="波").first()
    if award is None:
        return
    yield "   " + _("Why does 波 get this?")
    for text in explain(award):
        yield f"      {text}"


def _level() -> Iterator[str]:
    rows = LevelReview.objects.filter(distributor__member__nickname="兰", after__isnull=False)
    review = rows.select_related("after").order_by("pk").first()
    if review is None or review.after is None:
        return
    yield _("16. The daily review found own sales of %(sales)s yuan: 兰 rises to %(level)s.") % {
        "sales": format_yuan(review.figures["sales"]), "level": review.after.name,
    }  # fmt: skip

"""Templates of lawful incentives: one click gives a draft in plain words.

What is not here on purpose: 集赞, 推三返一 and 链动 2+1; ``incentives.compliance`` says why.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F, Q
from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from catalog.models import Product, Sku
from common.clock import business_day, day_start
from common.errors import TwotierError
from distribution.models import Level
from incentives.models import Audience, Metric, PeriodKind, Reward, Version
from ledger.chart import Asset
from promotions.models import Coupon

Kind, Side, Reach = Reward.Kind, Reward.Side, Version.Reach
YUAN = 100
DOUBLE = 20_000


class UnknownTemplate(TwotierError):
    code = "unknown_incentive_template"
    message = _("There is no template “%(key)s”. Choose one of the list.")
    status = 404


@dataclass(frozen=True, slots=True)
class Template:
    """A template: ``title`` becomes the name of the draft, ``description`` helps to choose."""

    title: str | Promise
    description: str | Promise
    build: Callable[[datetime], tuple[Version, list[Reward]]]


def draft_from_template(key: str, *, at: datetime) -> tuple[Version, list[Reward]]:
    """Return an unsaved version with its rewards; an empty key: a blank one.

    What a shop lacks, such as a coupon, is left out: the checks of the draft ask for it.

    :raises UnknownTemplate: there is no such template
    """
    if not key:
        return Version(
            metric=Metric.OWN_SALES, audience=Audience.DISTRIBUTORS, period=PeriodKind.MONTH
        ), []
    template = TEMPLATES.get(key)
    if template is None:
        raise UnknownTemplate(key=key[:40])
    version, rewards = template.build(at)
    version.name, version.template = str(template.title), key
    return version, rewards


def _new_buyers(at: datetime) -> tuple[Version, list[Reward]]:
    version = Version(
        metric=Metric.REFERRED_BUYERS, audience=Audience.EVERYONE, period=PeriodKind.EACH,
        reach=Reach.EACH, min_amount=50 * YUAN, takes_back_after_close=True,
        terms=gettext(
            "Your friend's first order counts when it is completed, from ¥50. Refunds take the"
            " reward back."
        ),
    )  # fmt: skip
    return version, [
        _amount(10 * YUAN, asset=Asset.CASH),
        Reward(kind=Kind.FACTOR, rate=DOUBLE, days=30, threshold=1),
        _coupon_or_credit(10 * YUAN, side=Side.FRIEND, at=at),
    ]


def _first_sale(_at: datetime) -> tuple[Version, list[Reward]]:
    version = Version(
        metric=Metric.FIRST_SALE, audience=Audience.DISTRIBUTORS, period=PeriodKind.CAMPAIGN,
        reach=Reach.EACH, min_amount=50 * YUAN,
    )  # fmt: skip
    return version, [_amount(10 * YUAN, asset=Asset.CASH)]


def _week_sprint(at: datetime) -> tuple[Version, list[Reward]]:
    today = business_day(at)
    monday = today + timedelta(days=7 - today.weekday())
    version = Version(
        metric=Metric.OWN_SALES, audience=Audience.DISTRIBUTORS, period=PeriodKind.WEEK,
        reach=Reach.RANK, starts_at=day_start(monday),
    )  # fmt: skip
    return version, [
        Reward(kind=Kind.AMOUNT, asset=Asset.CASH, amount=yuan * YUAN, first_rank=place,
               last_rank=place)
        for place, yuan in enumerate((100, 80, 50), start=1)
    ]  # fmt: skip


def _month_units(_at: datetime) -> tuple[Version, list[Reward]]:
    version = Version(
        metric=Metric.OWN_UNITS, audience=Audience.DISTRIBUTORS, period=PeriodKind.MONTH,
        reach=Reach.STEPS,
    )  # fmt: skip
    return version, [_amount(300 * YUAN, asset=Asset.CASH, threshold=20)]


def _invite(_at: datetime) -> tuple[Version, list[Reward]]:
    version = Version(
        metric=Metric.REFERRED_BUYERS, audience=Audience.EVERYONE, period=PeriodKind.MONTH,
        reach=Reach.EACH, min_amount=50 * YUAN, most_per_member=50,
    )  # fmt: skip
    return version, [_amount(10 * YUAN, asset=Asset.CASH)]


def _spend(_at: datetime) -> tuple[Version, list[Reward]]:
    version = Version(
        metric=Metric.OWN_SPEND, audience=Audience.EVERYONE, period=PeriodKind.MONTH,
        reach=Reach.STEPS,
    )  # fmt: skip
    return version, [_amount(100 * YUAN, asset=Asset.STORE_CREDIT, threshold=2_000 * YUAN)]


def _parents(_at: datetime) -> tuple[Version, list[Reward]]:
    version = Version(
        metric=Metric.REFERRED_BUYERS, audience=Audience.EVERYONE, period=PeriodKind.CAMPAIGN,
        reach=Reach.EVERY, min_amount=50 * YUAN, most_per_member=1,
        terms=gettext("You need not buy the course yourself."),
    )  # fmt: skip
    course = _course()
    if course is None:
        return version, []
    version.products = [course.product_id]
    version.min_amount = min(version.min_amount, course.price)
    return version, [Reward(kind=Kind.GIFT, gift=course, threshold=2)]


def _upgrade(_at: datetime) -> tuple[Version, list[Reward]]:
    version = Version(
        metric=Metric.OWN_SALES, audience=Audience.DISTRIBUTORS, period=PeriodKind.MONTH,
        reach=Reach.STEPS,
    )  # fmt: skip
    level = Level.objects.order_by("rank").first()
    if level is None:
        return version, []
    return version, [Reward(kind=Kind.LEVEL, level=level, days=90, threshold=10_000 * YUAN)]


def _amount(fen: int, *, asset: str, threshold: int = 1) -> Reward:
    return Reward(kind=Kind.AMOUNT, asset=asset, amount=fen, threshold=threshold)


def _coupon_or_credit(fen: int, *, side: str, at: datetime) -> Reward:
    """Return the newest coupon that takes off an amount and can be granted, else store credit.

    A free product or a percentage may be worth far more than a template means to give.
    """
    of_amounts = Coupon.objects.filter(kind=Coupon.Kind.AMOUNT, status=Coupon.Status.PUBLISHED)
    left = of_amounts.filter(Q(stock=None) | Q(granted__lt=F("stock")))
    valid = left.filter(Q(valid_until=None) | Q(valid_until__gt=at))
    coupon = valid.order_by("-id").first()
    if coupon is None:
        return Reward(
            kind=Kind.AMOUNT, asset=Asset.STORE_CREDIT, amount=fen, side=side, threshold=1
        )
    return Reward(kind=Kind.COUPON, coupon=coupon, side=side, threshold=1)


def _course() -> Sku | None:
    """Return the newest virtual product on sale: courses are sold as such."""
    on_sale = Sku.objects.filter(
        kind=Sku.Kind.VIRTUAL, product__status=Product.Status.ON_SALE
    )  # fmt: skip
    return on_sale.order_by("-product_id", "price", "pk").first()


TEMPLATES: Mapping[str, Template] = {
    "new_buyers": Template(
        _("Both sides of a first order"),
        _("A friend's completed first order rewards who brought them and the friend."),
        _new_buyers,
    ),
    "first_sale": Template(
        _("¥10 for the first sale"),
        _("Each distributor gets it once, with the first completed order that they brought."),
        _first_sale,
    ),
    "week_sprint": Template(
        _("Sprint of the week: 100, 80, 50"),
        _("Each week, the three with the highest own sales win. It begins next Monday."),
        _week_sprint,
    ),
    "month_units": Template(
        _("¥300 for 20 units a month"),
        _("Who sells 20 units in a month gets it."),
        _month_units,
    ),
    "invite": Template(
        pgettext_lazy("template", "Invite friends"),
        _("Each friend who buys for the first time brings ¥10, up to 50 friends a month."),
        _invite,
    ),
    "spend": Template(
        _("¥100 back from ¥2,000"),
        _("Own purchases of a month from ¥2,000 bring ¥100 of store credit."),
        _spend,
    ),
    "parents": Template(
        _("Two parents take the course, one course for you"),
        _("Two friends who completed an order of the course bring a course as a gift."),
        _parents,
    ),
    "upgrade": Template(
        _("Higher level by sales"),
        _("Own sales of a month bring a level for 90 days."),
        _upgrade,
    ),
}
"""By key, in the order of the page."""

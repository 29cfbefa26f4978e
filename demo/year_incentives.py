"""Let incentives run through the demo's year, and leave work for people in the end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from catalog.models import Sku
from demo.ladder import raise_ladder
from demo.pictures import MOTIFS, draw_picture
from demo.story_incentives import follow, from_template, give_confirmed
from incentives.metrics.proofs import has_sold
from incentives.models import Audience, GiftTask, Metric, PeriodClosing, PeriodKind, Reward, Version
from incentives.services.closing import confirm_closing
from incentives.services.drafts import create_draft, edit
from incentives.services.gifts import send_gift
from incentives.services.proofs import hand_in
from incentives.services.publication import publish
from ledger.chart import Asset
from members.models import Member, Upload, User
from members.uploads import store_upload
from orders.models import Order
from promotions.models import Coupon

BONUS = [(200_000, 8_000), (500_000, 25_000)]
"""Own sales of a month, and what they give, in fen."""
GIFT, GIFT_FROM = "TT-0004", 20_000
"""The SKU for a first sale, and the amount of the order, in fen."""
WAITS_ABOVE = 10_000
UNCONFIRMED = 1
"""How many closes wait for a person in the end."""


def begin(staff: dict[str, User], *, by: User, at: datetime) -> None:
    """Publish what runs all year; the sprint begins on the next Monday."""
    raise_ladder(by=by, at=at)
    from_template(
        "month_units", staff, at=at, name="月销达标奖", metric=Metric.OWN_SALES,
        rewards=[_cash(amount, threshold) for threshold, amount in BONUS],
    )  # fmt: skip
    from_template("week_sprint", staff, at=at, confirm_above=WAITS_ABOVE)
    from_template(
        "first_sale", staff, at=at, name="首单达人礼", min_amount=GIFT_FROM,
        rewards=[Reward(kind=Reward.Kind.GIFT, gift=Sku.objects.get(code=GIFT), threshold=1)],
    )  # fmt: skip


def _cash(amount: int, threshold: int) -> Reward:
    return Reward(kind=Reward.Kind.AMOUNT, asset=Asset.CASH, amount=amount, threshold=threshold)


def end_week(numbers: Sequence[str], *, by: User, start: datetime, end: datetime) -> None:
    """Count the orders reported or completed in a week, and do what waits since before.

    :param numbers: of the orders that the mall reported in the week
    :param by: who confirms and sends; another person than who published
    """
    reported = Order.objects.filter(number__in=numbers)
    completed = Order.objects.filter(completed_at__gt=start, completed_at__lte=end)
    orders = {*reported.values_list("pk", flat=True), *completed.values_list("pk", flat=True)}
    follow(sorted(orders), at=end)
    waiting = PeriodClosing.objects.filter(status=PeriodClosing.Status.WAITING).order_by("pk")
    for closing in list(waiting)[:-UNCONFIRMED]:
        confirm_closing(closing=closing, by=by, at=end)
    give_confirmed(at=end)
    open_gifts = GiftTask.objects.filter(status=GiftTask.Status.OPEN, opened_at__lte=start)
    for task in open_gifts.select_related("award__member").order_by("pk"):
        send_gift(task=task, note=f"顺丰 SF{1_000_000_000 + task.pk}", by=by, at=end)


def ask_for_photos(staff: dict[str, User], *, at: datetime) -> Version:
    """Publish an incentive that gives a coupon for a photo of the goods; no post is asked for."""
    version = create_draft(by=staff["qian"], at=at)
    coupon = Coupon.objects.filter(status=Coupon.Status.PUBLISHED).latest("pk")
    edit(
        version=version, by=staff["qian"], at=at, name="商品实拍有礼", metric=Metric.PROOF,
        audience=Audience.DISTRIBUTORS, period=PeriodKind.CAMPAIGN, reach=Version.Reach.EACH,
        most_per_member=1,
        terms="拍一张商品摆放或使用中的照片上传，审核通过即得一张优惠券，无需公开发布。",
        rewards=[Reward(kind=Reward.Kind.COUPON, coupon=coupon, threshold=1)],
    )  # fmt: skip
    publish(version=version, by=staff["feng"], at=at)
    return version


def hand_in_photos(version: Version, members: Sequence[Member], *, at: datetime) -> None:
    """Let members who have sold something hand in pictures that wait for a decision."""
    for member, motif in zip(_sellers(members), MOTIFS, strict=False):
        upload = store_upload(
            member=member, purpose=Upload.Purpose.PROOF, raw=draw_picture(motif), at=at
        )
        hand_in(
            incentive=version.incentive, member=member, upload=upload.public_id,
            text="商品使用中的照片", at=at,
        )  # fmt: skip


def _sellers(members: Sequence[Member]) -> Iterator[Member]:
    return (member for member in members if has_sold(member.pk))

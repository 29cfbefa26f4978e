"""Gifts and proofs for tests: an incentive that gives a tea for each own order or proof."""

from __future__ import annotations

from typing import Any

from catalog.models import Sku
from incentives.models import Award, GiftTask, Reward, Version
from members.models import Member, Upload, User
from members.uploads import store_upload
from tests.cast import give, staff
from tests.incentives.contests.stage import open_stage, release, sell
from tests.incentives.offers import published
from tests.members.pictures import picture
from tests.shop import PLACED, sku


def tea() -> Sku:
    return Sku.objects.filter(code="tea").first() or sku("tea", price=500, cost=300)


def gift() -> Reward:
    return Reward(kind="gift", gift=tea(), threshold=1)


def gift_for_each_order(**terms: Any) -> Version:
    """Open the stage and publish: a tea for each own order from 50 yuan on."""
    open_stage()
    return published(metric="own_orders", rewards=[gift()], min_amount=5_000, **terms)


def gift_task(seller: str = "Lan") -> GiftTask:
    """Let a seller earn a tea."""
    sell(seller, 100_000)
    release()
    return GiftTask.objects.select_related("award__member").latest("pk")


def gift_for_proofs(**terms: Any) -> Version:
    """Open the stage, let Lan sell, and publish: a tea for each approved proof."""
    open_stage()
    sell("Lan", 100_000)
    release()
    return published(metric="proof", rewards=[gift()], **terms)


def upload(who: Member, color: Any = "red", **options: Any) -> str:
    """Upload a picture for a proof; return its id."""
    raw = picture(**{"size": (300, 200), "color": color} | options)
    return stored(who, raw).public_id


def stored(who: Member, raw: bytes) -> Upload:
    return store_upload(member=who, purpose=Upload.Purpose.PROOF, raw=raw, at=PLACED)


def sender(name: str = "Qian") -> User:
    return give(staff(name), "change_gifttask", "view_gifttask")


def decider(name: str = "Qian") -> User:
    return give(staff(name), "decide_proof", "view_proof", "view_upload")


def awards() -> list[tuple[str, str, int, str]]:
    rows = Award.objects.select_related("member").order_by("pk")
    return [(row.member.nickname, row.kind, row.posted, row.status) for row in rows]

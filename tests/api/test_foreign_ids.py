"""Ids of another member open nothing: they are answered like ids that nobody has."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from commissions.ids import commission_id
from commissions.models import Commission
from commissions.services import open_claim
from common import clock
from distribution.models import Level
from distribution.services import set_level
from incentives.models import Award, Incentive, Metric, PeriodKind, Version
from materials.models import Campaign, Course, Material
from members.models import Member, MemberSession, Upload
from posters.models import Poster
from posters.services import open_poster
from sharing.targets import Target
from tests.api.phone import Phone, outcome
from tests.api.test_routes import MEMBER, ROUTES, Route, name
from tests.cast import NOON, staff
from tests.incentives import offers
from tests.materials.media import course, published
from tests.members.pictures import uploaded
from tests.posters import studio
from tests.shop import distributor, ingest, open_shop, order
from tests.withdrawals.factories import YUAN, asked, picture, ready

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

PLACEHOLDERS = ("<str:public_id>", "<str:session_id>")
OF_NOBODY = {"coupons/<str:public_id>/claim"}
"""Addresses of rows that belong to no member."""
WITH_IDS = [
    route
    for route in ROUTES
    if route.caller == MEMBER
    and any(part in route.path for part in PLACEHOLDERS)
    and route.path not in OF_NOBODY
]


@pytest.fixture
def lan(db: None) -> Member:
    """Return Lan, who has one of everything."""
    ingest(order(open_shop(), received=True))
    found = ready(Member.objects.get(nickname="Lan"), 1_000 * YUAN)
    asked(found, 100 * YUAN)
    open_claim(member=found, order_no="O-9", reason="missing", text="?", at=NOON)
    uploaded(found)
    for_the_level_of(found)
    without_product = [row for row in studio.DOCUMENT["elements"] if row["id"] in {"name", "qr"}]
    studio.template("join", kind="recruit", elements=without_product)
    open_poster(member=found, target=Target("recruit"), at=NOON)
    contest_of(found)
    return found


@pytest.fixture
def chen(chen: Member) -> Member:
    """Return Chen, who is a distributor as well."""
    distributor(chen)
    return chen


def id_of_lan(lan: Member, route: Route) -> str:
    ids: dict[str, Any] = {
        "me/sessions/": lambda: MemberSession.objects.filter(member=lan).latest("pk").public_id,
        "uploads/": lambda: Upload.objects.get().public_id,
        "distributor/commissions/": lambda: commission_id(
            Commission.objects.get(distributor__member=lan)
        ),
        "distributor/claims/": lambda: lan.claims.get().public_id,
        "withdrawals/": lambda: lan.withdrawals.get().public_id,
        "materials/campaigns/": lambda: Campaign.objects.get().public_id,
        "materials/<": lambda: Material.objects.get().public_id,
        "posters/": lambda: Poster.objects.get().public_id,
        "courses/": lambda: Course.objects.get().public_id,
        "incentives/": lambda: Incentive.objects.get().public_id,
        "me/awards/": lambda: Award.objects.get().public_id,
    }
    (read,) = [read for start, read in ids.items() if route.path.startswith(start)]
    return str(read())


def for_the_level_of(who: Member) -> None:
    """Publish a material and a course that only this member's level permits."""
    level = Level.objects.create(rank=9, name="L9", advanced_materials=True)
    set_level(distributor=who.distributor, level=level, reason="?", by=staff("Qian"), at=NOON)
    published(audience="advanced", campaign=Campaign.objects.create(name="11.11"))
    course(audience="advanced")


def contest_of(who: Member) -> None:
    """Run a contest for the level of a member, who has won a place in it."""
    level = who.distributor.level
    assert level
    version = offers.published(
        metric=Metric.OWN_SALES, period=PeriodKind.CAMPAIGN, reach=Version.Reach.RANK,
        audience="levels", levels=[level.pk], ends_at=clock.now() + timedelta(days=30),
        rewards=[offers.reward(1_000, first_rank=1, last_rank=1)],
    )  # fmt: skip
    prize = version.rewards.get()
    Award.objects.create(
        incentive=version.incentive, version=version, reward=prize, member=who, side=prize.side,
        kind=prize.kind, asset=prize.asset, period_start=NOON.date(), step="place",
        status=Award.Status.WAITING, target=1_000, rank=1, reached_at=NOON, changed_at=NOON,
    )  # fmt: skip


def call(who: Phone, route: Route, public_id: str) -> Any:
    path = route.path
    for part in PLACEHOLDERS:
        path = path.replace(part, public_id)
    return getattr(who, route.method.lower())(f"/{path}")


@pytest.mark.parametrize("route", WITH_IDS, ids=name)
def test_the_id_of_another_is_answered_like_none(lan: Member, chen: Member, route: Route) -> None:
    owner, stranger, before = Phone(lan), Phone(chen), picture()
    public_id = id_of_lan(lan, route)

    answer = call(stranger, route, public_id)

    assert outcome(answer) == (404, "not_found")
    assert answer.content == call(stranger, route, "nothing").content
    assert picture() == before
    assert not MemberSession.objects.filter(member=lan).exclude(ended_at=None).exists()
    assert call(owner, route, public_id).status_code not in {403, 404}, "the owner may"


def test_what_another_has_is_no_content_of_a_claim(lan: Member, chen: Member) -> None:
    body = {"reason": "missing", "text": "?"}
    commission = commission_id(Commission.objects.get(distributor__member=lan))
    phone = Phone(chen)

    of_lan = phone.post("/distributor/claims", {**body, "commission": commission})
    picture_of_lan = phone.post(
        "/distributor/claims",
        {**body, "order_no": "O-1", "evidence": [Upload.objects.get().public_id]},
    )

    assert outcome(of_lan) == (404, "commission_not_found")
    assert outcome(picture_of_lan) == (400, "upload_unknown")
    assert Upload.objects.get().status == "stored"

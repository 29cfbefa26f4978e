"""Members see the official materials that their level permits, and nothing else exists for them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import Product
from common import clock
from distribution.models import Distributor, Level
from distribution.services import change_status
from materials.models import Campaign, Material
from members.models import Member
from tests.api.phone import Phone, outcome
from tests.cast import staff
from tests.materials.media import at_level, draft, photo, published, with_files, withdraw
from tests.shop import distributor, sku

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def titles(who: Member, **filters: Any) -> list[str]:
    response = Phone(who).get("/materials", **filters)
    assert response.status_code == 200, response.content
    return [row["title"] for row in response.json()["results"]]


def product(name: str = "tea") -> Product:
    row = sku(name).product
    Product.objects.filter(pk=row.pk).update(status="on_sale")
    return row


def test_a_material_has_its_text_and_figures(bo: Member) -> None:
    row = published(product=product(), campaign=Campaign.objects.create(name="双十一"))

    (body,) = Phone(bo).get("/materials").json()["results"]

    assert body == {
        "id": row.public_id, "kind": "copy", "title": "春茶上新", "text": "喝一口春天",
        "version": 1, "audience": "members",
        "product": {"id": Product.objects.get().public_id, "name": "tea"},
        "campaign": {"id": Campaign.objects.get().public_id, "name": "双十一"},
        "files": [], "copies": 0, "downloads": 0, "published_at": "2026-11-01T12:00:00+08:00",
    }  # fmt: skip
    assert Phone(bo).get(f"/materials/{row.public_id}").json() == body


def test_what_there_is_not_is_left_out(bo: Member) -> None:
    published()

    (body,) = Phone(bo).get("/materials").json()["results"]

    assert "product" not in body
    assert "campaign" not in body


def test_drafts_and_withdrawn_ones_do_not_exist(bo: Member) -> None:
    rows = [draft(), withdraw(published())]

    assert titles(bo) == []
    for row in rows:
        path = f"/materials/{row.public_id}"
        assert outcome(Phone(bo).get(path)) == (404, "not_found")
        assert outcome(Phone(bo).post(f"{path}/used")) == (404, "not_found")


@pytest.fixture
def ladder(mei: Member, lan: Member, bo: Member, chen: Member) -> dict[str, Member]:
    """Mei has the highest level, Lan a low one, Bo none; Chen is no distributor."""
    gold = at_level(mei, 3, advanced=True)
    at_level(lan, 1)
    distributor(bo)
    for title, audience, level in (
        ("all", "members", None), ("sellers", "distributors", None),
        ("advanced", "advanced", None), ("gold", "distributors", gold),
    ):  # fmt: skip
        published(title=title, audience=audience, lowest_level=level)
    return {"Mei": mei, "Lan": lan, "Bo": bo, "Chen": chen}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Mei", {"all", "sellers", "advanced", "gold"}),
        ("Lan", {"all", "sellers"}),
        ("Bo", {"all", "sellers"}),
        ("Chen", {"all"}),
    ],
)
def test_the_level_decides(ladder: dict[str, Member], name: str, expected: set[str]) -> None:
    who = ladder[name]

    assert set(titles(who)) == expected
    for row in Material.objects.all():
        seen = row.title in expected
        assert (Phone(who).get(f"/materials/{row.public_id}").status_code == 200) == seen
        used = Phone(who).post(f"/materials/{row.public_id}/used")
        assert (used.status_code == 200) == seen


@pytest.mark.parametrize("status", ["suspended", "frozen", "exited"])
def test_only_an_active_distributor_is_one(ladder: dict[str, Member], status: str) -> None:
    mei = ladder["Mei"]
    change_status(
        distributor=Distributor.objects.get(member=mei), to=status, reason="?", by=staff("Qian"),
        at=clock.now(),
    )  # fmt: skip

    assert titles(mei) == ["all"]


def test_a_level_that_loses_the_right_hides_them(ladder: dict[str, Member]) -> None:
    Level.objects.update(advanced_materials=False)

    assert "advanced" not in titles(ladder["Mei"])


def test_a_campaign_has_a_beginning_and_an_end(bo: Member) -> None:
    now = clock.now()
    periods = {
        "over": (None, now - DAY), "later": (now + DAY, None), "now": (now - DAY, now + DAY),
        "open": (None, None),
    }  # fmt: skip
    for name, (start, end) in periods.items():
        campaign = Campaign.objects.create(name=name, starts_at=start, ends_at=end)
        published(title=name, campaign=campaign)

    assert set(titles(bo)) == {"now", "open"}
    campaigns = Phone(bo).get("/materials/campaigns").json()["results"]
    assert {row["name"] for row in campaigns} == {"now", "open"}


def test_a_product_off_sale_hides_its_materials(bo: Member) -> None:
    published(product=product())
    assert titles(bo) == ["春茶上新"]

    Product.objects.update(status="off_sale")

    assert titles(bo) == []


def test_filters_by_kind_product_campaign_and_words(bo: Member) -> None:
    tea, cake = product("tea"), product("cake")
    sale = Campaign.objects.create(name="双十一")
    published(title="tea", product=tea)
    published(title="cake", product=cake, campaign=sale, text="甜 而不腻")
    published(photo(), kind="image", title="photo")

    assert titles(bo, kind="image") == ["photo"]
    assert titles(bo, product=tea.public_id) == ["tea"]
    assert titles(bo, campaign=sale.public_id) == ["cake"]
    assert titles(bo, search="而不腻 甜") == ["cake"]
    assert titles(bo, search="%") == []
    assert titles(bo, product="nothing") == []


@pytest.mark.parametrize(
    ("query", "field", "code"),
    [
        ({"kind": "poster"}, "kind", "invalid_choice"),
        ({"status": "draft"}, "status", "unknown_field"),
        ({"search": "x" * 41}, "search", "max_length"),
    ],
)
def test_other_filters_are_refused(bo: Member, query: Any, field: str, code: str) -> None:
    response = Phone(bo).get("/materials", **query)

    assert outcome(response) == (400, "invalid_input")
    assert [(row["field"], row["code"]) for row in response.json()["errors"]] == [(field, code)]


def test_pages_are_the_latest_first_without_gaps(bo: Member) -> None:
    for number in range(5):
        published(title=str(number))

    first = Phone(bo).get("/materials", page_size=3).json()
    cursor = first["next"]
    second = Phone(bo).get("/materials", page_size=3, cursor=cursor).json()

    seen = [row["title"] for page in (first, second) for row in page["results"]]
    assert seen == ["4", "3", "2", "1", "0"]
    assert outcome(Phone(bo).get("/materials", kind="copy", cursor=cursor)) == (
        400, "invalid_cursor",
    )  # fmt: skip


def test_campaigns_count_what_the_member_sees(ladder: dict[str, Member]) -> None:
    sale = Campaign.objects.create(name="双十一", description="全场")
    published(campaign=sale)
    published(campaign=sale, audience="advanced")
    draft(campaign=sale)
    published(campaign=Campaign.objects.create(name="secret"), audience="advanced")

    (row,) = Phone(ladder["Chen"]).get("/materials/campaigns").json()["results"]
    both = Phone(ladder["Mei"]).get("/materials/campaigns").json()["results"]

    assert row == {
        "id": sale.public_id, "name": "双十一", "description": "全场", "images": 0, "videos": 0,
        "copies": 1,
    }  # fmt: skip
    assert [(found["name"], found["copies"]) for found in both] == [("secret", 1), ("双十一", 2)]


@pytest.mark.slow
def test_more_materials_need_no_more_queries(bo: Member) -> None:
    sale = Campaign.objects.create(name="双十一")

    def add(number: int) -> None:
        with_product = product(f"p{number}")
        published(
            photo(number), kind="image", product=with_product, campaign=sale, title=str(number)
        )

    def cost(path: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert Phone(bo).get(path).status_code == 200
        return len(queries)

    add(1)
    few = [cost(path) for path in ("/materials", "/materials/campaigns")]
    for number in range(2, 8):
        add(number)

    assert [cost(path) for path in ("/materials", "/materials/campaigns")] == few
    assert with_files(photo("blue")).files.count() == 1


def test_reading_and_counting_need_their_scopes(bo: Member) -> None:
    row = published()
    reader = Phone(bo, scopes=("me:read",))
    sharer = Phone(bo, scopes=("share",))

    assert reader.get("/materials").status_code == 200
    assert outcome(reader.post(f"/materials/{row.public_id}/used")) == (403, "scope_missing")
    assert sharer.post(f"/materials/{row.public_id}/used").status_code == 200
    assert outcome(sharer.get("/materials")) == (403, "scope_missing")
    assert outcome(Phone().get("/materials")) == (401, "not_signed_in")

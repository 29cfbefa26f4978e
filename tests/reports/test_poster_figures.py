"""The list of a member's posters, with what came of each."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import Product
from catalog.services import put_on_sale
from members.models import Member
from tests.api.phone import Phone
from tests.cast import NOON, staff
from tests.posters.studio import open_for, template
from tests.reports.folding import fold_all
from tests.reports.sharers import SHARED, a_visit, sign_in
from tests.shop import ingest, open_shop, order

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
NOTHING = {
    "visits": 0, "new_members": 0, "orders": 0, "sales": 0, "commission": 0, "conversion": 0,
}  # fmt: skip


@pytest.fixture
def mask(db: None) -> Product:
    open_shop()
    mask = Product.objects.get(name="mask")
    put_on_sale(product=mask, by=staff("qian"), at=NOON)
    return mask


def figures(who: Member) -> dict[str, dict[str, int]]:
    rows = Phone(who).get("/posters").json()["results"]
    return {row["share"]: row["figures"] for row in rows}


@pytest.mark.parametrize("folded", [False, True])
def test_each_poster_has_the_figures_of_its_share(mask: Product, folded: bool) -> None:
    lan = Member.objects.get(nickname="Lan")
    plain, festive = template("plain"), template("festive")
    first = open_for(lan, mask, template=plain.public_id, at=SHARED).poster
    second = open_for(lan, mask, template=festive.public_id, at=SHARED).poster
    hua = sign_in("Hua", anonymous_id=a_visit(first.share).anonymous_id)
    ingest(order(hua))
    if folded:
        fold_all()

    assert figures(lan) == {
        second.share.code: NOTHING,
        first.share.code: {
            "visits": 1, "new_members": 1, "orders": 1, "sales": 10_990, "commission": 1_099,
            "conversion": 10_000,
        },
    }  # fmt: skip
    assert figures(hua) == {}


def test_many_posters_cost_what_one_costs(mask: Product) -> None:
    lan = Member.objects.get(nickname="Lan")
    phone = Phone(lan)

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert phone.get("/posters").status_code == 200
        return len(seen)

    open_for(lan, mask, template=template("t-0").public_id, at=SHARED)
    few = queries()
    for number in range(1, 20):
        made = open_for(lan, mask, template=template(f"t-{number}").public_id, at=SHARED)
        a_visit(made.poster.share)

    assert queries() == few

"""Pages that try a plan: checks while typing, simulation, back-test, comparison, proposals."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from catalog.models import Product
from commissions.models import BackTest, Plan, Rule
from commissions.services import run_back_tests
from common import clock
from events.models import Event
from members.models import Member, User
from tests.cast import give, staff
from tests.commissions.admin.forms import form, row
from tests.commissions.admin.pages import url
from tests.shop import DAY, ingest, order, plan, rule, sku

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

CHECK = reverse("admin:commissions_plan_check")


def rows() -> list[Any]:
    return [list(model.objects.order_by("pk").values()) for model in (Plan, Rule, Event)]


def checked(client: Client, *rule_rows: dict[str, Any], **terms: Any) -> Any:
    data = form(**{"rules-TOTAL_FORMS": len(rule_rows)}, **terms)
    for one in rule_rows:
        data |= one
    answer = client.post(CHECK, data)
    assert answer.status_code == 200
    return answer.json()


def test_a_plan_is_checked_while_it_is_typed(as_boss: Client, draft_plan: Plan) -> None:
    before = rows()

    found = checked(
        as_boss, row(0, tier1="40", tier2="6"), row(1, tier1="x", priority="1"), cap="30"
    )

    assert found["rows"]["0"]["share"] == "46%"
    assert found["rows"]["0"]["above_cap"]
    assert "超过封顶 30%" in found["rows"]["0"]["errors"][0]
    assert "不是百分比" in found["rows"]["1"]["errors"][0]
    assert "46%" in found["summary"]
    assert rows() == before


def test_what_is_not_typed_yet_is_no_error(as_boss: Client, draft_plan: Plan) -> None:
    found = checked(as_boss, row(0, layer="product", product=""), row(1))

    assert found["rows"]["0"]["errors"] == []
    assert found["rows"]["1"]["share"] == "18.25%"
    assert checked(as_boss) == {
        "rows": {}, "summary": "", "warnings": [], "above_cap": False,
        "errors": ["方案没有规则，不会给任何人分佣：请添加规则。"],
    }  # fmt: skip


def test_deleted_rows_and_nonsense_are_left_out(as_boss: Client, draft_plan: Plan) -> None:
    deleted = row(0, DELETE="on")
    assert checked(as_boss, deleted, row(1, priority="1"))["rows"].keys() == {"1"}
    for data in ({}, {"rules-TOTAL_FORMS": "x"}, {"rules-TOTAL_FORMS": str(10**18)}):
        assert as_boss.post(CHECK, data).json()["rows"] == {}
    huge = checked(as_boss, row(0, basis="per_unit", tier1=str(10**18)))
    assert huge["rows"]["0"]["errors"]


def test_the_check_needs_a_post_and_the_right(as_boss: Client, no_static_files: None) -> None:
    assert as_boss.get(CHECK).status_code == 405
    client = Client()
    client.force_login(give(staff("Wei"), "publish_plan", "view_plan"))
    assert client.post(CHECK, form()).status_code == 403


def simulated(
    client: Client, plan: Plan, buyer: str, *items: tuple[str, str, str], **more: str
) -> Any:
    data = {"buyer": buyer, "goods-TOTAL_FORMS": len(items), "goods-INITIAL_FORMS": 0, **more}
    for place, (code, quantity, price) in enumerate(items):
        data |= {
            f"goods-{place}-sku": code, f"goods-{place}-quantity": quantity,
            f"goods-{place}-price": price,
        }  # fmt: skip
    answer = client.get(url(plan, "simulate"), data)
    assert answer.status_code == 200
    return answer


def test_a_plan_is_simulated_by_names_beside_the_one_in_force(
    as_boss: Client, draft_plan: Plan, bo: Member
) -> None:
    draft_plan.rules.update(tier1=2_000)
    before = rows()

    answer = simulated(as_boss, draft_plan, "Bo", ("mask", "2", "99.50"), ("SOAP", "1", ""))

    page = answer.content.decode()
    assert [side.totals for side in answer.context["sides"]] == [
        [(1, "¥61.78"), (2, "¥25.47")], [(1, "¥30.89"), (2, "¥15.44")],
    ]  # fmt: skip
    assert "Lan" in page
    assert "¥39.80" in page
    assert rows() == before


@pytest.mark.parametrize(
    ("buyer", "item"),
    [
        ("nobody", ("mask", "1", "")), ("", ("mask", "1", "")), ("Bo", ("", "", "")),
        ("Bo", ("no such goods", "1", "")), ("Bo", ("mask", "0", "")), ("Bo", ("mask", "x", "")),
        ("Bo", ("mask", "1", "-1")), ("Bo", ("mask", str(10**18), "")),
        ("Bo", ("mask", "1", "<b>")),
    ],
)  # fmt: skip
def test_a_simulation_says_what_is_wrong(
    as_boss: Client, draft_plan: Plan, bo: Member, buyer: str, item: tuple[str, str, str]
) -> None:
    answer = simulated(as_boss, draft_plan, buyer, item)

    assert answer.context["form"].errors or any(answer.context["items"].errors)
    assert not answer.context["sides"]


def test_a_moment_to_come_counts(as_boss: Client, draft_plan: Plan, bo: Member) -> None:
    draft_plan.rules.update(starts_at=clock.now() + 2 * DAY)
    later = f"{clock.now() + 4 * DAY:%Y-%m-%dT%H:%M}"

    now = simulated(as_boss, draft_plan, "Bo", ("mask", "1", ""))
    then = simulated(as_boss, draft_plan, "Bo", ("mask", "1", ""), at=later)

    assert now.context["sides"][0].totals[0] == (1, "¥0.00")
    assert then.context["sides"][0].totals[0] == (1, "¥10.99")


def test_a_back_test_is_queued_and_shows_its_result(
    as_boss: Client, draft_plan: Plan, bo: Member
) -> None:
    ingest(order(bo, number="N-1", placed_at=clock.now() - DAY), at=clock.now())
    draft_plan.rules.update(tier1=2_000)

    answer = as_boss.post(url(draft_plan, "back_test"), {"days": "3"})
    assert answer.headers["Location"] == url(draft_plan, "back_test")
    test = BackTest.objects.get()
    waiting = as_boss.get(url(draft_plan, "back_test")).content.decode()
    progress = reverse(
        "admin:commissions_plan_back_test_progress", args=[draft_plan.pk, test.public_id]
    )
    assert f'hx-get="{progress}"' in waiting
    again = as_boss.post(url(draft_plan, "back_test"), {"days": "3"})
    assert again.context["form"].non_field_errors()
    run_back_tests(at=clock.now())

    part = as_boss.get(progress).content.decode()

    assert "hx-get" not in part
    assert "¥16.48" in part  # 10.99 + 5.49 so far
    assert "¥31.04" in part  # 21.98 + 9.06
    assert "+¥14.56" in part
    draft_plan.rules.update(tier1=1)
    assert "方案在这次测算后又改过" in as_boss.get(progress).content.decode()


@pytest.mark.parametrize("days", ["0", "-3", "367", "x", "", str(10**18)])
def test_days_out_of_range_are_refused(as_boss: Client, draft_plan: Plan, days: str) -> None:
    answer = as_boss.post(url(draft_plan, "back_test"), {"days": days})

    assert answer.context["form"].errors["days"]
    assert not BackTest.objects.exists()


def test_a_back_test_of_another_plan_is_not_found(as_boss: Client, draft_plan: Plan) -> None:
    as_boss.post(url(draft_plan, "back_test"), {"days": "3"})
    key = BackTest.objects.get().public_id

    answer = as_boss.get(
        reverse("admin:commissions_plan_back_test_progress", args=[plan().pk, key])
    )

    assert answer.status_code == 404


def test_two_versions_stand_side_by_side(as_boss: Client, draft_plan: Plan) -> None:
    current = plan(rule(1_000, 500), cap=4_000)
    other = plan(rule(300, None, kind="per_unit"))

    page = as_boss.get(url(draft_plan, "compare"))
    assert page.context["other"] == other
    page = as_boss.get(url(draft_plan, "compare"), {"with": current.pk})
    text = page.content.decode()
    assert "<del>40%</del> → <ins>50%</ins>" in text
    assert "<del>5%</del> → <ins>8.25%</ins>" in text
    same = as_boss.get(url(current, "compare"), {"with": current.pk, "all": "1"})
    assert same.status_code == 200
    assert as_boss.get(url(current, "compare"), {"with": "x"}).status_code == 200


def test_the_product_page_shows_what_it_pays_and_proposes(
    as_boss: Client, boss: User, bo: Member
) -> None:
    mask = Product.objects.get(name="mask")
    page = as_boss.get(url(mask)).content.decode()
    propose = reverse("admin:commissions_plan_propose", args=[mask.pk])
    assert "¥10.99 (10%)" in page
    assert propose in page
    before = rows()
    assert as_boss.get(propose).status_code == 200
    wrong = as_boss.post(propose, {"basis": "paid", "tier1": "abc", "tier2": "", "asset": "cash"})
    assert wrong.context["form"].errors["tier1"]
    assert rows() == before

    data = {"basis": "per_unit", "tier1": "12.5", "tier2": "3", "asset": "cash", "into": ""}
    answer = as_boss.post(propose, data)

    drafted = Plan.objects.latest("pk")
    assert answer.headers["Location"] == url(drafted)
    saved = drafted.rules.get(product=mask)
    assert (saved.kind, saved.tier1, saved.tier2) == ("per_unit", 1_250, 300)
    assert drafted.editors == [boss.pk]


def test_a_proposal_needs_its_right(bo: Member, qian: User, no_static_files: None) -> None:
    mask = Product.objects.get(name="mask")
    client = Client()
    client.force_login(give(qian, "view_plan", "view_product"))

    page = client.get(url(mask)).content.decode()

    propose = reverse("admin:commissions_plan_propose", args=[mask.pk])
    assert "¥10.99 (10%)" in page
    assert propose not in page
    assert client.get(propose).status_code == client.post(propose, {}).status_code == 403


def test_the_page_of_a_product_needs_no_query_a_sku(as_boss: Client, bo: Member) -> None:
    mask = Product.objects.get(name="mask")

    def count() -> int:
        as_boss.get(url(mask))
        with CaptureQueriesContext(connection) as captured:
            as_boss.get(url(mask))
        return len(captured)

    few = count()
    for number in range(4):
        sku(f"other{number}")
        mask.skus.create(code=f"mask-{number}", price=100)

    assert count() <= few + 1

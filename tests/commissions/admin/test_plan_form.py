"""A draft is entered in percent and yuan; errors are shown beside their field."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from commissions.models import Plan, Rule
from distribution.models import Level
from events.models import Event
from members.models import User
from tests.commissions.admin.forms import form, row
from tests.commissions.admin.pages import url
from tests.shop import editor, sku

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def test_a_draft_is_edited_in_percent_and_yuan(as_boss: Client, draft_plan: Plan) -> None:
    page = as_boss.get(url(draft_plan)).content.decode()
    assert 'value="8.25"' in page
    assert 'value="50"' in page
    assert "825" not in page.replace("8.25", "")

    data = form(draft_plan, cap="33.3", layers="category,store", combine="best", name="双十二")
    data |= row(0, id=draft_plan.rules.get().pk, plan=draft_plan.pk, tier1="12.5 %", tier2="")
    assert as_boss.post(url(draft_plan), data).status_code == 302

    draft_plan.refresh_from_db()
    assert (draft_plan.name, draft_plan.cap, draft_plan.layers, draft_plan.combine) == (
        "双十二", 3_330, ["category", "store"], "best",
    )  # fmt: skip
    assert draft_plan.rules.values_list("tier1", "tier2").get() == (1_250, None)


@pytest.mark.parametrize(
    ("fields", "stored"),
    [
        ({"basis": "per_unit", "tier1": "3", "tier2": "0.01"}, (300, 1)),
        ({"basis": "per_order", "tier1": "12.50", "tier2": "0"}, (1_250, 0)),
        ({"basis": "per_unit", "asset": "points", "tier1": "30", "tier2": ""}, (30, None)),
        ({"asset": "points", "tier1": "7", "tier2": "2%"}, (700, 200)),
    ],
)
def test_amounts_are_read_by_their_kind_and_asset(
    as_boss: Client, draft_plan: Plan, fields: dict[str, str], stored: Any
) -> None:
    data = form(draft_plan) | row(0, id=draft_plan.rules.get().pk, plan=draft_plan.pk, **fields)

    assert as_boss.post(url(draft_plan), data).status_code == 302

    assert draft_plan.rules.values_list("tier1", "tier2").get() == stored
    page = as_boss.get(url(draft_plan)).content.decode()
    shown = stored[0] if fields["tier1"] == "30" else stored[0] // 100  # points, or yuan or percent
    assert f'value="{shown}' in page


def test_a_plan_is_drafted_with_its_rules(as_boss: Client, boss: User, draft_plan: Plan) -> None:
    gold = Level.objects.create(rank=1, name="金牌")
    mask = sku("cream").product
    data = form(**{"rules-TOTAL_FORMS": 3})
    data |= row(0) | row(1, layer="product", product=mask.public_id, audience=f"level:{gold.pk}", tier2="")
    data |= row(
        2, layer="category", category=mask.category.code, basis="profit", tier1="30",
        boost="200", boost_from="2026-11-11T00:00", boost_until="2026-11-12T00:00",
    )  # fmt: skip

    assert as_boss.post(reverse("admin:commissions_plan_add"), data).status_code == 302

    plan = Plan.objects.latest("pk")
    assert (plan.status, plan.editors, plan.cap) == ("draft", [boss.pk], 5_000)
    assert list(plan.rules.order_by("pk").values_list("layer", "tier1", "tier2", "boost")) == [
        ("store", 1_000, 825, None), ("product", 1_000, None, None),
        ("category", 3_000, 825, 20_000),
    ]  # fmt: skip
    assert plan.rules.get(layer="product").level == gold
    assert as_boss.get(url(plan)).status_code == 200
    assert [event.name for event in Event.objects.order_by("-pk")[:2]] == [
        "commissions.plan_edited", "commissions.plan_drafted",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "error_field"),
    [
        ({"tier1": "abc"}, "tier1"),
        ({"tier1": "1e3"}, "tier1"),
        ({"tier1": "-1"}, "tier1"),
        ({"tier2": "100.01"}, "tier2"),
        ({"tier2": "1.234"}, "tier2"),
        ({"basis": "per_unit", "tier1": "1.234"}, "tier1"),
        ({"basis": "per_unit", "tier1": "-1"}, "tier1"),
        ({"basis": "per_unit", "tier1": "999999999.00"}, "tier1"),
        ({"basis": "per_unit", "asset": "points", "tier1": "1.5"}, "tier1"),
        ({"basis": "per_head"}, "basis"),
        ({"audience": "level:7"}, "audience"),
        ({"starts_at": "tomorrow"}, "starts_at"),
        ({"layer": "joining"}, "layer"),
        ({"layer": "product"}, "product"),
        ({"layer": "category"}, "category"),
        ({"boost": "200"}, "boost"),
        (
            {"boost": "99", "boost_from": "2026-11-11T00:00", "boost_until": "2026-11-12T00:00"},
            "boost",
        ),
        (
            {"boost": "200", "boost_from": "2026-11-11T00:00", "boost_until": "2026-11-10T00:00"},
            "boost_until",
        ),
        (
            {"starts_at": "2026-11-11T00:00", "ends_at": "2026-11-11T00:00"},
            "ends_at",
        ),
    ],
)  # fmt: skip
def test_an_invalid_rule_shows_an_error_beside_its_field(
    as_boss: Client, draft_plan: Plan, fields: dict[str, str], error_field: str
) -> None:
    before = list(Rule.objects.values()), Event.objects.count()
    data = form(draft_plan) | row(0, id=draft_plan.rules.get().pk, plan=draft_plan.pk, **fields)

    response = as_boss.post(url(draft_plan), data)

    assert response.status_code == 200
    assert error_field in response.context["inline_admin_formsets"][0].formset.errors[0]
    assert (list(Rule.objects.values()), Event.objects.count()) == before


@pytest.mark.parametrize(
    ("changes", "error_field"),
    [
        ({"cap": "100.01"}, "cap"), ({"cap": ""}, "cap"), ({"cap": "x"}, "cap"),
        ({"layers": "joining"}, "layers"), ({"layers": "store,store"}, "layers"),
        ({"combine": "third"}, "combine"), ({"name": ""}, "name"),
    ],
)  # fmt: skip
def test_an_invalid_plan_shows_an_error_beside_its_field(
    as_boss: Client, draft_plan: Plan, changes: dict[str, str], error_field: str
) -> None:
    response = as_boss.post(url(draft_plan), form(draft_plan, **changes))

    assert response.status_code == 200
    assert error_field in response.context["adminform"].form.errors


def test_fields_that_the_layer_does_not_use_are_ignored(as_boss: Client, draft_plan: Plan) -> None:
    mask = sku("cream").product
    fields = {"layer": "category", "product": mask.public_id, "category": mask.category.code}
    data = form(draft_plan) | row(0, id=draft_plan.rules.get().pk, plan=draft_plan.pk, **fields)

    assert as_boss.post(url(draft_plan), data).status_code == 302

    saved = draft_plan.rules.get()
    assert (saved.layer, saved.product, saved.category) == ("category", None, mask.category)


def test_rules_for_one_target_need_different_priorities(as_boss: Client, draft_plan: Plan) -> None:
    data = form(draft_plan, **{"rules-TOTAL_FORMS": 2}) | row(1)

    response = as_boss.post(url(draft_plan), data)

    assert response.status_code == 200
    assert "priority" in response.context["inline_admin_formsets"][0].formset.errors[1]
    assert draft_plan.rules.count() == 1


def test_saving_a_change_adds_an_editor_and_records_the_change(
    as_boss: Client, boss: User, draft_plan: Plan
) -> None:
    as_boss.post(url(draft_plan), form(draft_plan))  # nothing was changed
    draft_plan.refresh_from_db()
    assert draft_plan.editors == [editor().pk]

    as_boss.post(url(draft_plan), form(draft_plan, cap="40"))

    draft_plan.refresh_from_db()
    assert draft_plan.editors == [editor().pk, boss.pk]
    event = Event.objects.latest("pk")
    assert (event.name, event.actor_id) == ("commissions.plan_edited", "boss")
    assert (event.before["cap"], event.after["cap"]) == (5_000, 4_000)
    assert event.after["rules"][0]["tier1"] == 1_000

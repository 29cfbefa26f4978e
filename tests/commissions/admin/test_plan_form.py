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
from tests.shop import (
    editor,
    sku,
)

pytestmark = pytest.mark.django_db


def test_a_draft_is_written_in_percent_and_yuan(as_boss: Client, begun: Plan) -> None:
    page = as_boss.get(url(begun)).content.decode()
    assert 'value="8.25"' in page
    assert 'value="50"' in page
    assert "825" not in page.replace("8.25", "")

    given = form(begun, cap="33.3", layers="category,store", combine="best", name="双十二")
    given |= row(0, id=begun.rules.get().pk, plan=begun.pk, tier1="12.5 %", tier2="")
    assert as_boss.post(url(begun), given).status_code == 302

    begun.refresh_from_db()
    assert (begun.name, begun.cap, begun.layers, begun.combine) == (
        "双十二", 3_330, ["category", "store"], "best",
    )  # fmt: skip
    assert begun.rules.values_list("tier1", "tier2").get() == (1_250, None)


@pytest.mark.parametrize(
    ("fields", "kept"),
    [
        ({"kind": "per_unit", "tier1": "3", "tier2": "0.01"}, (300, 1)),
        ({"kind": "per_order", "tier1": "12.50", "tier2": "0"}, (1_250, 0)),
        ({"kind": "per_unit", "asset": "points", "tier1": "30", "tier2": ""}, (30, None)),
        ({"asset": "points", "tier1": "7", "tier2": "2%"}, (700, 200)),
    ],
)
def test_amounts_are_read_by_their_kind_and_asset(
    as_boss: Client, begun: Plan, fields: dict[str, str], kept: Any
) -> None:
    given = form(begun) | row(0, id=begun.rules.get().pk, plan=begun.pk, **fields)

    assert as_boss.post(url(begun), given).status_code == 302

    assert begun.rules.values_list("tier1", "tier2").get() == kept
    page = as_boss.get(url(begun)).content.decode()
    assert f'value="{begun.rules.get().tier1 // (1 if fields["tier1"] == "30" else 100)}' in page


def test_a_plan_is_drafted_with_its_rules(as_boss: Client, boss: User, begun: Plan) -> None:
    gold = Level.objects.create(rank=1, name="金牌")
    mask = sku("cream").product
    given = form(**{"rules-TOTAL_FORMS": 3})
    given |= row(0) | row(1, layer="product", product=mask.pk, level=gold.pk, tier2="")
    given |= row(
        2, layer="category", category=mask.category_id, base="profit", tier1="30",
        boost="200", boost_from_0="2026-11-11", boost_from_1="00:00",
        boost_until_0="2026-11-12", boost_until_1="00:00",
    )  # fmt: skip

    assert as_boss.post(reverse("admin:commissions_plan_add"), given).status_code == 302

    made = Plan.objects.latest("pk")
    assert (made.status, made.editors, made.cap) == ("draft", [boss.pk], 5_000)
    assert list(made.rules.order_by("pk").values_list("layer", "tier1", "tier2", "boost")) == [
        ("store", 1_000, 825, None), ("product", 1_000, None, None),
        ("category", 3_000, 825, 20_000),
    ]  # fmt: skip
    assert made.rules.get(layer="product").level == gold
    assert as_boss.get(url(made)).status_code == 200
    assert [one.name for one in Event.objects.order_by("-pk")[:2]] == [
        "commissions.plan_edited", "commissions.plan_drafted",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"tier1": "abc"}, "tier1"),
        ({"tier1": "1e3"}, "tier1"),
        ({"tier1": "-1"}, "tier1"),
        ({"tier2": "100.01"}, "tier2"),
        ({"tier2": "1.234"}, "tier2"),
        ({"kind": "per_unit", "tier1": "1.234"}, "tier1"),
        ({"kind": "per_unit", "tier1": "-1"}, "tier1"),
        ({"kind": "per_unit", "tier1": "999999999.00"}, "tier1"),
        ({"kind": "per_unit", "asset": "points", "tier1": "1.5"}, "tier1"),
        ({"kind": "per_unit", "base": "profit"}, "base"),
        ({"kind": "per_head"}, "kind"),
        ({"layer": "joining"}, "layer"),
        ({"layer": "product"}, "product"),
        ({"layer": "category"}, "category"),
        ({"boost": "200"}, "boost"),
        (
            {"boost": "99", "boost_from_0": "2026-11-11", "boost_from_1": "00:00",
             "boost_until_0": "2026-11-12", "boost_until_1": "00:00"}, "boost",
        ),
        (
            {"boost": "200", "boost_from_0": "2026-11-11", "boost_from_1": "00:00",
             "boost_until_0": "2026-11-10", "boost_until_1": "00:00"}, "boost_until",
        ),
        (
            {"starts_at_0": "2026-11-11", "starts_at_1": "00:00",
             "ends_at_0": "2026-11-11", "ends_at_1": "00:00"}, "ends_at",
        ),
    ],
)  # fmt: skip
def test_what_is_no_rule_is_told_beside_its_field(
    as_boss: Client, begun: Plan, fields: dict[str, str], where: str
) -> None:
    before = list(Rule.objects.values()), Event.objects.count()
    given = form(begun) | row(0, id=begun.rules.get().pk, plan=begun.pk, **fields)

    answer = as_boss.post(url(begun), given)

    assert answer.status_code == 200
    assert where in answer.context["inline_admin_formsets"][0].formset.errors[0]
    assert (list(Rule.objects.values()), Event.objects.count()) == before


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"cap": "100.01"}, "cap"), ({"cap": ""}, "cap"), ({"cap": "x"}, "cap"),
        ({"layers": "joining"}, "layers"), ({"layers": "store,store"}, "layers"),
        ({"combine": "third"}, "combine"), ({"name": ""}, "name"),
    ],
)  # fmt: skip
def test_what_is_no_plan_is_told_beside_its_field(
    as_boss: Client, begun: Plan, changes: dict[str, str], where: str
) -> None:
    answer = as_boss.post(url(begun), form(begun, **changes))

    assert answer.status_code == 200
    assert where in answer.context["adminform"].form.errors


def test_two_rules_for_the_same_need_two_priorities(as_boss: Client, begun: Plan) -> None:
    given = form(begun, **{"rules-TOTAL_FORMS": 2}) | row(1)

    answer = as_boss.post(url(begun), given)

    assert answer.status_code == 200
    assert "priority" in answer.context["inline_admin_formsets"][0].formset.errors[1]
    assert begun.rules.count() == 1


def test_saving_makes_one_an_editor_and_records_what_was_changed(
    as_boss: Client, boss: User, begun: Plan
) -> None:
    as_boss.post(url(begun), form(begun))  # nothing was changed
    begun.refresh_from_db()
    assert begun.editors == [editor().pk]

    as_boss.post(url(begun), form(begun, cap="40"))

    begun.refresh_from_db()
    assert begun.editors == [editor().pk, boss.pk]
    fact = Event.objects.latest("pk")
    assert (fact.name, fact.actor_id) == ("commissions.plan_edited", "boss")
    assert (fact.before["cap"], fact.after["cap"]) == (5_000, 4_000)
    assert fact.after["rules"][0]["tier1"] == 1_000

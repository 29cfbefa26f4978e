"""Many rules are listed page by page, and edited one by one while their plan is a draft."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from catalog.models import Category, Product
from commissions.admin.plans import MAX_RULES_ON_PAGE
from commissions.models import Plan, Rule
from commissions.models.plan import Layer
from commissions.services import draft, publish, roll_back_to
from events.models import Event
from members.models import User
from tests.cast import NOON
from tests.commissions.admin.forms import form, row
from tests.commissions.admin.pages import listed, url
from tests.shop import editor, rule

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

MANY = 250


@pytest.fixture
def many_rules(draft_plan: Plan) -> Plan:
    shelf = Category.objects.first()
    products = Product.objects.bulk_create(
        [Product(name=f"Cream {number}", category=shelf) for number in range(MANY)]
    )
    rules = [rule(1_000, 500, layer=Layer.PRODUCT, product=product) for product in products]
    return draft(name="双十一", by=editor(), at=NOON, rules=rules)


def rule_data(**changes: Any) -> dict[str, Any]:
    return {name.removeprefix("rules-0-"): value for name, value in row(0, **changes).items()}


def rules_of(plan: Plan) -> dict[str, str]:
    return {"plan__id__exact": str(plan.pk)}


def add_url(plan: Plan) -> str:
    filters = urlencode({"_changelist_filters": f"plan__id__exact={plan.pk}"})
    return f"{reverse('admin:commissions_rule_add')}?{filters}"


def count_queries(client: Client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


@pytest.mark.parametrize("published", [False, True])
def test_a_plan_with_many_rules_shows_a_link_to_their_list(
    as_boss: Client, many_rules: Plan, draft_plan: Plan, published: bool
) -> None:
    if published:
        for plan in (many_rules, draft_plan):
            publish(plan=plan, by=editor("somebody"), at=NOON)

    page = as_boss.get(url(many_rules)).content.decode()

    assert f"{listed(Rule)}?plan__id__exact={many_rules.pk}" in page
    assert "Cream" not in page
    assert str(MANY) in page
    assert count_queries(as_boss, url(many_rules)) <= count_queries(as_boss, url(draft_plan))


def test_the_rules_of_a_plan_are_paged_and_searched(
    as_boss: Client, many_rules: Plan, draft_plan: Plan
) -> None:
    page = as_boss.get(listed(Rule), rules_of(many_rules))
    found = as_boss.get(listed(Rule), rules_of(many_rules) | {"q": "Cream 199"})
    last = as_boss.get(listed(Rule), rules_of(many_rules) | {"p": "3"})

    assert len(page.context["cl"].result_list) == 100
    assert [rule.product.name for rule in found.context["cl"].result_list] == ["Cream 199"]
    assert len(last.context["cl"].result_list) == 50
    many = f"{listed(Rule)}?plan__id__exact={many_rules.pk}"
    few = f"{listed(Rule)}?plan__id__exact={draft_plan.pk}"
    assert count_queries(as_boss, many) <= count_queries(as_boss, few)


def test_the_confirmation_of_a_deletion_lists_no_rules(
    as_boss: Client, many_rules: Plan, draft_plan: Plan
) -> None:
    many, few = url(many_rules, "delete"), url(draft_plan, "delete")

    assert "Cream" not in as_boss.get(many).content.decode()
    assert count_queries(as_boss, many) <= count_queries(as_boss, few)
    assert as_boss.post(many, {"post": "yes"}).status_code == 302
    assert not Rule.objects.exclude(plan=draft_plan).exists()


def test_more_rules_need_no_more_queries_to_copy_and_publish(
    many_rules: Plan, draft_plan: Plan
) -> None:
    counts = []
    for plan in (draft_plan, many_rules):
        with CaptureQueriesContext(connection) as captured:
            roll_back_to(plan=plan, by=editor(), at=NOON)
            publish(plan=plan, by=editor("somebody"), at=NOON)
        counts.append(len(captured))

    assert counts[1] <= counts[0]


def test_a_plan_with_many_rules_is_saved_without_them(as_boss: Client, many_rules: Plan) -> None:
    data = {"name": "双十二", "layers": "product,store", "combine": "first", "cap": "40"}

    assert as_boss.post(url(many_rules), data).status_code == 302

    many_rules.refresh_from_db()
    assert (many_rules.name, many_rules.cap) == ("双十二", 4_000)
    assert many_rules.rules.filter(tier1=1_000).count() == MANY
    assert "rules" not in Event.objects.latest("pk").after


def test_a_form_opened_with_few_rules_still_saves_them(as_boss: Client, many_rules: Plan) -> None:
    # Others have added rules since it was opened.
    kept = many_rules.rules.order_by("pk")[:MAX_RULES_ON_PAGE]
    data = form(**{"rules-TOTAL_FORMS": 1, "rules-INITIAL_FORMS": 1})
    data |= row(0, id=kept[0].pk, plan=many_rules.pk, tier1="33", layer="product",
                product=kept[0].product.public_id)  # fmt: skip

    assert as_boss.post(url(many_rules), data).status_code == 302

    assert many_rules.rules.order_by("pk")[0].tier1 == 3_300
    assert many_rules.rules.count() == MANY


def test_one_rule_is_added_changed_and_deleted(
    as_boss: Client, boss: User, draft_plan: Plan
) -> None:
    response = as_boss.post(add_url(draft_plan), rule_data(priority="1", tier1="7"))
    added = draft_plan.rules.latest("pk")
    assert response.headers["Location"].endswith(f"?plan__id__exact={draft_plan.pk}")
    assert (added.tier1, added.priority, draft_plan.rules.count()) == (700, 1, 2)
    draft_plan.refresh_from_db()
    assert draft_plan.editors == [editor().pk, boss.pk]

    as_boss.post(url(added), rule_data(priority="1", tier1="8"))
    event = Event.objects.latest("pk")
    assert (event.name, event.subject_id) == ("commissions.plan_edited", draft_plan.public_id)
    assert (event.before["rules"][0]["tier1"], event.after["rules"][0]["tier1"]) == (700, 800)

    as_boss.post(url(added, "delete"), {"post": "yes"})
    assert draft_plan.rules.count() == 1
    event = Event.objects.latest("pk")
    assert (event.before["rules"][0]["tier1"], event.after["rules"]) == (800, [])


def test_a_rule_is_added_from_the_list_of_a_draft_only(as_boss: Client, draft_plan: Plan) -> None:
    before = list(Rule.objects.values())
    everything = reverse("admin:commissions_rule_add")
    assert as_boss.post(everything, rule_data(priority="1")).status_code == 403
    assert as_boss.get(add_url(draft_plan)).status_code == 200

    publish(plan=draft_plan, by=editor("somebody"), at=NOON)

    only = draft_plan.rules.get()
    assert as_boss.post(add_url(draft_plan), rule_data(priority="1")).status_code == 403
    assert as_boss.post(url(only), rule_data(tier1="1")).status_code == 403
    assert as_boss.post(url(only, "delete"), {"post": "yes"}).status_code == 403
    assert as_boss.get(url(only)).status_code == 200
    assert list(Rule.objects.values()) == before


def test_rules_for_one_target_need_different_priorities(as_boss: Client, draft_plan: Plan) -> None:
    response = as_boss.post(add_url(draft_plan), rule_data())

    assert response.status_code == 200
    assert "priority" in response.context["adminform"].form.errors
    assert draft_plan.rules.count() == 1


def test_permission_to_view_plans_shows_rules_only(
    draft_plan: Plan, qian: User, client: Client
) -> None:
    qian.user_permissions.set(Permission.objects.filter(codename="view_plan"))
    client.force_login(qian)
    only = draft_plan.rules.get()

    assert "8.25%" in client.get(listed(Rule), rules_of(draft_plan)).content.decode()
    assert client.post(url(only), rule_data(tier1="1")).status_code == 403
    assert client.post(add_url(draft_plan), rule_data(priority="1")).status_code == 403

    qian.user_permissions.set(Permission.objects.filter(codename="view_product"))
    assert client.get(listed(Rule), rules_of(draft_plan)).status_code == 403

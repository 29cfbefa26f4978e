"""Plans, commissions, orders and their settings in the admin, as operations use them."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from commissions.models import Clawback, Commission, Due, Held, Plan, Rule, Settlement
from commissions.services import draft, publish
from distribution.models import Distributor, Level
from events.models import Event
from members.models import Member, User
from orders.models import Order, Policy, Refund
from tests.cast import NOON, member
from tests.shop import (
    DAY,
    PLACED,
    WEEK,
    chain,
    commissions,
    editor,
    known,
    line,
    order,
    plan,
    put,
    refund,
    rule,
    settle_all,
    sku,
    with_refund,
)

RELEASED = PLACED + 3 * DAY + WEEK
PRESS = {"_form_submitted": "True"}

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_static_files(settings: Any) -> None:
    settings.WHITENOISE_USE_FINDERS = False


@pytest.fixture
def boss(db: None) -> User:
    return User.objects.create_superuser("boss", password="boss")


@pytest.fixture
def as_boss(boss: User) -> Client:
    client = Client()
    client.force_login(boss)
    return client


@pytest.fixture
def begun(db: None) -> Plan:
    sku()
    sku("soap", category="bath")
    return draft(name="双十一", by=editor(), at=NOON, rules=[rule(1_000, 825)])


@pytest.fixture
def bo(begun: Plan) -> Member:
    """Something in every list: credited and taken back, waiting, held."""
    plan()
    buyer = chain("Mei", "Lan", "Bo")[-1]
    put(order(buyer, number="O-1", received=True))
    settle_all(at=RELEASED)
    back = refund(3_663, at=RELEASED + DAY)
    put(with_refund(order(buyer, number="O-1", received=True), back), at=RELEASED + DAY)
    put(order(buyer, line(quantity=2), line("soap", number=2), number="O-2", received=True))
    asked = refund(100, number="R-2", done=False)
    put(with_refund(order(buyer, number="O-3", received=True), asked))
    put(order(member("Chen"), number="O-4", paid=False))
    return buyer


def url(row: Any, what: str = "change") -> str:
    return reverse(f"admin:{row._meta.label_lower.replace('.', '_')}_{what}", args=[row.pk])


def listed(model: type[Any]) -> str:
    return reverse(f"admin:{model._meta.label_lower.replace('.', '_')}_changelist")


MODELS = [Plan, Commission, Due, Held, Clawback, Settlement, Order, Refund, Policy]


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_list_and_every_row_opens(as_boss: Client, bo: Member, language: str) -> None:
    as_boss.cookies["django_language"] = language
    for model in MODELS:
        rows = list(model.objects.all())
        assert rows
        assert as_boss.get(listed(model)).status_code == 200
        assert as_boss.get(listed(model), {"q": "Lan"}).status_code == 200
        for row in {rows[0], rows[-1]}:
            assert as_boss.get(url(row)).status_code == 200
            assert as_boss.get(url(row, "history")).status_code == 200


def test_money_and_facts_are_neither_made_nor_deleted_by_hand(as_boss: Client, bo: Member) -> None:
    for model in MODELS[1:]:
        row = model.objects.first()
        assert as_boss.get(listed(model) + "add/").status_code == 403
        assert as_boss.post(url(row, "delete"), {"post": "yes"}).status_code == 403
        if model is not Policy:
            assert "_save" not in as_boss.get(url(row)).content.decode()
            assert as_boss.post(url(row), {"current": 1, "number": "x"}).status_code == 403


def queries(client: Client, model: type[Any]) -> int:
    client.get(listed(model))
    with CaptureQueriesContext(connection) as seen:
        assert client.get(listed(model)).status_code == 200
    if model not in (Plan, Policy):
        assert not [one for one in seen if "COUNT(*)" in one["sql"]]
    return len(seen)


def test_a_list_costs_the_same_with_more_rows(as_boss: Client, bo: Member) -> None:
    few = {model: queries(as_boss, model) for model in MODELS}
    for number in range(10, 22):
        facts = order(bo, number=f"O-{number}", received=True)
        put(facts)
        if number % 2:
            settle_all(at=RELEASED)
            back = refund(100, number=f"R-{number}", at=RELEASED + DAY)
            put(with_refund(facts, back), at=RELEASED + DAY)
        else:
            put(with_refund(facts, refund(100, number=f"R-{number}", done=False)))
        plan()

    many = {model: queries(as_boss, model) for model in MODELS}

    assert all(many[model] <= few[model] <= 8 for model in MODELS), (few, many)


# --- plans


def form(made: Plan | None = None, **changes: Any) -> dict[str, Any]:
    rules = list(made.rules.order_by("pk")) if made else []
    given: dict[str, Any] = {
        "name": "双十一", "layers": "product,category,store", "combine": "first", "cap": "50",
        "rules-TOTAL_FORMS": len(rules), "rules-INITIAL_FORMS": len(rules),
    }  # fmt: skip
    for place, one in enumerate(rules):
        given |= row(place, id=one.pk, plan=one.plan_id)
    return given | changes


def row(place: int, **changes: Any) -> dict[str, Any]:
    fields = {
        "layer": "store", "priority": "0", "kind": "percent", "tier1": "10", "tier2": "8.25",
        "base": "paid", "asset": "cash", **changes,
    }  # fmt: skip
    return {f"rules-{place}-{name}": value for name, value in fields.items()}


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


def press(client: Client, row: Any, button: str, **given: Any) -> Any:
    to = reverse(f"admin:{row._meta.label_lower.replace('.', '_')}_{button}", args=[row.pk])
    assert client.get(to).status_code == 200
    return client.post(to, PRESS | given)


def messages(answer: Any) -> list[tuple[str, str]]:
    return [(one.level_tag, str(one)) for one in get_messages(answer.wsgi_request)]


def test_a_plan_is_published_by_a_button(as_boss: Client, boss: User, begun: Plan) -> None:
    answer = press(as_boss, begun, "publish")

    assert answer.headers["HX-Redirect"] == url(begun)
    begun.refresh_from_db()
    assert (begun.status, begun.number, begun.published_by) == ("published", 1, boss)
    page = as_boss.get(url(begun)).content.decode()
    assert "_save" not in page
    assert "10 %" in page
    assert "8.25 %" in page
    assert "825" not in page.replace("8.25", "")
    assert reverse("admin:commissions_plan_publish", args=[begun.pk]) not in page
    assert reverse("admin:commissions_plan_new_version", args=[begun.pk]) in page


def test_ones_own_work_is_not_published_by_the_button(as_boss: Client, begun: Plan) -> None:
    as_boss.post(url(begun), form(begun, cap="40"))

    answer = press(as_boss, begun, "publish")

    assert messages(answer)[-1][0] == "error"
    begun.refresh_from_db()
    assert begun.status == "draft"


def test_a_published_plan_is_neither_changed_nor_deleted(as_boss: Client, begun: Plan) -> None:
    publish(plan=begun, by=editor("somebody"), at=NOON)
    before = list(Plan.objects.values()), list(Rule.objects.values())

    assert as_boss.post(url(begun), form(begun, cap="1")).status_code == 403
    assert as_boss.post(url(begun, "delete"), {"post": "yes"}).status_code == 403

    assert (list(Plan.objects.values()), list(Rule.objects.values())) == before


def test_a_draft_may_be_thrown_away(as_boss: Client, begun: Plan) -> None:
    assert as_boss.post(url(begun, "delete"), {"post": "yes"}).status_code == 302

    assert not Plan.objects.exists()
    fact = Event.objects.latest("pk")
    assert (fact.name, fact.subject_id) == ("commissions.plan_discarded", begun.public_id)


def test_a_new_version_is_begun_from_an_old_one(as_boss: Client, boss: User, begun: Plan) -> None:
    publish(plan=begun, by=editor("somebody"), at=NOON)

    answer = press(as_boss, begun, "new_version")

    assert answer.headers["HX-Redirect"] == listed(Plan)
    made = Plan.objects.latest("pk")
    assert (made.status, made.based_on, made.editors) == ("draft", begun, [boss.pk])
    assert made.rules.values_list("tier1", "tier2").get() == (1_000, 825)


def test_a_plan_is_tried_in_its_dialog(as_boss: Client, begun: Plan, bo: Member) -> None:
    before = Event.objects.count()

    page = press(as_boss, begun, "try_it", buyer="bo", goods="mask 2 99.50\nsoap").content.decode()

    assert "19.90" in page  # 10 % of 199.00
    assert "Lan" in page
    assert 'name="goods"' in page  # and may be tried again
    assert Event.objects.count() == before


def test_what_cannot_be_tried_is_told_in_the_dialog(
    as_boss: Client, begun: Plan, bo: Member
) -> None:
    for buyer, goods in (
        ("ghost", "mask"), ("bo", ""), ("bo", "nothing"), ("bo", "mask x"), ("bo", "mask 1 2 3"),
        ("bo", "mask 1 x"), ("bo", "mask 0"),
    ):  # fmt: skip
        answer = press(as_boss, begun, "try_it", buyer=buyer, goods=goods)
        assert answer.status_code == 200
        assert answer.context["form"].errors, goods


def test_trying_nothing_is_a_message(as_boss: Client, begun: Plan) -> None:
    answer = press(as_boss, begun, "try_it")

    assert answer.headers["HX-Redirect"] == url(begun)
    assert [tag for tag, _ in messages(answer)] == ["warning"]


def test_the_right_to_change_plans_is_the_right_to_change_their_rules(
    begun: Plan, qian: User, client: Client
) -> None:
    qian.user_permissions.set(Permission.objects.filter(codename="change_plan"))
    client.force_login(qian)
    given = form(begun) | row(0, id=begun.rules.get().pk, plan=begun.pk, tier1="11")

    assert client.post(url(begun), given).status_code == 302
    assert begun.rules.get().tier1 == 1_100


def test_the_right_to_view_shows_rules_in_words_and_no_button(
    begun: Plan, qian: User, client: Client
) -> None:
    qian.user_permissions.set(Permission.objects.filter(codename="view_plan"))
    client.force_login(qian)

    page = client.get(url(begun)).content.decode()

    assert "8.25 %" in page
    assert "_save" not in page
    assert reverse("admin:commissions_plan_publish", args=[begun.pk]) not in page
    assert client.post(url(begun), form(begun, cap="1")).status_code == 403


# --- commissions and what waits


def found(client: Client, model: type[Any], **asked: str) -> int:
    return len(client.get(listed(model), asked).context["cl"].result_list)


def test_commissions_are_found_by_order_and_distributor(as_boss: Client, bo: Member) -> None:
    code = Distributor.objects.get(member__nickname="Lan").code
    for words, count in (
        ("O-1", 2), ("O-2", 4), ("Lan", 4), (code, 4), ("O-9", 0), ("O", 0), ("pending", 0),
    ):  # fmt: skip
        assert found(as_boss, Commission, q=words) == count, words
    assert found(as_boss, Due, q="O-2") == 4
    assert found(as_boss, Held, q="O-3") == 2
    assert found(as_boss, Clawback, q="Lan") == 1


def test_a_commission_explains_itself(as_boss: Client, bo: Member) -> None:
    as_boss.cookies["django_language"] = "en"
    credited = Commission.objects.get(line__order__number="O-1", tier=1)

    page = as_boss.get(url(credited)).content.decode()

    assert "Lan is tier 1" in page
    assert "R-1 took 3.67 back" in page
    assert "10.99" in page


def test_what_could_not_be_credited_is_tried_again(as_boss: Client, bo: Member) -> None:
    waiting = Commission.objects.filter(due__isnull=False).first()
    Due.objects.filter(pk=waiting.pk).delete()
    held = Held.objects.create(
        commission=waiting, reason=Held.Reason.FAULT, detail="Odd", since=NOON
    )
    assert reverse("admin:commissions_held_try_again", args=[held.pk]) in (
        as_boss.get(url(held)).content.decode()
    )

    answer = press(as_boss, held, "try_again")

    assert answer.headers["HX-Redirect"] == listed(Held)
    assert not Held.objects.filter(pk=held.pk).exists()
    assert Due.objects.get(pk=waiting.pk).amount == waiting.current
    assert Event.objects.latest("pk").name == "commissions.tried_again"


def test_an_open_after_sale_is_not_freed_by_the_button(as_boss: Client, bo: Member) -> None:
    held = Held.objects.filter(reason=Held.Reason.AFTER_SALE).first()
    assert reverse("admin:commissions_held_try_again", args=[held.pk]) not in (
        as_boss.get(url(held)).content.decode()
    )

    press(as_boss, held, "try_again")

    assert Held.objects.filter(pk=held.pk).exists()


# --- orders


def test_orders_and_refunds_are_found_by_number_person_and_status(
    as_boss: Client, bo: Member
) -> None:
    for words, count in (("O-1", 1), ("Bo", 3), ("bo", 3), ("O", 0)):
        assert found(as_boss, Order, q=words) == count, words
    for words, count in (("R-1", 1), ("O-1", 1), ("R", 0)):
        assert found(as_boss, Refund, q=words) == count, words
    assert found(as_boss, Order, status="received") == 3
    assert found(as_boss, Refund, status="done") == 1


def test_an_order_shows_lines_refunds_whom_it_pays_and_why(as_boss: Client, bo: Member) -> None:
    as_boss.cookies["django_language"] = "en"

    page = as_boss.get(url(known("O-1"))).content.decode()

    assert "109.90" in page
    assert "R-1 · 1: 0 × · 36.63" in page
    assert "Lan · upline of the buyer · active" in page
    assert "Mei is tier 2: the upline of tier 1" in page
    assert "R-1 took 3.67 back" in page

    nobody = as_boss.get(url(known("O-4"))).content.decode()
    assert "Nobody is tier 1: the buyer had no upline" in nobody


def test_more_lines_cost_an_orders_page_no_more_queries(as_boss: Client, bo: Member) -> None:
    put(order(bo, number="O-5"), order(bo, *(line(number=n) for n in range(1, 9)), number="O-6"))

    def count(number: str) -> int:
        as_boss.get(url(known(number)))
        with CaptureQueriesContext(connection) as seen:
            as_boss.get(url(known(number)))
        return len(seen)

    assert count("O-6") <= count("O-5")


# --- settings


def test_a_change_of_the_settings_is_recorded_and_touches_no_order(
    as_boss: Client, bo: Member
) -> None:
    before = list(Order.objects.values()), commissions("O-2")
    settings = Policy.current()
    given = {"protection_days": 15, "self_purchase": "self", "refund_alarm_days": 7}

    assert as_boss.post(url(settings), given).status_code == 302

    assert Policy.current().protection_days == 15
    assert (list(Order.objects.values()), commissions("O-2")) == before
    fact = Event.objects.latest("pk")
    assert (fact.name, fact.actor_id) == ("orders.policy_changed", "boss")
    assert fact.before == {"protection_days": 7, "self_purchase": "upline"}
    assert fact.after == {"protection_days": 15, "self_purchase": "self"}

    as_boss.post(url(settings), given)
    assert Event.objects.latest("pk") == fact
    assert as_boss.post(url(settings), given | {"protection_days": 366}).status_code == 200
    assert Policy.current().protection_days == 15

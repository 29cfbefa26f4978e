"""The files are the mall's truth about its catalogue: what is known here follows them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from catalog.models import Category, Product, Sku
from commissions.explanations import explain
from commissions.models import Commission, Explanation
from events.models import Event
from orders.models import Order, OrderLine
from tests.integration.files import FILES, Write, move_in, summary
from tests.shop import commissions, get_order

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def goods(code: str = "mask") -> tuple[str, str, int, int | None]:
    sku = Sku.objects.get(code=code)
    return sku.product.name, sku.product.category.code, sku.price, sku.cost


def changed(folder: Path, file: str, text: str) -> Path:
    (folder / file).write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("old", "new", "now"),
    [
        ("109.90", "99.90", ("面膜", "masks", 9_990, 4_200)),
        ("42.00", "50.00", ("面膜", "masks", 10_990, 5_000)),
        ("面膜,masks", "面膜,beauty", ("面膜", "beauty", 10_990, 4_200)),
        ("面膜,masks", "补水面膜,masks", ("补水面膜", "masks", 10_990, 4_200)),
        ("面膜,masks,109.90,42.00", "补水,beauty,99.90,0.00", ("补水", "beauty", 9_990, 0)),
    ],
)
def test_goods_that_are_known_follow_the_files(
    mall: Write, old: str, new: str, now: tuple[Any, ...]
) -> None:
    assert "Goods: 1 new, 0 changed. Categories: 2 new, 0 changed." in summary(mall())
    again = mall("products.csv", old, new)

    assert "Goods: 0 new, 1 changed. Categories: 0 new, 0 changed." in summary(again)
    assert goods() == now
    assert Product.objects.count() == 1

    facts = Event.objects.count()
    assert "Goods: nothing has changed." in summary(again)
    assert Event.objects.count() == facts


def test_a_change_is_recorded_with_what_was_before(mall: Write) -> None:
    move_in(mall())
    move_in(mall("products.csv", "109.90", "99.90"))

    fact = Event.objects.get(name="integration.goods_changed")
    assert fact.subject_id == Product.objects.get().public_id
    assert (fact.before["price"], fact.after["price"]) == (10_990, 9_990)


def test_a_cost_that_the_mall_does_not_know_takes_away_none_that_is_known(mall: Write) -> None:
    move_in(mall())

    assert "nothing has changed" in summary(mall("products.csv", "42.00", ""))

    assert goods() == ("面膜", "masks", 10_990, 4_200)


def test_what_the_files_do_not_tell_stays(mall: Write) -> None:
    move_in(mall())
    Product.objects.update(status=Product.Status.OFF_SALE)
    Sku.objects.update(variety="10 片", kind=Sku.Kind.VIRTUAL)

    move_in(mall("products.csv", "109.90", "99.90"))

    sku = Sku.objects.select_related("product").get()
    assert (sku.variety, sku.kind, sku.product.status) == ("10 片", "virtual", "off_sale")


TREE = "code,name,parent\na,甲,\nb,乙,a\nc,丙,b\nbeauty,美妆,\nmasks,面膜,beauty\n"


@pytest.mark.parametrize(
    ("tree", "count"),
    [
        ("code,name,parent\na,甲,\nb,乙,a\nc,丙,a\nbeauty,美妆,\nmasks,面膜,beauty\n", 1),
        ("code,name,parent\na,丁,\nb,乙,a\nc,丙,b\nbeauty,美妆,\nmasks,面膜,beauty\n", 1),
        # Upside down, and told from the bottom.
        ("code,name,parent\na,甲,b\nb,乙,c\nc,丙,\nbeauty,美妆,\nmasks,面膜,beauty\n", 3),
        ("code,name,parent\nmasks,面膜,c\na,甲,\nb,乙,a\nc,丙,b\nbeauty,美妆,new\nnew,新,a\n", 2),
    ],
)
def test_categories_that_are_known_follow_the_files(mall: Write, tree: str, count: int) -> None:
    move_in(changed(mall(), "categories.csv", TREE))
    again = changed(mall(), "categories.csv", tree)

    assert f" {count} changed.\n" in summary(again)

    rows = [line.split(",") for line in tree.splitlines()[1:]]
    kept = Category.objects.select_related("parent")
    assert {(one.code, one.name, one.parent.code if one.parent else "") for one in kept} == {
        tuple(row) for row in rows
    }
    assert_sound_tree()
    assert "nothing has changed" in summary(again)


def assert_sound_tree() -> None:
    """The numbers of the tree say what the parents say."""
    for one in Category.objects.all():
        above = set()
        parent = one.parent
        while parent:
            above.add(parent.pk)
            parent = parent.parent
        assert {each.pk for each in one.get_ancestors()} == above, one.code


def test_an_order_keeps_what_was_true_when_it_was_placed(mall: Write) -> None:
    rules = "scope,target,tier1,tier2,base,asset\ncategory,masks,10%,5%,profit,cash\n"
    move_in(changed(mall(), "rules.csv", rules), "--until", "2026-11-05T16:00:00+08:00")
    assert commissions()[0] == (1, 1, "兰", 679, 679, "protected")
    tables = (Order, OrderLine, Commission, Explanation)
    before = [list(table.objects.values()) for table in tables]

    again = mall("products.csv", "masks,109.90,42.00", "beauty,9.90,100.00")
    changed(again, "rules.csv", rules)
    changed(again, "categories.csv", FILES["categories.csv"].replace("面膜,beauty", "面膜,"))
    text = summary(again, "--until", "2026-11-05T16:00:00+08:00")

    assert "Goods: 0 new, 1 changed. Categories: 0 new, 1 changed." in text
    assert [list(table.objects.values()) for table in tables] == before
    assert all(one.matches_stored for one in explain(get_order()))

    # What comes back later is still judged by the goods as they were: (73.27 - 42) of it is 312.
    move_in(again)
    assert commissions()[0][4] == 312
    assert all(one.matches_stored for one in explain(get_order()))


def test_varieties_of_one_product_that_the_files_take_for_two_are_told(mall: Write) -> None:
    move_in(mall())
    Sku.objects.create(product=Product.objects.get(), code="mask-5", price=5_990)
    rows = FILES["products.csv"] + "mask-5,五片,beauty,59.90,20.00,3\n"
    again = changed(mall(), "products.csv", rows.replace("109.90", "99.90"))

    errors = move_in(again)

    assert "products.csv:3 name: differs from line 2" in errors
    assert "products.csv:3 category: differs from line 2" in errors
    assert goods() == ("面膜", "masks", 10_990, 4_200)


def test_an_error_elsewhere_changes_no_goods(mall: Write) -> None:
    move_in(mall())
    again = mall("products.csv", "109.90", "99.90")
    changed(again, "refunds.csv", FILES["refunds.csv"].replace("36.63", "some"))

    assert "refunds.csv:2 amount" in move_in(again)

    assert goods() == ("面膜", "masks", 10_990, 4_200)


def test_goods_that_have_not_changed_cost_no_queries(mall: Write) -> None:
    def queries(count: int) -> int:
        more = "".join(f"s-{n},商品,masks,1.00,,1\n" for n in range(count))
        folder = changed(mall(), "products.csv", FILES["products.csv"] + more)
        move_in(folder)
        with CaptureQueriesContext(connection) as seen:
            move_in(folder)
        return len(seen)

    assert queries(40) == queries(2)

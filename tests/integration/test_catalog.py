"""The files take precedence over the stored catalogue."""

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
from tests.integration.files import FILES, Write, import_mall, summary
from tests.shop import commissions, get_order

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def goods(code: str = "mask") -> tuple[str, str, int, int | None]:
    sku = Sku.objects.get(code=code)
    return sku.product.name, sku.product.category.code, sku.price, sku.cost


def write_file(folder: Path, file: str, text: str) -> Path:
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
def test_stored_goods_follow_the_files(
    mall: Write, old: str, new: str, now: tuple[Any, ...]
) -> None:
    assert "Goods: 1 new, 0 changed. Categories: 2 new, 0 changed." in summary(mall())
    folder = mall("products.csv", old, new)

    assert "Goods: 0 new, 1 changed. Categories: 0 new, 0 changed." in summary(folder)
    assert goods() == now
    assert Product.objects.count() == 1

    count = Event.objects.count()
    assert "Goods: no changes." in summary(folder)
    assert Event.objects.count() == count


def test_a_change_is_recorded_with_its_previous_values(mall: Write) -> None:
    import_mall(mall())
    import_mall(mall("products.csv", "109.90", "99.90"))

    event = Event.objects.get(name="integration.goods_changed")
    assert event.subject_id == Product.objects.get().public_id
    assert (event.before["price"], event.after["price"]) == (10_990, 9_990)


def test_an_empty_cost_keeps_the_stored_cost(mall: Write) -> None:
    import_mall(mall())

    assert "no changes" in summary(mall("products.csv", "42.00", ""))

    assert goods() == ("面膜", "masks", 10_990, 4_200)


def test_fields_that_the_files_do_not_have_stay(mall: Write) -> None:
    import_mall(mall())
    Product.objects.update(status=Product.Status.OFF_SALE)
    Sku.objects.update(variety="10 片", kind=Sku.Kind.VIRTUAL)

    import_mall(mall("products.csv", "109.90", "99.90"))

    sku = Sku.objects.select_related("product").get()
    assert (sku.variety, sku.kind, sku.product.status) == ("10 片", "virtual", "off_sale")


TREE = "code,name,parent\na,甲,\nb,乙,a\nc,丙,b\nbeauty,美妆,\nmasks,面膜,beauty\n"


@pytest.mark.parametrize(
    ("tree", "count"),
    [
        ("code,name,parent\na,甲,\nb,乙,a\nc,丙,a\nbeauty,美妆,\nmasks,面膜,beauty\n", 1),
        ("code,name,parent\na,丁,\nb,乙,a\nc,丙,b\nbeauty,美妆,\nmasks,面膜,beauty\n", 1),
        # Reversed, with the lowest first.
        ("code,name,parent\na,甲,b\nb,乙,c\nc,丙,\nbeauty,美妆,\nmasks,面膜,beauty\n", 3),
        ("code,name,parent\nmasks,面膜,c\na,甲,\nb,乙,a\nc,丙,b\nbeauty,美妆,new\nnew,新,a\n", 2),
    ],
)
def test_stored_categories_follow_the_files(mall: Write, tree: str, count: int) -> None:
    import_mall(write_file(mall(), "categories.csv", TREE))
    folder = write_file(mall(), "categories.csv", tree)

    assert f" {count} changed.\n" in summary(folder)

    rows = [line.split(",") for line in tree.splitlines()[1:]]
    categories = Category.objects.select_related("parent")
    assert {(row.code, row.name, row.parent.code if row.parent else "") for row in categories} == {
        tuple(row) for row in rows
    }
    assert_sound_tree()
    assert "no changes" in summary(folder)


def assert_sound_tree() -> None:
    """Check that the ancestors of the tree agree with the parents."""
    for category in Category.objects.all():
        ancestors = set()
        parent = category.parent
        while parent:
            ancestors.add(parent.pk)
            parent = parent.parent
        assert {row.pk for row in category.get_ancestors()} == ancestors, category.code


def test_an_order_keeps_its_data_of_placement(mall: Write) -> None:
    rules = "scope,target,tier1,tier2,base,asset\ncategory,masks,10%,5%,profit,cash\n"
    import_mall(write_file(mall(), "rules.csv", rules), "--until", "2025-11-05T16:00:00+08:00")
    assert commissions()[0] == (1, 1, "兰", 679, 679, "protected")
    tables = (Order, OrderLine, Commission, Explanation)
    before = [list(table.objects.values()) for table in tables]

    folder = mall("products.csv", "masks,109.90,42.00", "beauty,9.90,100.00")
    write_file(folder, "rules.csv", rules)
    write_file(folder, "categories.csv", FILES["categories.csv"].replace("面膜,beauty", "面膜,"))
    text = summary(folder, "--until", "2025-11-05T16:00:00+08:00")

    assert "Goods: 0 new, 1 changed. Categories: 0 new, 1 changed." in text
    assert [list(table.objects.values()) for table in tables] == before
    assert all(line.matches_stored for line in explain(get_order()))

    # A later refund still uses the cost at placement: 10 % of (73.27 - 42) is 312.
    import_mall(folder)
    assert commissions()[0][4] == 312
    assert all(line.matches_stored for line in explain(get_order()))


def test_skus_of_one_product_that_the_files_treat_as_two_are_reported(mall: Write) -> None:
    import_mall(mall())
    Sku.objects.create(product=Product.objects.get(), code="mask-5", price=5_990)
    rows = FILES["products.csv"] + "mask-5,五片,beauty,59.90,20.00,3\n"
    folder = write_file(mall(), "products.csv", rows.replace("109.90", "99.90"))

    errors = import_mall(folder)

    assert "products.csv:3 name: differs from line 2" in errors
    assert "products.csv:3 category: differs from line 2" in errors
    assert goods() == ("面膜", "masks", 10_990, 4_200)


def test_an_error_in_another_file_changes_no_goods(mall: Write) -> None:
    import_mall(mall())
    folder = mall("products.csv", "109.90", "99.90")
    write_file(folder, "refunds.csv", FILES["refunds.csv"].replace("36.63", "some"))

    assert "refunds.csv:2 amount" in import_mall(folder)

    assert goods() == ("面膜", "masks", 10_990, 4_200)


def test_unchanged_goods_cost_no_queries(mall: Write) -> None:
    def queries(count: int) -> int:
        more = "".join(f"s-{n},商品,masks,1.00,,1\n" for n in range(count))
        folder = write_file(mall(), "products.csv", FILES["products.csv"] + more)
        import_mall(folder)
        with CaptureQueriesContext(connection) as captured:
            import_mall(folder)
        return len(captured)

    assert queries(40) == queries(2)

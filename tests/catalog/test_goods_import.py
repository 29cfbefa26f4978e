"""Products from a file: which product a row belongs to, what is wrong, what is applied."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.utils import translation

from backoffice.export_files import write_table
from backoffice.import_verbs import begin_import, confirm_import
from backoffice.import_work import claim_import, run_import
from backoffice.imports import Outcome, Row, RowRefused
from backoffice.models import Import
from backoffice.tables import read_table
from catalog.admin.goods_import import GOODS
from catalog.importing.services import apply_goods, check_goods
from catalog.importing.stored import open_goods
from catalog.models import Category, Product, Sku
from events.models import Event
from members.models import User
from tests.backoffice.files import csv_file
from tests.cast import NOON, give

pytestmark = pytest.mark.django_db
TITLES = ("sku", "name", "category", "variety", "kind", "price", "cost", "status", "product_id")


@pytest.fixture(autouse=True)
def english() -> Any:
    with translation.override("en"):
        yield


@pytest.fixture
def tea(db: None) -> Product:
    """Tea with one SKU, below Food / Tea."""
    food = Category.objects.create(code="food", name="Food")
    shelf = Category.objects.create(code="tea", name="Tea", parent=food)
    product = Product.objects.create(name="Green tea", category=shelf)
    Sku.objects.create(product=product, code="T-1", variety="Box", price=9_900, cost=4_000)
    return product


def rows(*given: dict[str, str]) -> list[Row]:
    usual = {"name": "Green tea", "price": "99"}
    return [Row(line, {**usual, **cells}) for line, cells in enumerate(given, start=2)]


def check(*given: dict[str, str]) -> list[Any]:
    return list(check_goods(rows(*given), at=NOON, progress=lambda _count: None))


def outcomes(*given: dict[str, str]) -> list[str]:
    return [str(finding.outcome) for finding in check(*given)]


def problem(column: str, *given: dict[str, str]) -> str:
    """Return the problem of the last row, which is the only one."""
    *others, last = check(*given)
    assert all(finding.outcome != Outcome.WRONG for finding in others)
    assert list(last.problems) == [column]
    return str(last.problems[column])


def apply(by: User, *given: dict[str, str]) -> None:
    apply_goods(rows(*given), by=by, at=NOON)


# What a row would change


def test_a_row_like_what_is_stored_changes_nothing(tea: Product) -> None:
    given = {
        "sku": "T-1", "category": "Food / Tea", "variety": "Box", "kind": "physical",
        "price": "99.00", "cost": "40", "status": "draft", "product_id": tea.public_id.upper(),
    }  # fmt: skip
    assert outcomes(given) == ["unchanged"]
    assert outcomes({"sku": "T-1", "cost": "", "category": ""}) == ["unchanged"]


def test_changed_cells_show_what_is_stored(tea: Product) -> None:
    given = {
        "sku": "T-1", "name": "Black tea", "category": "Food", "price": "¥1,099.5", "cost": "50",
        "kind": "虚拟", "status": "on sale", "variety": "Bag",
    }  # fmt: skip
    [finding] = check(given)

    assert finding.outcome == Outcome.CHANGED
    assert {column: str(text) for column, text in finding.old.items()} == {
        "name": "Green tea", "category": "Food / Tea", "price": "99.00", "cost": "40.00",
        "kind": "physical", "status": "draft", "variety": "Box",
    }  # fmt: skip


def test_a_check_writes_nothing(tea: Product, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(10, exact=False) as queries:
        check({"sku": "T-1", "price": "1"}, {"sku": "T-2"})

    assert {query["sql"].split()[0] for query in queries} == {"SELECT"}


def test_new_skus_join_a_product_or_make_one(tea: Product, qian: User) -> None:
    apply(
        qian,
        {"sku": "T-2", "product_id": tea.public_id},
        {"sku": "T-3"},  # of the same name
        {"sku": "C-1", "name": "Cup", "category": "tea"},
        {"sku": "C-2", "name": "Cup", "category": "tea", "cost": "1.05"},
    )
    cup = Product.objects.get(name="Cup")

    assert [sku.code for sku in tea.skus.all()] == ["T-1", "T-2", "T-3"]
    assert [(sku.code, sku.cost) for sku in cup.skus.all()] == [("C-1", None), ("C-2", 105)]
    assert (cup.status, cup.category.code) == (Product.Status.DRAFT, "tea")


def test_a_new_sku_follows_the_new_name_of_its_product(tea: Product, qian: User) -> None:
    apply(qian, {"sku": "T-2", "name": "Black tea"}, {"sku": "T-1", "name": "Black tea"})
    tea.refresh_from_db()

    assert (tea.name, tea.skus.count(), Product.objects.count()) == ("Black tea", 2, 1)


def test_a_product_is_put_on_sale_and_taken_off(tea: Product, qian: User) -> None:
    apply(qian, {"sku": "T-1", "status": "上架"})
    apply(qian, {"sku": "T-1", "status": "off sale"})
    tea.refresh_from_db()

    assert tea.status == Product.Status.OFF_SALE
    assert list(Event.objects.order_by("pk").values_list("name", flat=True)) == [
        "catalog.on_sale", "catalog.off_sale",
    ]  # fmt: skip


def test_who_has_changed_a_product_stands_in_its_history(tea: Product, qian: User) -> None:
    apply(qian, {"sku": "T-1"})
    assert not LogEntry.objects.exists()
    apply(qian, {"sku": "T-1", "price": "1"}, {"sku": "C-1", "name": "Cup", "category": "tea"})

    assert [(entry.user, entry.is_addition()) for entry in LogEntry.objects.order_by("pk")] == [
        (qian, True), (qian, False),
    ]  # fmt: skip


# What is wrong


@pytest.mark.parametrize(
    ("column", "cell", "words"),
    [
        ("price", "abc", "not an amount"), ("price", "-1", "below 0"),
        ("price", "1.234", "not an amount"), ("price", "1,2", "not an amount"),
        ("price", "1000000000000000000", "not an amount"),
        ("price", "9999999999999", "more than ¥100,000,000,000.00"),
        ("cost", "1e3", "not an amount"), ("sku", "2.50105E+17", "spreadsheet has changed"),
        ("sku", "'007", "spreadsheet has changed"), ("category", "Toys", "no category “Toys”"),
        ("category", "Food / Toys", "no category"), ("kind", "big", "“physical”、“virtual”"),
        ("status", "sold", "none of"), ("product_id", "x", "no product with this id"),
        ("status", "off sale", "never on sale"),
    ],
)  # fmt: skip
def test_a_wrong_cell_says_what_is_wrong(tea: Product, column: str, cell: str, words: str) -> None:
    sku = {} if column == "sku" else {"sku": "T-9" if column == "product_id" else "T-1"}

    assert words in problem(column, {**sku, column: cell})


def test_a_category_of_several_names_needs_its_way(tea: Product) -> None:
    other = Category.objects.create(code="gifts", name="Gifts")
    Category.objects.create(code="gift-tea", name="Tea", parent=other)

    assert "Several categories" in problem("category", {"sku": "T-1", "category": "Tea"})
    assert outcomes({"sku": "T-1", "category": "Gifts > Tea"}) == ["changed"]
    assert outcomes({"sku": "T-1", "category": "gift-tea"}) == ["changed"]


def test_a_sku_stands_in_a_file_once(tea: Product) -> None:
    assert "Line 2" in problem("sku", {"sku": "T-1"}, {"sku": "T-1", "price": "5"})


def test_rows_of_one_product_agree(tea: Product) -> None:
    found = problem(
        "status", {"sku": "T-1", "status": "on sale"}, {"sku": "T-2", "status": "draft"}
    )
    assert "Line 2" in found


def test_a_product_on_sale_is_no_draft_again(tea: Product, qian: User) -> None:
    apply(qian, {"sku": "T-1", "status": "on sale"})

    assert "cannot be a draft" in problem("status", {"sku": "T-1", "status": "draft"})


def test_a_sku_does_not_move_to_another_product(tea: Product) -> None:
    cup = Product.objects.create(name="Cup", category=tea.category)

    assert "Green tea" in problem("product_id", {"sku": "T-1", "product_id": cup.public_id})


def test_a_name_of_several_products_needs_an_id(tea: Product) -> None:
    Product.objects.create(name="Green tea", category=tea.category)

    assert "Several products" in problem("product_id", {"sku": "T-2"})
    assert outcomes({"sku": "T-2", "product_id": tea.public_id}) == ["new"]


def test_a_new_product_needs_a_category(tea: Product) -> None:
    assert "needs a category" in problem("category", {"sku": "C-1", "name": "Cup"})


def test_a_wrong_row_is_as_if_it_were_not_there(tea: Product, qian: User) -> None:
    """The category of the cup stands only in a wrong row; so does the name of the tea."""
    found = outcomes(
        {"sku": "C-1", "name": "Cup", "category": "tea", "price": "x"},
        {"sku": "C-2", "name": "Cup"},
        {"sku": "T-1", "name": "Black tea", "status": "off sale"},
        {"sku": "T-2", "name": "Black tea", "category": "tea"},
    )

    assert found == ["wrong", "wrong", "wrong", "new"]
    apply(qian, {"sku": "T-2", "name": "Black tea", "category": "tea"})
    assert Product.objects.count() == 2


def test_nothing_is_applied_if_a_row_has_become_wrong(tea: Product, qian: User) -> None:
    before = (Product.objects.count(), Sku.objects.count())
    with pytest.raises(RowRefused, match="Line 3"):
        apply(qian, {"sku": "C-1", "name": "Cup", "category": "tea"}, {"sku": "C-2", "name": "X"})

    assert (Product.objects.count(), Sku.objects.count()) == before


# From the file to the shop and back


def test_what_is_exported_can_be_imported_and_changes_nothing(
    tea: Product, qian: User, tmp_path: Any
) -> None:
    apply(qian, {"sku": "T-1", "status": "on sale"}, {"sku": "T-2", "kind": "virtual"})
    for kind in ("xlsx", "csv"):
        for language in ("en", "zh-hans"):
            file = tmp_path / f"goods.{kind}"
            with translation.override(language):
                write_table(open_goods(None), kind, file)  # type: ignore[arg-type]
            assert len(read_table(file.read_bytes())) == 3
            row = _checked(give(qian, "import_product"), file.read_bytes())
            assert (row.unchanged, row.rows) == (2, 2), (kind, language)


def test_a_file_in_the_encoding_of_chinese_excel_is_applied(tea: Product, qian: User) -> None:
    by = give(qian, "import_product")
    content = csv_file(
        ["货号", "商品名称", "类目", "价格"], ["T-8", "乌龙茶", "tea", "88.8"], encoding="gbk"
    )
    row = _checked(by, content)
    assert row.checked_at
    confirm_import(row=row, by=by, checked_at=row.checked_at, skips_wrong=False, at=NOON)

    assert _worked().status == "done"
    assert Sku.objects.get(code="T-8").product.name == "乌龙茶"


def test_prices_that_changed_meanwhile_are_shown_first(tea: Product, qian: User) -> None:
    by = give(qian, "import_product")
    row = _checked(by, csv_file(["sku", "name", "price"], ["T-1", "Green tea", "55"]))
    assert row.checked_at
    confirm_import(row=row, by=by, checked_at=row.checked_at, skips_wrong=False, at=NOON)
    Sku.objects.filter(code="T-1").update(price=12_300)
    row = _worked()

    assert (row.status, Sku.objects.get(code="T-1").price) == ("checked", 12_300)
    assert row.notice_text


def _checked(by: User, content: bytes) -> Import:
    begin_import(kind=GOODS, by=by, file_name="goods", content=content, at=NOON)
    return _worked()


def _worked() -> Import:
    row = claim_import(at=NOON)
    assert row
    run_import(row=row, now=lambda: NOON)
    row.refresh_from_db()
    return row

"""Goods in the admin: yuan on the screen, a whole tree, and no status by hand."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from catalog.models import Category, Product, Sku
from members.models import User


def form(product: Product, **changes: Any) -> dict[str, Any]:
    skus = product.skus.order_by("code")
    given = {
        "name": product.name,
        "category": product.category_id,
        "skus-TOTAL_FORMS": len(skus),
        "skus-INITIAL_FORMS": len(skus),
    }
    for place, sku in enumerate(skus):
        given |= {
            f"skus-{place}-id": sku.pk,
            f"skus-{place}-product": product.pk,
            f"skus-{place}-code": sku.code,
            f"skus-{place}-variety": sku.variety,
            f"skus-{place}-kind": sku.kind,
            f"skus-{place}-price": f"{sku.price / 100:.2f}",
            f"skus-{place}-cost": "" if sku.cost is None else f"{sku.cost / 100:.2f}",
        }
    return given | changes


def change(product: Product) -> str:
    return reverse("admin:catalog_product_change", args=[product.pk])


def test_prices_are_shown_and_entered_in_yuan(as_boss: Client, nuts: Product) -> None:
    page = as_boss.get(change(nuts)).content.decode()
    assert 'value="129.90"' in page
    assert "12990" not in page.replace('data-fen="12990"', "")  # what the sum of a selection adds
    given = form(nuts, **{"skus-0-price": "1234.5", "skus-0-cost": ""})
    assert as_boss.post(change(nuts), given).status_code == 302
    sku = nuts.skus.get()
    assert (sku.price, sku.cost) == (123450, None)


@pytest.mark.parametrize("price", ["", "-1", "1,2", "1.234", "abc", "一", "9" * 14, "1e3", "0x1"])
def test_what_is_no_price_is_told_and_nothing_saved(
    as_boss: Client, nuts: Product, price: str
) -> None:
    answer = as_boss.post(change(nuts), form(nuts, name="又名", **{"skus-0-price": price}))
    assert answer.status_code == 200
    assert answer.context["inline_admin_formsets"][0].formset.errors[0]["price"]
    nuts.refresh_from_db()
    assert (nuts.name, nuts.skus.get().price) == ("每日坚果", 12990)


def test_somebody_who_may_only_look_sees_yuan_too(
    as_qian: Client, qian: User, nuts: Product
) -> None:
    qian.user_permissions.set(Permission.objects.filter(codename__in=["view_product", "view_sku"]))
    page = as_qian.get(change(nuts)).content.decode()
    assert "129.90" in page
    assert "12,990" not in page
    assert "12990" not in page.replace('data-fen="12990"', "")  # what scripts add up


def test_the_status_is_not_changed_by_the_form(as_boss: Client, nuts: Product) -> None:
    as_boss.post(change(nuts), form(nuts, status="on_sale", name="新名"))
    nuts.refresh_from_db()
    assert (nuts.status, nuts.name) == (Product.Status.DRAFT, "新名")


def test_saving_the_form_writes_only_what_it_shows(
    as_boss: Client, nuts: Product, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(50, exact=False) as queries:
        as_boss.post(change(nuts), form(nuts, name="新名"))
    [update] = [q["sql"] for q in queries if q["sql"].startswith('UPDATE "catalog_product"')]
    assert '"status"' not in update
    assert '"name"' in update


def test_a_product_is_made_with_its_skus(as_boss: Client, nuts: Product) -> None:
    given = {
        "name": "绘本",
        "category": nuts.category_id,
        "skus-TOTAL_FORMS": 1,
        "skus-INITIAL_FORMS": 0,
        "skus-0-code": "B-1",
        "skus-0-kind": "physical",
        "skus-0-price": "0.01",
    }
    assert as_boss.post(reverse("admin:catalog_product_add"), given).status_code == 302
    assert Sku.objects.get(code="B-1").price == 1


@pytest.mark.usefixtures("shop")
def test_a_product_on_sale_keeps_its_skus(as_boss: Client, nuts: Product) -> None:
    as_boss.post(change(nuts), form(nuts, **{"skus-0-DELETE": "on"}))
    assert nuts.skus.count() == 1
    assert as_boss.post(
        reverse("admin:catalog_product_delete", args=[nuts.pk]), {"post": "yes"}
    ).status_code == 403  # fmt: skip
    assert Product.objects.filter(pk=nuts.pk).exists()


def category(code: str, parent: str | None = None) -> Category:
    above = Category.objects.get(code=parent) if parent else None
    return Category.objects.create(code=code, name=code, parent=above)


def test_categories_are_listed_as_a_tree(as_boss: Client, nuts: Product) -> None:
    category("books")
    category("almonds", parent="nuts")
    answer = as_boss.get(reverse("admin:catalog_category_changelist"))
    assert [(one.code, one.level) for one in answer.context["cl"].result_list] == [
        ("food", 0), ("nuts", 1), ("almonds", 2), ("books", 0),
    ]  # fmt: skip


def test_a_category_is_moved_by_its_form(as_boss: Client, nuts: Product) -> None:
    category("snacks")
    shelf = Category.objects.get(code="nuts")
    given = {"name": "坚果", "code": "nuts", "parent": Category.objects.get(code="snacks").pk}
    as_boss.post(reverse("admin:catalog_category_change", args=[shelf.pk]), given)
    assert [one.code for one in Category.objects.get(code="snacks").get_descendants()] == ["nuts"]


def test_a_category_cannot_be_below_itself(as_boss: Client, nuts: Product) -> None:
    food, shelf = Category.objects.get(code="food"), Category.objects.get(code="nuts")
    before = list(Category.objects.order_by("pk").values())
    for parent in (food, shelf):
        given = {"name": "食品", "code": "food", "parent": parent.pk}
        answer = as_boss.post(reverse("admin:catalog_category_change", args=[food.pk]), given)
        assert answer.status_code == 200
        assert answer.context["adminform"].form.errors["parent"]
    assert list(Category.objects.order_by("pk").values()) == before


def test_a_category_in_use_is_not_deleted(as_boss: Client, nuts: Product) -> None:
    for code in ("food", "nuts"):
        used = Category.objects.get(code=code)
        delete = reverse("admin:catalog_category_delete", args=[used.pk])
        answer = as_boss.post(delete, {"post": "yes"})
        assert answer.status_code == 200
        assert answer.context["protected"]
    assert Category.objects.count() == 2


def test_a_category_that_comes_into_use_at_that_moment_is_a_message(
    as_boss: Client, nuts: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf = Category.objects.get(code="nuts")
    monkeypatch.setattr(
        "django.contrib.admin.options.get_deleted_objects", lambda *_: ([], {}, set(), [])
    )
    answer = as_boss.post(
        reverse("admin:catalog_category_delete", args=[shelf.pk]), {"post": "yes"}
    )
    assert answer.status_code == 302
    [message] = get_messages(answer.wsgi_request)
    assert message.level_tag == "error"
    assert Category.objects.filter(pk=shelf.pk).exists()


@pytest.mark.slow
def test_products_are_found_by_words_sku_and_category(as_boss: Client, nuts: Product) -> None:
    food = Category.objects.get(code="food")
    books = category("books")
    products = reverse("admin:catalog_product_changelist")
    for given, found in (
        ({"q": "坚果 每日"}, 1), ({"q": "n-1"}, 1), ({"q": "%"}, 0),
        ({"category": food.pk}, 1), ({"category": books.pk}, 0), ({"category": "x"}, 0),
    ):  # fmt: skip
        assert as_boss.get(products, given).context["cl"].result_count == found, given

"""The goods of the shop, for everybody; distributors also see what they would earn."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.shortcuts import get_object_or_404
from django.utils.decorators import method_decorator
from django.views.decorators.http import conditional_page
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.pagination import CursorPages
from api.serializers import StrictSerializer, Text
from catalog.models import Category, Product, Sku
from commissions.api.product_answers import CategoriesAnswer, ProductAnswer, ProductRow
from commissions.potential import distributable
from commissions.storefront import product_page, product_rows
from common import clock
from members.models import Member
from members.sessions.views import OpenEndpoint

SORTS = {"newest": ("-id",), "price": ("lowest", "-id"), "-price": ("-lowest", "-id")}


class ProductFilters(StrictSerializer):
    category = Text(max_length=80, required=False, help_text="A code; with those below it.")
    search = Text(
        max_length=80, required=False, help_text="Words of the name, or the start of a SKU."
    )
    distributable = serializers.BooleanField(
        required=False,
        help_text="Only products on which the plan pays: me, or without a login any distributor.",
    )
    sort = serializers.ChoiceField(list(SORTS), default="newest")


class SortedPages(CursorPages):
    """Cursor pages in the order that the filter asks for."""

    def get_ordering(self, request: Request, queryset: Any, view: Any) -> tuple[str, ...]:
        return SORTS.get(request.query_params.get("sort", ""), SORTS["newest"])


@method_decorator(conditional_page, name="dispatch")
class Categories(OpenEndpoint):
    @extend_schema(
        operation_id="categories",
        responses=CategoriesAnswer,
        summary="The whole tree of categories, with an ETag",
        description="Parents come before their children.",
    )
    def get(self, request: Request) -> Response:
        rows = Category.objects.select_related("parent").order_by("tree_id", "lft")
        return Response(CategoriesAnswer({"results": rows}).data)


@method_decorator(conditional_page, name="dispatch")
class Products(OpenEndpoint):
    pagination_class = SortedPages

    @extend_schema(
        operation_id="products",
        parameters=[ProductFilters],
        responses=ProductRow(many=True),
        summary="Products on sale, with an ETag",
        description="my_commission is there for active distributors whose session may read.",
    )
    def get(self, request: Request) -> Response:
        values, at = self.filters(ProductFilters, request), clock.now()
        rows = _filtered(values, self.reader, at)
        return self.answer_page(
            rows, ProductRow, shown=lambda page: product_rows(page, member=self.reader, at=at)
        )


@method_decorator(conditional_page, name="dispatch")
class OneProduct(OpenEndpoint):
    @extend_schema(
        operation_id="product",
        responses=ProductAnswer,
        summary="A product, also one that is no longer on sale, with an ETag",
        description="share is the ready card of a member who may share: the client has it before"
        " the tap. Nothing is stored until somebody opens it.",
    )
    def get(self, request: Request, public_id: str) -> Response:
        rows = Product.objects.exclude(status=Product.Status.DRAFT).select_related("category")
        product = get_object_or_404(rows, public_id=public_id)
        page = product_page(product, reader=self.reader, sharer=self.sharer, at=clock.now())
        return Response(ProductAnswer(page).data)


def _filtered(values: dict[str, Any], member: Member | None, at: datetime) -> QuerySet[Product]:
    rows = Product.objects.filter(status=Product.Status.ON_SALE).select_related("category")
    if code := values.get("category"):
        rows = rows.filter(category__in=_with_descendants(code))
    if words := values.get("search"):
        rows = rows.search(words)
    if "distributable" in values:
        pays = distributable(member=member, at=at)
        rows = rows.filter(pays) if values["distributable"] else rows.exclude(pays)
    cheapest = Sku.objects.filter(product=OuterRef("pk")).order_by("price").values("price")[:1]
    return rows.annotate(lowest=Subquery(cheapest))


def _with_descendants(code: str) -> Sequence[Category] | QuerySet[Category]:
    top = Category.objects.filter(code=code).first()
    descendants: QuerySet[Category]
    if top is None:
        return []
    descendants = top.get_descendants(include_self=True)
    return descendants

"""Products and categories from the mall."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.serializers import Amount, StrictSerializer, Text
from common import clock
from integration.api.order_bodies import optional
from integration.api.rows import (
    STATUSES,
    Flag,
    ProblemField,
    Rows,
    differs_from_address,
    save_rows,
    without_nulls,
)
from integration.api.views import MallEndpoint
from integration.goods import CategoryReport, GoodsReport, save_categories, save_goods

MAX_IMAGES = 20


class Address(Text):
    """A path of the mini-program, or an address with http or https; empty: none."""

    default_error_messages = {"address": _("Give a whole address, with https://.")}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": 500, **kwargs})

    def to_internal_value(self, data: Any) -> str:
        address = super().to_internal_value(data)
        if address and not address.startswith(("https://", "http://")):
            self.fail("address")
        return address


class ProductBody(StrictSerializer):
    sku = Text(max_length=80)
    name = Text(max_length=200)
    category = Text(max_length=80, help_text="The code. A new one becomes a category at the top.")
    price = Amount()
    cost = optional(Amount)
    original_price = optional(Amount, help_text="Before a reduction, as the mall shows it.")
    images = optional(
        serializers.ListField, child=Address(), max_length=MAX_IMAGES,
        help_text="The first is the main picture.",
    )  # fmt: skip
    url = optional(Address, allow_blank=True)
    mini_path = optional(Text, max_length=500, allow_blank=True)
    on_sale = optional(Flag, help_text="A new product is on sale unless this is false.")


class ProductResult(serializers.Serializer):
    sku = serializers.CharField()
    status = serializers.ChoiceField(STATUSES)
    problem = ProblemField(required=False)


class ProductBatchBody(StrictSerializer):
    products = Rows(ProductBody)


class ProductBatchResults(serializers.Serializer):
    results = ProductResult(many=True)


class ProductBatch(MallEndpoint):
    """Keep the catalogue in step with the mall's."""

    scope = "products:write"

    @extend_schema(
        operation_id="products_batch",
        request=ProductBatchBody,
        responses=ProductBatchResults,
        summary="Create or update up to 500 products",
        description="Each product gets a result at its place. Orders that are placed keep what"
        " was known then.",
    )
    def post(self, request: Request) -> Response:
        rows = self.validated(ProductBatchBody, request.data)["products"]

        def save(bodies: list[dict[str, Any]]) -> list[str]:
            reports = [GoodsReport(**body) for body in bodies]
            return save_goods(reports, at=clock.now(), by=self.client(request))

        return Response({"results": save_rows(rows, ProductBody(), "sku", save)})


class OneProduct(MallEndpoint):
    """A product of the mall by its SKU."""

    scope = "products:write"

    @extend_schema(
        operation_id="products_put",
        request=ProductBody,
        responses=ProductResult,
        summary="Create or update a product",
    )
    def put(self, request: Request, sku: str) -> Response:
        body = without_nulls(self.validated(ProductBody, request.data))
        if body["sku"] != sku:
            raise differs_from_address("sku", str(_("The address names another SKU.")))
        (status,) = save_goods([GoodsReport(**body)], at=clock.now(), by=self.client(request))
        return Response({"sku": sku, "status": status})


class CategoryBody(StrictSerializer):
    code = Text(max_length=80)
    name = Text(max_length=80)
    parent = optional(
        Text, max_length=80, allow_blank=True, help_text="The code of the parent; empty: none."
    )


class CategoryResult(serializers.Serializer):
    code = serializers.CharField()
    status = serializers.ChoiceField(STATUSES)
    problem = ProblemField(required=False)


class CategoryBatchBody(StrictSerializer):
    categories = Rows(CategoryBody)


class CategoryBatchResults(serializers.Serializer):
    results = CategoryResult(many=True)


class CategoryBatch(MallEndpoint):
    """Keep the tree of categories in step with the mall's."""

    scope = "products:write"

    @extend_schema(
        operation_id="categories_batch",
        request=CategoryBatchBody,
        responses=CategoryBatchResults,
        summary="Create or update up to 500 categories",
        description="Parents may come after their children. Each category gets a result at its"
        " place.",
    )
    def post(self, request: Request) -> Response:
        rows = self.validated(CategoryBatchBody, request.data)["categories"]

        def save(bodies: list[dict[str, Any]]) -> list[Any]:
            reports = [CategoryReport(**body) for body in bodies]
            return save_categories(reports, at=clock.now(), by=self.client(request))

        return Response({"results": save_rows(rows, CategoryBody(), "code", save)})

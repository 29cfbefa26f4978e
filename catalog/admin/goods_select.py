# mypy: allow-subclassing-any, allow-any-generics
"""A select of products or categories that finds them while typing."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelectMultiple

from catalog.models import Product, Sku


class GoodsSelect(AutocompleteSelectMultiple):
    """Keys that no row can have select nothing.

    :param field: of ``model``, a relation to what is selected
    """

    def __init__(self, field: str, model: type[Any]) -> None:
        super().__init__(model._meta.get_field(field), admin.site)
        # Without the button that clears all: it would be no item of the list that it stands in.
        self.is_required = True

    def optgroups(self, name: str, value: Any, attr: Any = None) -> Any:
        return super().optgroups(name, [key for key in value if str(key).isdecimal()], attr)


def product_select() -> GoodsSelect:
    return GoodsSelect("product", Sku)


def category_select() -> GoodsSelect:
    return GoodsSelect("category", Product)

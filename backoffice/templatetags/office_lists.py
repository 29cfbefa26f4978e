"""Tags of the templates of lists."""

from __future__ import annotations

from typing import Any

from django import template

from backoffice import list_bar, list_pages
from backoffice.columns import is_amount
from backoffice.list_queries import CHECKBOX

register = template.Library()


@register.simple_tag(takes_context=True)
def list_bar_of(context: Any, changelist: Any) -> list_bar.Bar:
    """Return the bar of a list."""
    return list_bar.bar_of(changelist, context["request"])


@register.simple_tag
def list_url(changelist: Any, page: str) -> str:
    """Return an address beside the list, such as that of its totals."""
    address: str = changelist.model_admin.url(f"list_{page}")
    return address


@register.simple_tag
def list_columns_of(changelist: Any) -> list[dict[str, Any]]:
    """Return the columns that a person can choose for a list."""
    visible = [name for name in changelist.list_display if name != CHECKBOX]
    return list_pages.columns_of(changelist.model_admin, visible)


@register.simple_tag
def list_has_pages(changelist: Any) -> bool:
    """Whether a list has more than one page."""
    if changelist.page_num != 1:
        return True
    if getattr(changelist, "is_uncounted", False):
        return bool(changelist.has_next_page)
    return bool(changelist.multi_page)


@register.filter
def is_amount_header(header: dict[str, Any], changelist: Any) -> bool:
    """Whether a header is that of a column with amounts, which are aligned to the right."""
    for name in str(header["class_attrib"]).split():
        if name.startswith("column-"):
            return is_amount(changelist.model_admin, name.removeprefix("column-"))
    return False

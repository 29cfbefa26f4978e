"""Tags of the templates of lists."""

from __future__ import annotations

from typing import Any

from django import template

from backoffice import list_bar
from backoffice.columns import is_amount

register = template.Library()


@register.simple_tag(takes_context=True)
def list_bar_of(context: Any, changelist: Any) -> list_bar.Bar:
    """Return the bar of a list."""
    return list_bar.bar_of(changelist, context["request"])


@register.simple_tag
def option_url(changelist: Any, name: str, value: str) -> str:
    """Return the address of the list with this value of a filter alone changed."""
    url: str = changelist.get_query_string({name: value}, [name.rpartition("__")[0] or name, "p"])
    return url


@register.filter
def is_amount_header(header: dict[str, Any], changelist: Any) -> bool:
    """Whether a header is that of a column with amounts, which are aligned to the right."""
    for name in str(header["class_attrib"]).split():
        if name.startswith("column-"):
            return is_amount(changelist.model_admin, name.removeprefix("column-"))
    return False

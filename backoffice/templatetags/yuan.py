"""Show amounts and counts as people read them."""

from __future__ import annotations

from django import template

from common.money import format_yuan

NOTHING = "–"
register = template.Library()


@register.filter
def yuan(fen: int | None) -> str:
    """Show fen as ``¥1,234.50``; a dash where there is no amount."""
    if fen is None:
        return NOTHING
    return f"{'-' if fen < 0 else ''}¥{format_yuan(abs(fen))}"


@register.filter
def commas(count: int | None) -> str:
    """Show a count as ``1,234``."""
    return NOTHING if count is None else f"{count:,}"

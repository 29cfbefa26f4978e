"""Show amounts and counts as people read them."""

from __future__ import annotations

from django import template

from common.money import yuan_text

NOTHING = "–"
register = template.Library()


@register.filter
def yuan(fen: int | None) -> str:
    """Show fen as ``¥1,234.50``; a dash where there is no amount."""
    return NOTHING if fen is None else yuan_text(fen)


@register.filter
def commas(count: int | None) -> str:
    """Show a count as ``1,234``."""
    return NOTHING if count is None else f"{count:,}"

"""Show prices and people in templates."""

from __future__ import annotations

from typing import Any

from django import template

register = template.Library()

FEN_OF_A_YUAN = 100


@register.inclusion_tag("h5/parts/price.html")
def price(fen: int, size: str = "m") -> dict[str, Any]:
    """Show an amount in fen: ¥109.90, or ¥199 without needless zeros."""
    yuan, rest = divmod(fen, FEN_OF_A_YUAN)
    return {"yuan": yuan, "rest": f".{rest:02}" if rest else "", "size": size}


@register.filter
def yuan(fen: int) -> str:
    """Write an amount in fen as a text: 109.90, or 199."""
    whole, rest = divmod(fen, FEN_OF_A_YUAN)
    return f"{whole}.{rest:02}" if rest else str(whole)


@register.filter
def first_letter(name: str) -> str:
    """Return the first letter of a name, for people without a picture."""
    return name.strip()[:1] or "·"


@register.inclusion_tag("h5/parts/avatar.html")
def avatar(name: str, picture: str, size: str = "") -> dict[str, str]:
    """Show the avatar of a person, or the first letter of the name."""
    return {"name": name, "picture": picture, "size": size}

"""Look up the values that a template may name: in dictionaries, nothing else is evaluated."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from enum import IntEnum

from posters.rendering.data import PosterData, price_text
from posters.rendering.text import display_name

BINDING = re.compile(r"\{\{\s*([a-zA-Z0-9_.]*)\s*\}\}")
AD_MARK = "shop.ad"
TAGS = "product.tags"


class Scope(IntEnum):
    """An element is drawn once for a template, for each product, or for each person."""

    CONST = 0
    PRODUCT = 1
    USER = 2


_SCOPES = {
    "shop": Scope.CONST,
    "product": Scope.PRODUCT,
    "user": Scope.USER,
    "share": Scope.USER,
}

PICTURES: Mapping[str, Callable[[PosterData], bytes | None]] = {
    "product.image": lambda data: data.product.picture if data.product else None,
    "user.avatar": lambda data: data.user.avatar,
    "shop.logo": lambda data: data.shop.logo,
}
TEXTS: Mapping[str, Callable[[PosterData], str]] = {
    "product.title": lambda data: data.product.title if data.product else "",
    "product.price": lambda data: price_text(data.product.price_fen) if data.product else "",
    "product.original": lambda data: price_text(data.product.strike_fen) if data.product else "",
    "product.badge": lambda data: data.product.badge if data.product else "",
    TAGS: lambda data: "\n".join(data.product.tags) if data.product else "",
    "user.nickname": lambda data: display_name(data.user.nickname),
    "share.line": lambda data: data.share.line,
    "shop.name": lambda data: data.shop.name,
    "shop.slogan": lambda data: data.shop.slogan,
    "shop.cta": lambda data: data.shop.cta,
    "shop.cta2": lambda data: data.shop.cta2,
    "shop.footer": lambda data: data.shop.footer,
    AD_MARK: lambda data: "广告" if data.shop.is_ad else "",
}
CODE = "share.qr"
KNOWN = (*TEXTS, *PICTURES, CODE)


def names(text: str) -> list[str]:
    """List the values that a text names."""
    return BINDING.findall(text)


def scope_of(text: str) -> Scope:
    """Return the narrowest scope of the values that a text names."""
    return max((_SCOPES[name.split(".")[0]] for name in names(text)), default=Scope.CONST)


def fill(text: str, data: PosterData) -> str:
    """Replace each ``{{name}}``; a text whose values are all empty becomes empty altogether."""
    named = names(text)
    if not named:
        return text
    values = {name: TEXTS[name](data) for name in named}
    if not any(values.values()):
        return ""
    return BINDING.sub(lambda match: values[match.group(1)], text)


def is_given(binding: str, data: PosterData) -> bool:
    """Return whether the data have the value of ``{{name}}``."""
    [name] = names(binding)
    if name == CODE:
        return True
    if name in PICTURES:
        return PICTURES[name](data) is not None
    return bool(TEXTS[name](data))

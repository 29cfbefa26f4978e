"""What a poster is drawn from: its template, and the data of its row with stored files."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from posters import files
from posters.models import Poster, PosterTemplateVersion
from posters.rendering import (
    PosterData,
    ProductData,
    ShareData,
    ShopData,
    Template,
    UserData,
    parse,
)

StoredInputs = dict[str, Any]
"""JSON of ``Poster.inputs`` or a part of it, from ``posters.inputs.Inputs.as_data``."""


def size_of(size: str) -> tuple[int, int]:
    """Return width and height of a size such as ``1080x1920``."""
    width, height = size.split("x")
    return int(width), int(height)


def sizes_of(version: PosterTemplateVersion) -> list[str]:
    """Return the sizes that posters of a version may have, its own first."""
    drawn = [f"{width}x{height}" for width, height in template_of(version).sizes]
    return [size for size in drawn if size in Poster.Size.values]


def template_of(version: PosterTemplateVersion) -> Template:
    """Return the parsed document of a version. It is parsed once a process: it never changes."""
    return _parsed(version.sha256)


@lru_cache(maxsize=64)
def _parsed(sha256: str) -> Template:
    # Versions with equal hashes have equal documents.
    version = PosterTemplateVersion.objects.filter(sha256=sha256).order_by("pk")[:1].get()
    return parse(version.document)


def data_of(inputs: StoredInputs) -> PosterData:
    """Read the files that inputs name, and return the data to draw; lost files are ``None``."""
    return PosterData(
        product=product_of(inputs["product"]) if inputs["product"] else None,
        user=UserData(
            nickname=inputs["nickname"],
            avatar=files.read(inputs["avatar"]),
            avatar_key=inputs["avatar"],
        ),
        share=ShareData(
            link=inputs["link"],
            code_picture=files.read(inputs["code_picture"]),
            line=inputs["line"],
        ),
        shop=shop_of(inputs["shop"]),
    )


def product_of(product: StoredInputs) -> ProductData:
    """Return the data of ``ProductInputs``, with the picture read from the storage."""
    return ProductData(
        title=product["title"],
        price_fen=product["price"],
        strike_fen=product["strike_price"],
        picture=_shared_file(product["picture"]),
        picture_key=product["picture_hash"],
    )


def shop_of(shop: StoredInputs) -> ShopData:
    """Return the data of ``inputs.shop_inputs``, with the logo read from the storage."""
    return ShopData(
        name=shop["name"],
        logo=_shared_file(shop["logo"]),
        slogan=shop["slogan"],
        cta=shop["cta"],
        cta2=shop["cta2"],
        footer=shop["footer"],
        is_ad=shop["is_ad"],
    )


def _shared_file(path: str) -> bytes | None:
    """Read a file that many posters show, and remember it: the file of a path never changes."""
    try:
        return _read_once(path) if path else None
    except FileNotFoundError:  # not remembered: a restore may bring it back
        return None


@lru_cache(maxsize=32)
def _read_once(path: str) -> bytes:
    content = files.read(path)
    if content is None:
        raise FileNotFoundError(path)
    return content

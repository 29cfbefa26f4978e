"""A template with every type of element, as a test changes it."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

DOCUMENT: dict[str, Any] = {
    "v": 1,
    "name": "美妆·柔粉",
    "kind": "product",
    "industry": "beauty",
    "tokens": {"primary": "#D9363B", "ink": "#222222", "soft": "#FDEEEA"},
    "canvas": {"w": 1080, "h": 1920, "bg": {"stops": ["#FBD9CF", "#F6B9AE", "#EE9A95"]}},
    "elements": [
        {"id": "blob", "type": "rect", "x": 760, "y": -160, "w": 480, "h": 480, "radius": 240,
         "fill": "#FFFFFF40"},
        {"id": "corner", "type": "polygon", "x": 0, "y": 1700, "w": 300, "h": 220,
         "points": [[0, 0], [1, 1], [0, 1]], "fill": "#FFFFFF33"},
        {"id": "card", "type": "rect", "x": 48, "y": 236, "w": 984, "h": 1580, "radius": 44,
         "fill": "#FFFFFF", "shadow": {"blur": 40, "dy": 16, "color": "#A0403844"}},
        {"id": "photo", "type": "image", "src": "{{product.image}}", "x": 48, "y": 236, "w": 984,
         "h": 900, "radius": [44, 44, 0, 0]},
        {"id": "price", "type": "price", "text": "{{product.price}}",
         "original": "{{product.original}}", "x": 92, "y": 1158, "w": 640, "size": 92,
         "color": "$primary", "original_color": "#7A7A7A", "show_if": "{{product.price}}"},
        {"id": "badge", "type": "tags", "items": ["{{product.badge}}"], "x": 740, "y": 1188,
         "w": 248, "h": 60, "size": 30, "align": "right", "color": "#FFFFFF", "radius": 30,
         "fill": {"stops": ["#E8602C", "#D9363B"], "angle": 90}},
        {"id": "title", "type": "text", "text": "{{product.title}}", "x": 92, "y": 1286, "w": 896,
         "size": 46, "min_size": 40, "weight": 700, "line_height": 64, "max_lines": 2,
         "color": "$ink"},
        {"id": "tags", "type": "tags", "items": ["{{product.tags}}"], "x": 92, "y": 1432,
         "w": 896, "h": 52, "size": 26, "color": "$primary", "fill": "$soft", "radius": 26},
        {"id": "rule", "type": "line", "x": 92, "y": 1510, "w": 896, "h": 2, "color": "#E4DAD8",
         "dash": [10, 8]},
        {"id": "avatar", "type": "image", "src": "{{user.avatar}}", "x": 60, "y": 76, "w": 124,
         "h": 124, "radius": 62, "border": {"width": 5, "color": "#FFFFFF"}},
        {"id": "nick", "type": "text", "text": "{{user.nickname}}", "x": 212, "y": 76, "w": 760,
         "size": 44, "weight": 700, "color": "#5B2A2A", "line_height": 60},
        {"id": "line", "type": "text", "text": "“{{share.line}}”", "x": 212, "y": 140, "w": 790,
         "size": 30, "color": "#5B2A2A", "line_height": 48},
        {"id": "cta", "type": "text", "text": "{{shop.cta}}", "x": 92, "y": 1556, "w": 600,
         "size": 42, "weight": 700, "color": "$ink"},
        {"id": "cta2", "type": "text", "text": "{{shop.cta2}}", "x": 92, "y": 1626, "w": 600,
         "size": 29, "color": "#6F6F6F"},
        {"id": "shop", "type": "text", "text": "{{shop.name}} · {{shop.slogan}}", "x": 92,
         "y": 1744, "w": 600, "size": 30, "weight": 700, "color": "$primary"},
        {"id": "qr", "type": "qrcode", "text": "{{share.qr}}", "x": 732, "y": 1530, "w": 264,
         "h": 264, "quiet": 2},
        {"id": "footer", "type": "text", "text": "{{shop.footer}}", "x": 90, "y": 1846, "w": 900,
         "size": 26, "align": "center", "color": "#5B2A2A"},
    ],
    "variants": {
        "1080x1440": {
            "shift": {"from": 1100, "by": -480},
            "elements": {"card": {"h": 1100}, "photo": {"h": 420}, "corner": {"visible": False}},
        }
    },
}  # fmt: skip


def document(**changes: Any) -> dict[str, Any]:
    """Return the document with other values at its top."""
    return {**deepcopy(DOCUMENT), **changes}


def changed(element: str, **changes: Any) -> dict[str, Any]:
    """Return the document with one element changed."""
    copy = deepcopy(DOCUMENT)
    [row] = [row for row in copy["elements"] if row["id"] == element]
    row.update(changes)
    return copy

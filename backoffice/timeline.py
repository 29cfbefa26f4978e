"""Render timelines."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils.html import format_html, format_html_join

from backoffice.base import NOTHING
from common import clock

format_moment = clock.format_moment


def render_timeline(lines: Iterable[tuple[datetime, Any, Any]]) -> str:
    """Render lines of moment, text and actor."""
    items = format_html_join(
        "", "<li>{} · {} · {}</li>", ((format_moment(at), text, by) for at, text, by in lines)
    )
    return format_html("<ul>{}</ul>", items) if items else NOTHING

# mypy: allow-subclassing-any, allow-any-generics
"""The text of a course or an announcement, as staff write and preview it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _

from backoffice.base import column
from materials.admin.publishing import PublishedAdmin
from materials.rules import Block, blocks


class TextAdmin(PublishedAdmin):
    """A row with a ``text``; once it is published only the preview shows it."""

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        hidden = ["text"] if obj and obj.is_published else []
        return [name for name in super().get_fields(request, obj) if name not in hidden]

    @column(_("as members read it"))
    def preview(self, row: Any) -> str:
        return format_html_join("", "{}", ((_html(block),) for block in blocks(row.text)))


def _html(block: Block) -> str:
    if block.kind == "heading":
        return format_html('<h3 class="font-semibold mt-4 mb-2">{}</h3>', block.text)
    if block.kind == "list":
        items = format_html_join("", "<li>{}</li>", ((item,) for item in block.items))
        return format_html(
            '<ul class="mb-2" style="list-style: disc; padding-inline-start: 1.25rem">{}</ul>',
            items,
        )
    return format_html('<p class="mb-2">{}</p>', block.text)

"""Texts in blocks, as staff preview them."""

from __future__ import annotations

from django.utils.html import format_html, format_html_join

from materials.rules import Block, blocks


def text_in_blocks(text: str) -> str:
    """Return the HTML of a text with its headings and lists."""
    return format_html_join("", "{}", ((_html(block),) for block in blocks(text)))


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

"""Decide who may see which materials, and structure texts; without a database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby

MEMBERS, DISTRIBUTORS, ADVANCED = "members", "distributors", "advanced"
"""The audiences of materials, courses and announcements; see ``models.publishing.Audience``."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """The attributes of a member that decide which materials they see."""

    is_distributor: bool = False
    """An active one."""
    has_advanced_materials: bool = False
    rank: int = -1
    """Of the level; without a level, lower than any rank."""

    @property
    def audiences(self) -> list[str]:
        if not self.is_distributor:
            return [MEMBERS]
        return [MEMBERS, DISTRIBUTORS, *([ADVANCED] if self.has_advanced_materials else [])]


HEADING, ITEM = "## ", "- "
BLOCK_KINDS = ("heading", "paragraph", "list")


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a text, so that clients need no parser and insert no HTML."""

    kind: str
    """One of ``BLOCK_KINDS``."""
    text: str = ""
    items: list[str] = field(default_factory=list)


def blocks(text: str) -> Iterator[Block]:
    """Split a text: lines with ``## `` are headings, with ``- `` items of a list.

    Other lines are paragraphs. Empty lines only separate.
    """
    lines = [line.strip() for line in text.splitlines()]
    for kind, group in groupby(lines, key=_kind):
        if kind == "list":
            yield Block(kind, items=[line.removeprefix(ITEM).strip() for line in group])
        elif kind:
            yield from (Block(kind, line.removeprefix(HEADING).strip()) for line in group)


def _kind(line: str) -> str:
    if line.startswith(ITEM):
        return "list"
    if line.startswith(HEADING):
        return "heading"
    return "paragraph" if line else ""

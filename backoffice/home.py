"""The home of the back office: what waits, money today, and the blocks of the rooms."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from backoffice import todo
from backoffice.access import Permission, is_allowed
from backoffice.base import StrOrPromise
from common.money import yuan_text


@dataclass(frozen=True)
class MoneyFigure:
    """An amount of the row "Money".

    :param read: reads fen, or what the amount is taken from, at a moment and by one cheap query;
        figures that name the same function share what it returned
    :param url: returns the list of exactly the rows behind the amount
    :param help: a sentence that says what is counted
    :param amount: returns fen from what was read
    """

    name: str
    title: StrOrPromise
    permission: Permission
    read: Callable[[datetime], Any]
    url: Callable[[HttpRequest], str]
    help: StrOrPromise = ""
    amount: Callable[[Any], int] = int


@dataclass(frozen=True)
class Block:
    """A chart, a list or a table below the money.

    :param template: is included with the values of ``context``, which reads roll-ups, not tables
    :param order: small numbers come first
    :param wide: whether it is as wide as the page
    """

    name: str
    title: StrOrPromise
    permission: Permission
    template: str
    context: Callable[[HttpRequest, datetime], dict[str, Any]]
    order: int
    wide: bool = False


_figures: dict[str, MoneyFigure] = {}
_blocks: dict[str, Block] = {}


def register_money(figure: MoneyFigure) -> MoneyFigure:
    """Show an amount on the home; in the order in which they are registered."""
    if figure.name in _figures:
        raise ValueError(f"two amounts of the home are named {figure.name}")
    _figures[figure.name] = figure
    return figure


def register_block(block: Block) -> Block:
    """Show a block on the home."""
    if block.name in _blocks:
        raise ValueError(f"two blocks of the home are named {block.name}")
    _blocks[block.name] = block
    return block


def context(request: HttpRequest, *, at: datetime) -> dict[str, Any]:
    """Return what this person sees on the home."""
    return {
        "title": _("Home"),
        "at": at,
        "cards": todo.cards(request.user, at=at),
        "money": money(request, at=at),
        "blocks": blocks(request, at=at),
    }


def money(request: HttpRequest, *, at: datetime) -> list[dict[str, Any]]:
    """Return the amounts that this person may see."""
    allowed = [row for row in _figures.values() if is_allowed(request.user, row.permission)]
    found = {read: read(at) for read in {figure.read for figure in allowed}}
    return [
        {
            "name": figure.name,
            "title": figure.title,
            "help": figure.help,
            "amount": yuan_text(figure.amount(found[figure.read])),
            "url": figure.url(request),
        }
        for figure in allowed
    ]


def blocks(request: HttpRequest, *, at: datetime) -> list[dict[str, Any]]:
    """Return the blocks that this person may see, in order."""
    return [
        {"block": block, "context": block.context(request, at)}
        for block in sorted(_blocks.values(), key=lambda block: (block.order, block.name))
        if is_allowed(request.user, block.permission)
    ]

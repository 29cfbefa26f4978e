"""Answers to members that are copied with one click, wherever a member may ask."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from backoffice.base import StrOrPromise
from backoffice.panels import Panel, register

TEMPLATE = "admin/backoffice/answers.html"
NAME = "answers"


@dataclass(frozen=True, slots=True)
class Answer:
    """What one person may read, and who that is: it says nothing of others that they may not."""

    to: StrOrPromise
    text: str


def join_sentences(parts: Iterable[StrOrPromise]) -> str:
    """Join sentences as the reader's language does: Chinese has no blank between them."""
    is_chinese = (get_language() or "").startswith("zh")
    return ("" if is_chinese else " ").join(map(str, parts))


def register_answers(
    model: str,
    source: Callable[[Any], Iterable[Answer]],
    *,
    permission: str,
    order: int,
    lazy: bool = False,
) -> Panel:
    """Show what ``source`` returns for a row on the pages of its model; nothing if it is empty."""

    def context(_request: HttpRequest, row: Any) -> dict[str, Any] | None:
        answers = [answer for answer in source(row) if answer.text]
        return {"answers": answers} if answers else None

    title = _("answers to members")
    return register(Panel(NAME, title, model, permission, TEMPLATE, context, order, lazy=lazy))

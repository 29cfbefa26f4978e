"""Notes of colleagues as a panel of any page."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from backoffice import notes
from backoffice.panels import Panel, register
from common import clock

NAME = "notes"
SHOWN = 50


def register_notes(model: str, *, order: int, permission: str = "") -> Panel:
    """Let those who see a row's page leave notes on it; a note is never changed."""
    return register(
        Panel(
            NAME, _("notes"), model, permission, "admin/backoffice/notes_panel.html", _context,
            order, lazy=True, post=_post,
        )
    )  # fmt: skip


def _context(_request: HttpRequest, row: Any) -> dict[str, Any]:
    opts = row._meta
    page = f"admin:{opts.app_label}_{opts.model_name}_panel"
    return {"notes": notes.notes_of(row)[:SHOWN], "url": reverse(page, args=[row.pk, NAME])}


def _post(request: HttpRequest, row: Any) -> dict[str, Any]:
    """Save the note; return what was typed with the reason if it is refused."""
    text = request.POST.get("note", "")
    try:
        notes.add_note(row=row, text=text, by=request.user, at=clock.now())
    except notes.InvalidNote as error:
        return {"typed": text, "error": str(error)}
    return {}

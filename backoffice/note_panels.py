"""The notes of colleagues as a panel of any row's page."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from backoffice import notes, office, panels
from backoffice.office import OfficePage
from backoffice.panels import Panel
from common import clock
from common.errors import TwotierError

PAGE = "row_note"
ORDER = 900
"""Below the other panels of a page."""
_permissions: dict[str, str] = {}


def show_notes(model: str, permission: str) -> None:
    """Show the notes about rows of a model on their pages, to people with a permission.

    :param model: such as ``members.member``; its admin has ``PanelsMixin``
    """
    _permissions[model] = permission
    panels.register(
        Panel(
            "notes", _("Notes for colleagues"), model, permission,
            "admin/backoffice/notes_panel.html", _context, ORDER,
        )
    )  # fmt: skip


def _context(_request: HttpRequest, row: Any) -> dict[str, Any]:
    label = row._meta.label_lower
    return {"url": office.url(PAGE, label, row.pk), "notes": notes.notes_of(row)[:50]}


def save(request: HttpRequest, label: str, key: int) -> HttpResponse:
    """Save a note of a panel, and go back to the page of its row."""
    permission = _permissions.get(label)
    if permission is None:
        raise Http404
    if not request.user.has_perm(permission):
        raise PermissionDenied
    row = apps.get_model(label)._default_manager.filter(pk=key).first()
    if row is None:
        raise Http404
    if request.method == "POST":
        text = request.POST.get("note", "")
        try:
            notes.add_note(row=row, text=text, by=request.user, at=clock.now())
        except TwotierError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("The note is saved."))
    app, name = label.split(".")
    return HttpResponseRedirect(reverse(f"admin:{app}_{name}_change", args=[key]))


office.register(
    OfficePage(PAGE, "notes/<str:label>/<int:key>", _("Notes for colleagues"), (), save)
)

# mypy: allow-subclassing-any
"""Show in numbers what a button will touch, in its dialog, before it is pressed.

Rooms on floors above add lines to the buttons of rooms below: a distributor's page knows neither
orders nor wallets, and its dialogs show both.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.apps import apps
from django.contrib.admin.utils import unquote
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldBooleanWidget

from backoffice.base import StrOrPromise
from backoffice.dialogs import ReasonForm
from common import clock


@dataclass(frozen=True, slots=True)
class Effect:
    """A figure, and what happens to what it counts: ``48`` · their bindings end now."""

    figure: str
    text: StrOrPromise


Source = Callable[[Any, datetime], Iterable[Effect]]
_sources: dict[str, list[tuple[int, Source]]] = defaultdict(list)


def register(*buttons: str, order: int) -> Callable[[Source], Source]:
    """Show what a function returns for a row in the dialogs of these buttons.

    :param buttons: such as ``distribution.distributor.freeze``
    :param order: small numbers come first
    """

    def decorate(source: Source) -> Source:
        for button in buttons:
            _sources[button].append((order, source))
            _sources[button].sort(key=lambda row: row[0])
        return source

    return decorate


def effects(button: str, row: Any, *, at: datetime) -> list[Effect]:
    """Return what a button would touch now."""
    sources = (source for _order, source in _sources.get(button, ()))
    return [effect for source in sources for effect in source(row, at)]


def row_of(rows: QuerySet[Any], key: object) -> Any:
    """Return the row whose key an address has; ``None`` without one, or if no row has such keys."""
    try:
        return rows.filter(pk=unquote(str(key))).first()
    except (ValueError, ValidationError):
        return None


class ImpactForm(ReasonForm):
    """Shows what the button will touch, then asks for the reason."""

    form_before_template = "admin/backoffice/impact.html"
    button: ClassVar[str]
    """Such as ``distribution.distributor.freeze``."""
    is_dangerous: ClassVar[bool] = False

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        model = apps.get_model(self.button.rpartition(".")[0])
        self.row = row_of(model._default_manager.all(), self.object_id)

    def get_before_template_context(
        self, request: HttpRequest, object_id: int | str | None = None
    ) -> dict[str, Any]:
        found = effects(self.button, self.row, at=clock.now()) if self.row else []
        return {"effects": found, "is_dangerous": self.is_dangerous}


class DangerousForm(ImpactForm):
    """Asks again: the person ticks that they have read what a button does that cannot be undone."""

    field_order: ClassVar[Any] = ("reason", "_confirmed")
    is_dangerous = True
    confirmation: ClassVar[StrOrPromise] = _("I have read this and want to do it to %(row)s.")
    _confirmed = forms.BooleanField(
        widget=UnfoldBooleanWidget,
        error_messages={"required": _("Tick this to confirm. Nothing was changed.")},
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["_confirmed"].label = self.confirmation % {"row": self.row or ""}

# mypy: allow-subclassing-any
"""Form fields that pick a row by its name while typing; nobody copies ids."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.translation import gettext as _
from unfold.widgets import UnfoldAdminTextInputWidget

from backoffice import site_search
from backoffice.site_search import Hit

MAX_LENGTH = 200
MAX_SAME_NAME = 10
MAX_SUGGESTIONS = 3
COMBOBOX = {
    "role": "combobox", "aria-autocomplete": "list", "aria-expanded": "false",
    "autocomplete": "off",
}  # fmt: skip


class PickerWidget(UnfoldAdminTextInputWidget):
    """An input with the value, and beside it the name of the row that was picked.

    Without a script it is an input that takes a name or an id.
    """

    template_name = "admin/backoffice/picker.html"

    def __init__(self, search: str, **options: Any) -> None:
        super().__init__(attrs={**COMBOBOX, **(options.pop("attrs", None) or {})}, **options)
        self.search = search

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, attrs)
        context["widget"] |= {
            "url": reverse("backoffice_pick", args=[self.search]),
            "picked": self.picked(str(value)) if value else None,
        }
        return context

    def picked(self, value: str) -> Hit | None:
        """Return the row whose name is shown beside the value."""
        return picked_hit(self.search, value)


class PickerField(forms.CharField):
    """Takes the public id of a row, or a name, code or number that only this row has.

    A part of a name picks nothing, even if one row has it: the row that was meant may be another.

    :param search: the name of a registered ``SearchSource``
    :param to_row: returns the form's value from the public id, such as the model's row; without it
        the value is the public id
    """

    def __init__(
        self, search: str, *, to_row: Callable[[str], Any] | None = None, **options: Any
    ) -> None:
        options.setdefault("max_length", MAX_LENGTH)
        options.setdefault("widget", PickerWidget(search))
        super().__init__(**options)
        self.search, self.to_row = search, to_row

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None if self.to_row else text
        hit = picked_hit(self.search, text)
        if hit is None:
            raise ValidationError(_not_picked(self.search, text), code="not_picked")
        return self.to_row(hit.value) if self.to_row else hit.value


def picked_hit(search: str, text: str) -> Hit | None:
    """Return the only row that the whole text names, whatever its case."""
    hits = site_search.find(search, text, MAX_SAME_NAME)
    term = site_search.clean_term(text).casefold()
    by_value = [hit for hit in hits if hit.value.casefold() == term]
    by_number = [hit for hit in hits if hit.is_exact]
    by_name = [hit for hit in hits if hit.title.casefold() == term]
    named = by_value or by_number or by_name
    return named[0] if len(named) == 1 else None


def _not_picked(search: str, text: str) -> str:
    hits = site_search.find(search, text, MAX_SUGGESTIONS)
    if not hits:
        return _("Nothing is found by “%(text)s”. Type a part of the name, or the whole id.") % {
            "text": text[:40]
        }
    names = "、".join(f"{hit.title} ({hit.detail})" for hit in hits)
    return _("Pick one of the list. “%(text)s” finds: %(names)s.") % {
        "text": text[:40], "names": names,
    }  # fmt: skip

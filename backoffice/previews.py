# mypy: allow-subclassing-any
"""Forms that are saved once the person has seen what their changes do.

The first post shows the preview with a token of the values before and after; the post with that
token saves. While a person types, the page asks for the preview by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from backoffice.access import StrOrPromise
from backoffice.impacts import Effect

PREVIEWED = "_previewed"
PREVIEW_ONLY = "_preview_only"


@dataclass(frozen=True)
class PreviewLine:
    """A changed field in words, for what the change counts, and what it touches."""

    title: str
    before: StrOrPromise
    after: StrOrPromise
    law: StrOrPromise
    effects: Sequence[Effect]


@dataclass(frozen=True)
class Preview:
    """What a form would change; other values have another token."""

    lines: Sequence[PreviewLine]
    token: str


def token_of(*content: Any) -> str:
    """Identify values that a preview showed."""
    return salted_hmac("backoffice.preview", repr(content)).hexdigest()


class PreviewedForm:
    """Shows a preview before an existing row is saved."""

    change_form_template = "admin/backoffice/setting_form.html"
    model: Any

    def has_preview(self) -> bool:
        return True

    def preview_of(self, row: Any, form: Any) -> Preview | None:
        """Return what a valid form would change of a row as it is saved; ``None``: nothing."""
        raise NotImplementedError

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **options: Any
    ) -> Any:
        form = super().get_form(request, obj, change=change, **options)  # type: ignore[misc]  # of the model admin
        if obj is None or request.method != "POST" or not self.has_preview():
            return form
        return _with_preview(form, self, request)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], **options: Any
    ) -> Any:
        shown = getattr(context["adminform"].form, "preview", None)
        has_preview = bool(options.get("change")) and self.has_preview()
        own = {"has_preview": has_preview, "preview": shown}
        return super().render_change_form(request, {**context, **own}, **options)  # type: ignore[misc]


def _with_preview(
    form: type[forms.ModelForm[Any]], page: PreviewedForm, request: HttpRequest
) -> type[forms.ModelForm[Any]]:
    """Return the form class, valid only once it was posted with the preview of its changes."""

    def is_valid(self: Any) -> bool:
        self.preview = None
        if not form.is_valid(self):
            return False
        # The form has already put the new values into its own row.
        row = page.model._base_manager.get(pk=self.instance.pk)
        preview = page.preview_of(row, self)
        # A file that is sent cannot be kept until the person has seen a preview.
        needs_none = preview is None or bool(request.FILES)
        is_seen = preview is not None and request.POST.get(PREVIEWED) == preview.token
        if (needs_none or is_seen) and PREVIEW_ONLY not in request.POST:
            return True
        self.preview = preview
        return False

    return type(form.__name__, (form,), {"is_valid": is_valid, "__module__": form.__module__})

# mypy: allow-subclassing-any
"""Two people edit one row: the second learns what has changed, and keeps what they typed.

A form carries what it showed when it was opened, signed. When it is posted, that is compared with
the row as it is now; if they differ, nothing is saved, and the form says who changed what.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core import signing
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.text import Truncator, capfirst
from django.utils.translation import gettext as _

from backoffice.names import staff_name
from common import clock
from common.locks import advisory_lock

SEEN = "_seen"
MAX_SHOWN = 40
State = dict[str, list[str]]
"""What a form shows: the hash and the beginning of each field's text, and of each related row."""


class ConcurrentEdits:
    """Guards the form of a row against overwriting what others have changed meanwhile."""

    model: Any
    opts: Any
    get_formsets_with_inlines: Any
    get_formset_kwargs: Any
    has_change_permission: Any

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **options: Any
    ) -> type[forms.ModelForm[Any]]:
        form: type[forms.ModelForm[Any]] = super().get_form(  # type: ignore[misc]
            request, obj, change=change, **options
        )
        if obj is None or request.method != "POST" or SEEN not in request.POST:
            return form
        return _guarded(form, self, request)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], **options: Any
    ) -> Any:
        obj = options.get("obj")
        if options.get("change") and obj is not None and self.has_change_permission(request, obj):
            context["seen"] = self._seen(request, context["adminform"].form, obj)
        return super().render_change_form(request, context, **options)  # type: ignore[misc]

    def _seen(self, request: HttpRequest, form: Any, obj: Any) -> str:
        """Return what the form shows, signed. A refused form has already changed ``obj``."""
        row = self.model._base_manager.get(pk=obj.pk) if request.method == "POST" else obj
        state = self.state_of(request, form, row)
        opened = {"at": clock.now().isoformat(), "state": state}
        return signing.dumps(opened, salt=self._salt(obj), compress=True)

    def _salt(self, obj: Any) -> str:
        return f"backoffice.seen:{self.opts.label_lower}:{obj.pk}"

    def state_of(self, request: HttpRequest, form: Any, row: Any) -> State:
        """Return what a form of the row shows now, with the rows of its inlines."""
        fresh = type(form)(instance=row)
        state = {name: _entry(text) for name, text in _texts(fresh)}
        for key, related, inline_form in self._inline_rows(request, row):
            texts = dict(_texts(inline_form))
            state[key] = [_hash(repr(texts)), Truncator(str(related)).chars(MAX_SHOWN)]
        return state

    def _inline_rows(self, request: HttpRequest, row: Any) -> Iterator[tuple[str, Any, Any]]:
        """Return the editable related rows of a row, each with its form."""
        prefixes: dict[str, int] = {}
        for formset_class, inline in self.get_formsets_with_inlines(request, row):
            if not inline.has_change_permission(request, row):
                continue
            prefix = formset_class.get_default_prefix()
            prefixes[prefix] = prefixes.get(prefix, 0) + 1
            if prefixes[prefix] != 1:
                prefix = f"{prefix}-{prefixes[prefix]}"
            options = self.get_formset_kwargs(request, row, inline, prefix)
            for posted in ("data", "files", "save_as_new"):
                options.pop(posted, None)
            for form in formset_class(**options).initial_forms:
                yield f"{prefix}:{form.instance.pk}", form.instance, form

    def refuse_stale_form(self, request: HttpRequest, form: Any) -> None:
        """Refuse a form that shows something else than the row holds now.

        :raises ValidationError: says what has changed
        """
        obj = form.instance
        # Two editors take turns, so that the second compares with what the first has saved.
        advisory_lock(f"backoffice.form:{self.opts.label_lower}:{obj.pk}")
        try:
            opened = signing.loads(request.POST[SEEN], salt=self._salt(obj))
        except signing.BadSignature:
            raise ValidationError(
                _("This form cannot be compared with what is saved. Reload the page."),
                code="unknown_state",
            ) from None
        row = self.model._base_manager.get(pk=obj.pk)
        now = self.state_of(request, form, row)
        if lines := list(_changes(form, opened["state"], now)):
            intro = _intro(request, row, since=datetime.fromisoformat(opened["at"]))
            raise ValidationError(
                [ValidationError(intro, code="changed_meanwhile"), *lines], code="changed_meanwhile"
            )


def _guarded(
    form: type[forms.ModelForm[Any]], page: ConcurrentEdits, request: HttpRequest
) -> type[forms.ModelForm[Any]]:
    """Return the form class with the comparison in its ``clean``."""

    def clean(self: Any) -> Any:
        cleaned = form.clean(self)
        page.refuse_stale_form(request, self)
        return cleaned

    return type(form.__name__, (form,), {"clean": clean, "__module__": form.__module__})


def _texts(form: Any) -> Iterator[tuple[str, str]]:
    """Return the fields of an unbound form, each as the text that it shows."""
    for name, field in form.fields.items():
        if isinstance(field, forms.FileField):
            yield name, str(form.get_initial_for_field(field, name) or "")
            continue
        yield name, _text(field, form.get_initial_for_field(field, name))


def _text(field: Any, value: Any) -> str:
    prepared = field.prepare_value(value)
    if isinstance(prepared, list | tuple | set):
        return ", ".join(sorted(str(getattr(item, "pk", item)) for item in prepared))
    if isinstance(prepared, bool):
        return _("yes") if prepared else _("no")
    choices: Mapping[str, Any] = {}
    if isinstance(field, forms.ChoiceField) and not hasattr(field, "queryset"):
        pairs: Any = field.choices
        choices = {str(key): label for key, label in pairs if not isinstance(label, list)}
    text = "" if prepared is None else str(prepared)
    return str(choices.get(text, text)) if text else ""


def _entry(text: str) -> list[str]:
    return [_hash(text), Truncator(text).chars(MAX_SHOWN)]


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _changes(form: Any, seen: State, now: State) -> Iterator[str]:
    """Return a sentence for each difference between what was seen and what is saved."""
    for key in {**seen, **now}:
        before, after = seen.get(key), now.get(key)
        if before == after or (before and after and before[0] == after[0]):
            continue
        if ":" not in key:
            label = form.fields[key].label if key in form.fields else key
            yield _("%(field)s: “%(before)s” is now “%(after)s”.") % {
                "field": capfirst(str(label)),
                "before": before[1] if before else "",
                "after": after[1] if after else "",
            }
        elif before is None and after is not None:
            yield _("“%(row)s” was added.") % {"row": after[1]}
        elif after is None and before is not None:
            yield _("“%(row)s” was removed.") % {"row": before[1]}
        elif after is not None:
            yield _("“%(row)s” was changed.") % {"row": after[1]}


def _intro(request: HttpRequest, row: Any, *, since: datetime) -> str:
    """Say who changed the row, if the admin knows."""
    kind = ContentType.objects.get_for_model(row, for_concrete_model=False)
    entries = LogEntry.objects.filter(content_type=kind, object_id=str(row.pk))
    entries = entries.filter(action_time__gte=since)
    entry = entries.select_related("user").order_by("-action_time").first()
    if entry is None:
        changed = _("This has been changed since you opened it.")
    elif entry.user_id == request.user.pk:
        changed = _("You changed this in another window since you opened it here.")
    else:
        name = staff_name(entry.user)
        changed = _("%(name)s has changed this since you opened it.") % {"name": name}
    kept = _("Nothing was saved, and what you typed is still here. Check it, then save again.")
    return f"{changed} {kept}"

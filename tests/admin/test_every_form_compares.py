"""Optimistic concurrency of every form: what was changed meanwhile is not overwritten."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import Error, transaction
from django.test import Client

from backoffice.concurrency import SEEN
from tests.admin.forms import Form
from tests.admin.hostile import shown
from tests.admin.pages import PAGES, name, row, url
from tests.admin.routes import RequestOf

pytestmark = [pytest.mark.usefixtures("shop"), pytest.mark.slow]

LEAST = 20
WITH_OWN = {"posters.postertemplate"}
"""Pages that compare in another way: the editor has versions."""


def editable(boss: Any) -> list[Any]:
    return [page for page in PAGES if page.has_change_permission(RequestOf(boss), row(page))]


def form_of(client: Client, page: Any) -> Form | None:
    """Return the form of the page's row, if it has fields."""
    for form in shown(client, url(page, "change", row(page).pk)):
        if any(field.name == SEEN for field in form.fields):
            return form
    return None


def change_meanwhile(page: Any, form: Form) -> str:
    """Let somebody else change one field of the row; return its name."""
    found = row(page)
    for field in form.written():
        column = {each.name: each for each in page.opts.concrete_fields}.get(field)
        if column is None or column.is_relation:
            continue
        before = getattr(found, field)
        after = f"{before}x" if isinstance(before, str) else (before or 0) + 1
        try:
            with transaction.atomic():
                page.model._base_manager.filter(pk=found.pk).update(**{field: after})
        except (Error, TypeError):  # a constraint, or a time
            continue
        return str(field)
    return ""


def test_every_form_says_what_was_changed_meanwhile(as_boss: Client, boss: Any) -> None:
    compared, wrong = [], []
    for page in editable(boss):
        with transaction.atomic():
            form = form_of(as_boss, page)
            field = change_meanwhile(page, form) if form else ""
            if form and field:
                before = page.model._base_manager.filter(pk=row(page).pk).values().get()
                answer = as_boss.post(form.action, form.values())
                after = page.model._base_manager.filter(pk=row(page).pk).values().get()
                compared.append(name(page))
                if (
                    answer.status_code != 200
                    or before != after
                    or "内容仍在下方" not in answer.text
                ):
                    wrong.append(f"{name(page)}.{field}: {answer.status_code}")
            transaction.set_rollback(True)

    assert wrong == []
    assert len(compared) >= LEAST, compared


def test_every_editable_form_is_sealed(as_boss: Client, boss: Any) -> None:
    wrong = []
    for page in editable(boss):
        forms = shown(as_boss, url(page, "change", row(page).pk))
        mine = [form for form in forms if form.action.endswith("/change/") and form.written()]
        if mine and name(page) not in WITH_OWN:
            sealed = [form for form in mine if any(each.name == SEEN for each in form.fields)]
            if not sealed:
                wrong.append(name(page))

    assert wrong == []

"""One decision for many rows: a preview of each, a control total, then the outcome of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from backoffice import office, reveals
from backoffice.base import StrOrPromise
from backoffice.desk import Batch, Column
from backoffice.desk_visit import Visit
from backoffice.fields import YuanField
from backoffice.queues import Queue
from backoffice.reveals import Reveal
from common.keys import is_row_key
from common.money import format_yuan, yuan_text

PREVIEW, REVEAL, CONFIRM = "batch", "batch_reveal", "batch_confirm"
STEPS = (PREVIEW, REVEAL, CONFIRM)
MAX_ROWS = 100
TEMPLATE = "admin/backoffice/desk_batch.html"
CHANGED = _("Some rows have changed since the preview. Nothing was decided: check them again.")


class ControlTotalForm(forms.Form):
    """Asks for the total of the rows, so that nobody confirms another sum than they expect."""

    control_total = YuanField()

    def __init__(self, total: int, title: StrOrPromise, data: Any = None) -> None:
        super().__init__(data)
        self.total = total
        self.fields["control_total"].label = str(title)
        self.fields["control_total"].help_text = _(
            "Type the total of the rows that can be decided: it confirms that you mean these."
        )

    def clean_control_total(self) -> int:
        typed: int = self.cleaned_data["control_total"]
        if typed != self.total:
            raise forms.ValidationError(
                _("¥%(typed)s is not the total of these rows. Nothing was decided."),
                params={"typed": format_yuan(typed)},
                code="total",
            )
        return typed


@dataclass
class Preview:
    """The rows of a batch as they are now, and those of them that can be decided."""

    batch: Batch
    rows: Sequence[Any]
    refusals: Mapping[Any, StrOrPromise]

    @property
    def ready(self) -> list[Any]:
        return [row for row in self.rows if not self.refusals.get(row.pk)]

    @property
    def total(self) -> int:
        return sum(map(self.batch.total, self.ready)) if self.batch.total else 0


def serve(visit: Visit, batch: Batch) -> HttpResponse:
    """Show a preview; once it is confirmed as it was shown, decide its rows."""
    step = visit.request.POST["action"]
    preview = _preview(visit, batch, visit.request.POST.getlist("rows"))
    if not preview.rows:
        messages.warning(visit.request, _("Select the rows first."))
        return visit.back()
    if step == CONFIRM:
        return _confirm(visit, preview)
    return _show(visit, preview)


def _confirm(visit: Visit, preview: Preview) -> HttpResponse:
    typed = visit.request.POST
    own_form, total_form = _own_form(preview, typed), _total_form(preview, typed)
    if _seals(visit, preview.ready) != set(typed.getlist("seen")):
        messages.warning(visit.request, CHANGED)
        return _show(visit, preview, own_form=own_form)
    if [form for form in (own_form, total_form) if form and not form.is_valid()]:
        return _show(visit, preview, own_form=own_form, total_form=total_form)
    values = own_form.cleaned_data if own_form else {}
    results = preview.batch.run(preview.ready, by=visit.user, at=visit.at, **values)
    return _show_results(visit, preview, results)


def preview_rows(queue: Queue, request: HttpRequest, keys: Sequence[int]) -> HttpResponse:
    """Return the preview of rows that were selected elsewhere, such as in a list of the admin."""
    assert queue.desk
    assert queue.desk.batch, "the desk decides one row at a time"
    visit = Visit(queue, request, values={})
    return _show(visit, _preview(visit, queue.desk.batch, list(map(str, keys))))


def _preview(visit: Visit, batch: Batch, chosen: Sequence[str]) -> Preview:
    keys = [key for key in chosen if is_row_key(key)]
    if len(keys) > MAX_ROWS:
        messages.warning(
            visit.request, _("Only the first %(count)s are shown.") % {"count": MAX_ROWS}
        )
    found = visit.queue.all_rows().filter(pk__in=keys[:MAX_ROWS])
    rows = list(visit.desk.prepare(found).order_by(visit.queue.since, "pk"))
    refusals = dict(batch.refusals(rows, visit.user))
    for row in rows:
        if outcome := visit.desk.outcome(row):
            refusals[row.pk] = outcome
    return Preview(batch, rows, refusals)


def _seals(visit: Visit, rows: Sequence[Any]) -> set[str]:
    seal = visit.desk.seal
    return {f"{row.pk}:{seal(row) if seal else ''}" for row in rows}


def _total_form(preview: Preview, data: Any = None) -> ControlTotalForm | None:
    if preview.batch.total is None or not preview.ready:
        return None
    return ControlTotalForm(preview.total, preview.batch.total_title, data)


def _own_form(preview: Preview, data: Any = None) -> forms.Form | None:
    """Return the form of the batch itself; its ids differ from those of other forms."""
    form = preview.batch.form
    return form(data, auto_id="batch_%s") if form and preview.ready else None


def _show(
    visit: Visit, preview: Preview, *, own_form: forms.Form | None = None,
    total_form: forms.Form | None = None,
) -> HttpResponse:  # fmt: skip
    reveal = visit.desk.reveal
    if reveal and not visit.user.has_perm(reveal.permission):
        reveal = None
    asked = visit.request.POST["action"] == REVEAL
    if asked and reveal is None:
        raise PermissionDenied
    reveal_form, revealed = None, {}
    if reveal and (asked or "revealed" in visit.request.POST):
        reason, reveal_form = reveals.read_reason(visit.request)
        if reveal_form is None:
            revealed = _read(visit, preview.rows, reveal, reason)
    columns = preview.batch.columns(preview.rows)
    return _render(
        visit,
        preview,
        columns=columns,
        last_header=_("blocked by"),
        body=[
            {
                "cells": _cells(columns, row),
                "revealed": revealed.get(row.pk, ()),
                "refusal": preview.refusals.get(row.pk, ""),
            }
            for row in preview.rows
        ],
        forms=[own_form or _own_form(preview), total_form or _total_form(preview)],
        seen=sorted(_seals(visit, preview.ready)),
        reveal=reveal,
        reveal_form=reveal_form or reveals.ReasonForm(),
        session_reason=reveals.session_reason(visit.request),
        is_revealed=bool(revealed),
    )


def _read(visit: Visit, rows: Sequence[Any], reveal: Reveal, reason: str) -> dict[Any, Any]:
    return {
        row.pk: reveals.values(reveal, row, by=visit.user, at=visit.at, reason=reason)
        for row in rows
        if reveal.applies(row)
    }


def _show_results(
    visit: Visit, preview: Preview, results: Mapping[Any, StrOrPromise]
) -> HttpResponse:
    decided = [row for row in preview.ready if not results.get(row.pk)]
    total, columns = preview.batch.total, preview.batch.columns(preview.rows)
    return _render(
        visit,
        preview,
        columns=columns,
        last_header=_("outcome"),
        body=[
            {
                "cells": _cells(columns, row),
                "refusal": results.get(row.pk) or preview.refusals.get(row.pk, ""),
                "is_done": row in decided,
            }
            for row in preview.rows
        ],
        is_done=True,
        done_count=len(decided),
        done_sum=yuan_text(sum(map(total, decided))) if total else "",
    )


def _cells(columns: Sequence[Column], row: Any) -> list[dict[str, Any]]:
    cells = [(column, column.cell(row)) for column in columns]
    return [
        {
            "header": column.title,
            "text": yuan_text(value) if column.is_amount else value,
            "is_amount": column.is_amount,
        }
        for column, value in cells
    ]


def _render(visit: Visit, preview: Preview, **context: Any) -> HttpResponse:
    return office.render(
        visit.request,
        TEMPLATE,
        title=preview.batch.title,
        queue=visit.queue,
        batch=preview.batch,
        rows=preview.rows,
        ready=preview.ready,
        sum=yuan_text(preview.total) if preview.batch.total else "",
        confirm=preview.batch.confirm % {"count": len(preview.ready)},
        here=visit.url(),
        **context,
    )

"""The page of the controls: the last run, *run now* with its progress, and the way to each row."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from backoffice import office
from backoffice.timeline import format_moment
from closing.models import Control, ControlRun
from closing.queries import present_differences
from closing.services import request_controls
from closing.services.control_runs import RUN_PERMISSION
from common import clock
from common.errors import TwotierError

NAME, PROGRESS = "controls", "controls_progress"
VIEW_PERMISSION = "closing.view_difference"
GOOD, BAD, WARN = "tf-good", "tf-bad", "tf-warn"


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        try:
            by: Any = request.user
            request_controls(by=by, at=clock.now())
        except TwotierError as error:
            messages.error(request, str(error))
        return HttpResponseRedirect(office.url(NAME))
    return office.render(
        request, "admin/closing/desk/controls.html", title=office_page.title, **context(request)
    )


@require_safe
def progress(request: HttpRequest) -> HttpResponse:
    return TemplateResponse(
        request, "admin/closing/desk/controls_state.html", context(request),
        headers=office.NO_STORE,
    )  # fmt: skip


def context(request: HttpRequest) -> dict[str, Any]:
    """Return what the page shows, in three queries."""
    last = ControlRun.objects.finished().first()
    running = ControlRun.objects.open().first()
    open_rows = present_differences()
    shown = running if running and running.started_at else None
    return {
        **summary(last, open_rows, running),
        "rows": [
            _row(control, last, shown, open_rows.get(control.value, 0)) for control in Control
        ],
        "running": running and {"done": len(running.differences), "total": len(Control)},
        "may_run": request.user.has_perm(RUN_PERMISSION),
        "page_url": office.url(NAME),
        "progress_url": office.url(PROGRESS),
    }  # fmt: skip


def differences_url(control: str) -> str:
    """Return the list of the differences that a control still finds."""
    query = urlencode({"control__exact": control, "state": "open"})
    return f"{reverse('admin:closing_difference_changelist')}?{query}"


def summary(
    last: ControlRun | None, open_rows: dict[str, int], running: ControlRun | None
) -> dict[str, Any]:
    """Return the colour, a headline and a detail of the state of all controls."""
    failed = sum(1 for count in open_rows.values() if count)
    count = sum(open_rows.values())
    if running:
        colour = WARN
        headline = (
            _("The controls are running") if running.started_at else _("Waiting for a worker")
        )
        detail = _("%(done)s of %(all)s compared") % {
            "done": len(running.differences), "all": len(Control),
        }  # fmt: skip
    elif last is None:
        colour, headline = WARN, _("The controls have never run")
        detail = _("They run every morning at 10:30.")
    elif count:
        colour = BAD
        headline = ngettext("%(count)s difference", "%(count)s differences", count) % {
            "count": count
        }
        detail = _("%(failed)s of %(all)s controls · last run %(time)s") % {
            "failed": failed, "all": len(Control), "time": _time(last),
        }  # fmt: skip
    else:
        colour, headline = GOOD, _("Everything agrees")
        detail = _("%(all)s controls · last run %(time)s") % {
            "all": len(Control), "time": _time(last),
        }  # fmt: skip
    return {"colour": colour, "headline": headline, "detail": detail}


def _time(run: ControlRun) -> str:
    at: datetime | None = run.ended_at
    return format_moment(at) if at else ""


def _row(
    control: Control, last: ControlRun | None, running: ControlRun | None, count: int
) -> dict[str, Any]:
    row = {"name": control.value, "title": control.label, "day": last.day if last else ""}
    if running and control.value not in running.differences:
        return {**row, "text": _("waiting")}
    if running:
        count = running.differences[control.value]
    if count:
        text = ngettext("%(count)s difference", "%(count)s differences", count) % {"count": count}
        return {**row, "text": text, "url": differences_url(control.value)}
    if running or (last and control.value in last.differences):
        return {**row, "text": _("agrees"), "is_good": True}
    return {**row, "text": _("not run yet")}


office_page = office.register(
    office.OfficePage(
        NAME, "controls", gettext_lazy("Controls"), VIEW_PERMISSION, page, "fact_check"
    )
)
office.register(
    office.OfficePage(
        PROGRESS, "controls/progress", gettext_lazy("Controls"), VIEW_PERMISSION, progress
    )
)

"""The page of all message templates: what each kind says now, by which channels, how often."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _text
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from backoffice import office
from backoffice.office import OfficePage
from common import clock
from notices import scenes, texts
from notices.admin.counts import counts_by_kind
from notices.admin.words import WHEN
from notices.models import Notice, Wording
from notices.models import NoticeKind as Kind
from notices.samples import sample

VIEW = "notices.view_wording"
ALL, COUNTS, ONE, PREVIEW = (
    "message_templates", "message_counts", "message_template", "message_preview",
)  # fmt: skip


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    return office.render(
        request, "admin/notices/templates.html", title=office_page.title,
        rows=list(_rows()), counts_url=office.url(COUNTS),
        are_templates_set=any(map(scenes.template_of, scenes.SCENES)),
    )  # fmt: skip


@require_safe
def counts(request: HttpRequest) -> HttpResponse:
    """Return the rows with their counts, which the page loads afterwards."""
    found = counts_by_kind(at=clock.now())
    rows = [{**row, "counts": found.get(row["kind"])} for row in _rows()]
    return office.render(
        request, "admin/notices/templates_table.html", title="", rows=rows, are_counted=True
    )


def _rows() -> Iterator[dict[str, Any]]:
    in_force = {row.kind: row for row in Wording.objects.in_force().select_related("in_force_by")}
    at = clock.now()
    for kind in Kind:
        wording = in_force.get(kind)
        notice = sample(kind, wording, at=at)
        yield {
            "kind": str(kind),
            "title": kind.label,
            "when": WHEN[kind],
            "text": texts.body(notice),
            "wording": wording,
            "channels": channels_of(notice),
            "url": office.url(ONE, kind=kind),
            "log_url": log_url(kind),
        }


def channels_of(notice: Notice) -> str:
    """Return in words by which channels a kind goes out now."""
    wording = notice.wording
    if wording and wording.channels == Wording.Channels.NONE:
        return _text("not sent")
    if wording and wording.channels == Wording.Channels.APP:
        return _text("in the app")
    if scenes.template_of(notice.kind):
        return _text("in the app and by WeChat")
    if notice.kind in scenes.SCENES:
        return _text("in the app; no template of WeChat is set")
    return _text("in the app")


def log_url(kind: str) -> str:
    """Return the list of the notices of a kind."""
    return f"{reverse('admin:notices_notice_changelist')}?kind__exact={kind}"


office_page = office.register(
    OfficePage(ALL, "messages", _("Message templates"), VIEW, page, icon="sms")
)
office.register(
    OfficePage(COUNTS, "messages/counts", _("Message templates"), VIEW, counts, of=f"office:{ALL}")
)

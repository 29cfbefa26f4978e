"""What notices add to the page of a person: what they were informed of, and whether it arrived."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from backoffice.panels import BODY, Column, More, Panel, register
from backoffice.timeline import format_moment
from members.admin.person import PERSON
from members.models import Member
from notices import texts
from notices.admin.words import MESSAGE_COLOURS, badge, wechat_state
from notices.models import Notice

SHOWN = 10


def informed(_request: HttpRequest, member: Member) -> dict[str, Any]:
    """Return the context of the panel: the latest notices with their state."""
    rows = Notice.objects.visible_to(member).select_related("message", "wording").order_by("-pk")
    latest = list(rows[:SHOWN])
    changelist = reverse("admin:notices_notice_changelist")
    return {
        "empty": _("Was not informed of anything yet."),
        "table": {
            "columns": [
                Column(_("created at")), Column(_("text")), Column(_("in the app")),
                Column(_("by WeChat")),
            ],
            "rows": [_row(row) for row in latest],
        },
        "more": More(_("All notices of this person"), f"{changelist}?q={member.public_id}")
        if len(latest) == SHOWN
        else None,
    }  # fmt: skip


def _row(row: Notice) -> list[Any]:
    state, words = wechat_state(row)
    url = reverse("admin:notices_notice_change", args=[row.pk])
    return [
        format_html('<a href="{}">{}</a>', url, format_moment(row.created_at)),
        texts.body(row),
        _("read") if row.read_at else _("unread"),
        badge(MESSAGE_COLOURS.get(state, "info"), words),
    ]


register(
    Panel(
        "notices", _("notices"), PERSON, "notices.view_notice", BODY, informed, 170, lazy=True
    )
)  # fmt: skip

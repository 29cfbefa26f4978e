# mypy: allow-subclassing-any, allow-any-generics
"""The log: which notice went to whom, by which channel, and why one did not arrive."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _text
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.enums import ActionVariant

from backoffice.base import (
    NOTHING,
    ButtonsOnly,
    LargeTable,
    ReadOnlyAdmin,
    column,
    label_column,
    status_column,
)
from backoffice.dialogs import DialogForm, action_button
from backoffice.names import staff_name
from backoffice.panels import BODY, Line, Panel, PanelsMixin, buttons_of, register
from backoffice.search import Search
from members.models import Member, User
from members.search import search_members
from notices import services, texts
from notices.admin.words import MESSAGE_COLOURS, field_title, message_of, wechat_state
from notices.models import Message, Notice
from notices.scenes import fields_of

CHANNEL_COLOURS = {**MESSAGE_COLOURS, "none": "info"}


def persons(term: str) -> QuerySet[Member]:
    """Find members and those that were merged into them: a notice stays with its own."""
    found = search_members(term).order_by().values("pk")
    return Member.objects.filter(pk__in=found) | Member.objects.filter(merged_into__in=found)


@admin.register(Notice)
class NoticeAdmin(PanelsMixin, Search, LargeTable, ReadOnlyAdmin):
    list_display = ["created_at", "member", "kind_text", "text", "app_state", "wechat_badge"]
    columns = ["read_at", "public_id"]
    date_fields = ["created_at"]
    sort_fields = ["created_at"]
    list_display_links = ["created_at"]
    list_select_related = ["member", "message", "wording"]
    list_filter = [("kind", ChoicesDropdownFilter)]
    search_fields = ["public_id"]
    search_help_text = _("Nickname, phone number, or whole id of a member or notice")
    search_exact = ("public_id",)
    search_related: ClassVar = {"member": persons}
    fields = ["member", "kind_text", "title", "text", "public_id"]
    kind_text = label_column(_("kind"), "kind")

    def heading(self, row: Notice) -> str:
        return f"{texts.title(row)} · {row.member}"

    @column(_("title"))
    def title(self, row: Notice) -> str:
        return texts.title(row)

    @column(_("text"))
    def text(self, row: Notice) -> str:
        return texts.body(row)

    @column(_("in the app"), label={"read": "success", "unread": "info"})
    def app_state(self, row: Notice) -> tuple[str, str]:
        return ("read", _text("read")) if row.read_at else ("unread", _text("unread"))

    @column(_("by WeChat"), label=CHANNEL_COLOURS)
    def wechat_badge(self, row: Notice) -> tuple[str, str]:
        return wechat_state(row)


@admin.register(Message)
class MessageAdmin(ButtonsOnly, PanelsMixin, Search, LargeTable, ReadOnlyAdmin):
    list_display = [
        "created", "member", "kind_text", "status_badge", "failure_text", "attempts", "ended_at",
    ]  # fmt: skip
    columns = ["due_at", "resent_by", "resent_at", "template"]
    date_fields = ["ended_at"]
    chips = ["status"]
    sort_fields = ["ended_at"]
    list_display_links = ["created"]
    list_select_related = ["member", "notice", "resent_by"]
    list_filter = [("failure", ChoicesDropdownFilter)]
    search_fields = ["wechat_id"]
    search_help_text = _("Nickname, phone number, or whole id of a member, or WeChat's id")
    search_exact = ("wechat_id",)
    search_related: ClassVar = {"member": search_members}
    fields = [
        "member", "kind_text", "status_text", "failure_text", "attempts", "due_at", "ended_at",
        "resent_by", "resent_at", "template", "wechat_id",
    ]  # fmt: skip
    actions_detail = ["resend"]
    actions_row = ["resend"]
    button_statuses = {"resend": Message.RESENDABLE}
    status_text = label_column(_("status"), "status")
    status_badge = status_column(MESSAGE_COLOURS)

    def heading(self, row: Message) -> str:
        return f"{texts.title(row.notice)} · {row.member}"

    @column(_("created at"))
    def created(self, row: Message) -> datetime:
        return row.notice.created_at

    @column(_("kind"))
    def kind_text(self, row: Message) -> str:
        return row.notice.get_kind_display()

    @column(_("why not"))
    def failure_text(self, row: Message) -> str:
        return str(row.get_failure_display()) or NOTHING

    @action_button(
        _("Send again"),
        question=_(
            "It is sent once more and uses a consent of the member. A message that may have been"
            " sent is never sent again."
        ),
        done=_("It is queued. A worker sends it shortly."),
        form=DialogForm,
        icon="replay",
        variant=ActionVariant.PRIMARY,
    )
    def resend(self, row: Message, *, by: User, at: datetime) -> None:
        services.resend_message(message=row, by=by, at=at)


def delivery(request: HttpRequest, notice: Notice) -> dict[str, Any]:
    """Return the context of the panel: what happened to a notice, and what can be done."""
    message = message_of(notice)
    lines = [Line(notice.created_at, _text("Written; the member sees it in the app."))]
    if notice.read_at:
        lines.append(Line(notice.read_at, _text("The member has read it in the app.")))
    if message:
        lines += message_lines(message)
    may_open = message is not None and request.user.has_perm("notices.view_message")
    return {
        "facts": [
            (_("by WeChat"), wechat_state(notice)[1]),
            (_("message template"), _version(notice)),
            *([(_("tried by"), staff_name(notice.tester))] if notice.tester else []),
        ],
        "lines": sorted(lines, key=lambda line: line.at),
        "buttons": buttons_of(request, message, "resend") if may_open else [],
    }


def message_lines(message: Message) -> list[Line]:
    lines = []
    if message.resent_at:
        by = staff_name(message.resent_by)
        lines.append(Line(message.resent_at, _text("Queued again for WeChat."), by))
    if message.ended_at:
        why = f" {message.get_failure_display()}" if message.failure else ""
        text = _text("WeChat: %(status)s.") % {"status": message.get_status_display()}
        lines.append(Line(message.ended_at, f"{text}{why}"))
    return lines


def _version(notice: Notice) -> str:
    if notice.wording is None:
        return _text("shipped text")
    return _text("version %(number)s") % {"number": notice.wording.number}


def shown_by_wechat(_request: HttpRequest, notice: Notice) -> dict[str, Any] | None:
    """Return the context of the panel with the fields of the message; none without one."""
    if message_of(notice) is None:
        return None
    fields = [(field_title(name), value) for name, value in fields_of(notice).items()]
    return {"facts": fields, "empty": _("The template is not set any more.")}


def message_fields(request: HttpRequest, message: Message) -> dict[str, Any] | None:
    return shown_by_wechat(request, message.notice)


register(
    Panel(
        "delivery", _("what happened to it"), "notices.notice", "", BODY, delivery, 200,
        width="half",
    )
)  # fmt: skip
register(
    Panel(
        "wechat", _("what WeChat shows"), "notices.notice", "", BODY, shown_by_wechat, 210,
        width="half",
    )
)  # fmt: skip
register(Panel("wechat", _("what WeChat shows"), "notices.message", "", BODY, message_fields, 200))

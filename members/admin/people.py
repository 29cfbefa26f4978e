"""Members, their grades and their tags."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import (
    RelatedDropdownFilter,
)

from backoffice.base import LargeTable, ModelAdmin, ReadOnlyInline, column
from backoffice.dialogs import ReasonForm, action_button
from backoffice.pages import PagesMixin
from backoffice.search import Search
from common.clock import business_day
from members.accounts import lock_member, unlock_member
from members.models import Identity, Member, MemberGrade, Tag, User
from members.search import search_members


@admin.register(MemberGrade)
class MemberGradeAdmin(ModelAdmin):
    list_display = ["rank", "name"]
    list_display_links = ["name"]


@admin.register(Tag)
class TagAdmin(ModelAdmin):
    list_display = ["name"]
    search_fields = ["name"]


class IdentityInline(ReadOnlyInline):
    model = Identity
    fk_name = "member"
    fields = ["provider", "external_id", "moved_from"]
    hide_title = True


@admin.register(Member)
class MemberAdmin(Search, PagesMixin, LargeTable, ModelAdmin):
    """Staff set only the grade and the tags of a member, and never add or delete members."""

    list_display = ["nickname_or_id", "public_id", "region", "grade", "tag_names", "joined_at"]
    date_fields = ["joined_at"]
    sort_fields = ["joined_at"]
    list_display_links = ["nickname_or_id"]
    list_select_related = ["grade"]
    list_filter = [("grade", RelatedDropdownFilter), ("tags", RelatedDropdownFilter)]
    search_fields = ["nickname"]
    search_help_text = _("Nickname, member id or external id")
    search_related: ClassVar = {"pk": search_members}
    fields = ["public_id", "nickname", "region", "joined_at", "account", "merges", "grade", "tags"]
    readonly_fields = ["public_id", "nickname", "region", "joined_at", "account", "merges"]
    actions_detail = ["lock", "unlock"]
    autocomplete_fields = ["tags"]
    inlines = [IdentityInline]

    def has_add_permission(self, *args: Any) -> bool:
        return False

    def has_delete_permission(self, *args: Any) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Member]:
        members: QuerySet[Member] = super().get_queryset(request)
        return members.prefetch_related("tags")

    def links(self, request: HttpRequest, row: Any = None) -> list[dict[str, Any]]:
        # The verb is on a floor above, and so is its page.
        links = super().links(request, row)
        if row and row.merged_into_id is None and request.user.has_perm("members.propose_merge"):
            page = reverse("admin:members_membermerge_propose")
            links.append({
                "title": _("Merge with another member"), "variant": "default", "posts": False,
                "url": f"{page}?{urlencode({'merged': row.public_id})}",
            })  # fmt: skip
        return links

    def has_lock_permission(self, request: HttpRequest, *_row: Any) -> bool:
        return bool(request.user.has_perm("members.lock_member"))

    def hidden_buttons(self, row: Member, by: Any) -> Collection[str]:
        if row.closed_at:
            return ["lock", "unlock"]
        return ["lock"] if row.locked_at else ["unlock"]

    @action_button(
        _("Lock out"),
        question=_("The member is signed out and cannot sign in. Orders and money do not change."),
        done=_("The member is locked out."),
        permission="lock",
        form=ReasonForm,
        icon="lock",
    )
    def lock(self, row: Member, *, by: User, at: datetime, reason: str) -> None:
        lock_member(member=row, by=by, reason=reason, at=at)

    @action_button(
        _("Let in again"),
        question=_("The member can sign in again."),
        done=_("The member can sign in again."),
        permission="lock",
        icon="lock_open",
    )
    def unlock(self, row: Member, *, by: User, at: datetime) -> None:
        unlock_member(member=row, by=by, at=at)

    @column(_("account"))
    def account(self, member: Member) -> str:
        if member.closed_at:
            return _("closed on %(day)s") % {"day": day(member.closed_at)}
        if member.locked_at:
            texts = {"day": day(member.locked_at), "reason": member.lock_reason}
            return _("locked on %(day)s: %(reason)s") % texts
        return str(_("can sign in"))

    @column(_("merges"))
    def merges(self, member: Member) -> str:
        """Where the member went, or who came here."""
        if member.merged_into_id:
            return _member_links([member.merged_into], _("merged into"))
        return _member_links(member.merged.order_by("pk"), _("came here:"))

    @column(_("member"))
    def nickname_or_id(self, member: Member) -> str:
        return str(member)

    @column(_("region"))
    def region(self, member: Member) -> str:
        return f"{member.province} {member.city}".strip() or "–"

    @column(_("tags"))
    def tag_names(self, member: Member) -> str:
        return "、".join(tag.name for tag in member.tags.all()) or "–"


def day(at: datetime) -> str:
    return business_day(at).isoformat()


def _member_links(members: Iterable[Any], label: Any) -> str:
    rows = [
        (reverse("admin:members_member_change", args=[member.pk]), str(member), member.public_id)
        for member in members
    ]
    if not rows:
        return "–"
    links = format_html_join(", ", '<a class="underline" href="{}">{} ({})</a>', rows)
    return format_html("{} {}", label, links)

"""Members, their grades and their tags."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import (
    RelatedDropdownFilter,
)
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from backoffice.base import LargeTable, ModelAdmin, ReadOnlyInline, column
from backoffice.dialogs import ReasonForm, action_button
from backoffice.fields import text_field
from backoffice.import_pages import links_of
from backoffice.pages import Page, PagesMixin
from backoffice.panels import PanelsMixin
from backoffice.search import Search
from members.accounts import lock_member, unlock_member
from members.contacts import PERMISSION, unmask_phone
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


class UnmaskForm(forms.Form):
    reason = text_field(_("reason"))


class IdentityInline(ReadOnlyInline):
    model = Identity
    fk_name = "member"
    fields = ["provider", "external_id", "moved_from"]
    hide_title = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[Identity]:
        rows: QuerySet[Identity] = super().get_queryset(request)
        return rows.select_related("moved_from")


@admin.register(Member)
class MemberAdmin(PanelsMixin, Search, PagesMixin, LargeTable, ModelAdmin):
    """The page of a person. Staff set only the grade and the tags, and never add or delete."""

    list_display = ["nickname_or_id", "public_id", "region", "grade", "tag_names", "joined_at"]
    date_fields = ["joined_at"]
    sort_fields = ["joined_at"]
    list_display_links = ["nickname_or_id"]
    list_select_related = ["grade", "merged_into"]
    list_filter = [("grade", RelatedDropdownFilter), ("tags", RelatedDropdownFilter)]
    search_fields = ["nickname"]
    search_help_text = _("Nickname, whole phone number, member id or external id")
    search_related: ClassVar = {"pk": search_members}
    fieldsets = [(_("Grade and tags"), {"fields": ["grade", "tags"]})]
    change_form_before_template: Any = None  # the panels have the links
    actions_detail = ["lock", "unlock"]
    inlines = [IdentityInline]

    def has_add_permission(self, *args: Any) -> bool:
        return False

    def has_delete_permission(self, *args: Any) -> bool:
        return False

    def formfield_for_manytomany(self, db_field: Any, request: Any, **options: Any) -> Any:
        options["widget"] = UnfoldAdminCheckboxSelectMultipleWidget
        return super().formfield_for_manytomany(db_field, request, **options)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Member]:
        members: QuerySet[Member] = super().get_queryset(request)
        return members.prefetch_related("tags")

    def links(self, request: HttpRequest, row: Any = None) -> list[dict[str, Any]]:
        links = super().links(request, row)
        return links if row else [*links, *links_of(request, "members.member")]

    def is_page_offered(self, page: Page, row: Member, by: Any) -> bool:
        return page.name != "unmask_phone" or bool(row.phone_encrypted)

    def do_unmask_phone(
        self, row: Member, *, request: HttpRequest, reason: str, by: User, at: datetime
    ) -> HttpResponse:
        """Return the number in the response to the POST; it is not stored or linked."""
        number = unmask_phone(member=row, reason=reason, by=by, at=at)
        return self.show_page(
            request, title=_("Phone number"), intro=str(row), back=self.url("change", row.pk),
            values=[(_("phone number"), number)],
        )  # fmt: skip

    pages = (
        Page(
            "unmask_phone", _("Show the phone number"), PERMISSION, UnmaskForm,
            run=do_unmask_phone, of_row=True, needs_request=True,
            intro=_("Your name and the reason are recorded."),
        ),
    )  # fmt: skip

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

    @column(_("member"))
    def nickname_or_id(self, member: Member) -> str:
        return str(member)

    @column(_("region"))
    def region(self, member: Member) -> str:
        return f"{member.province} {member.city}".strip() or "–"

    @column(_("tags"))
    def tag_names(self, member: Member) -> str:
        return "、".join(tag.name for tag in member.tags.all()) or "–"

# mypy: allow-subclassing-any, allow-any-generics
"""Accounts of staff and their groups."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as BaseUserAdmin
from django.contrib.auth.forms import UserChangeForm
from django.contrib.auth.models import Group, Permission
from django.core.validators import MaxLengthValidator
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_otp.plugins.otp_static import admin as otp_static
from django_otp.plugins.otp_totp import admin as otp_totp
from django_otp.plugins.otp_totp.models import TOTPDevice
from unfold.contrib.filters.admin import (
    BooleanRadioFilter,
    RelatedDropdownFilter,
)
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from backoffice.base import ModelAdmin, column
from backoffice.fields import text_field
from backoffice.pages import Page, PagesMixin
from backoffice.panels import PanelsMixin
from common import clock
from common.errors import TwotierError
from members.models import Member, User
from members.rights import change_rights, has_rights_beyond
from members.search import MemberField
from members.sign_in.forms import site_of
from members.sign_in.passwords import send_password_link
from members.sign_in.second_factor import has_second_factor, remove_second_factor
from members.staff import add_staff, change_email
from members.staff_links import propose_staff_link

ACTIONS = {"view": _("view"), "add": _("add"), "change": _("change"), "delete": _("delete")}


class PermissionsField(forms.ModelMultipleChoiceField):
    """Shows the names of permissions in the user's language; the database has them in English."""

    def label_from_instance(self, obj: Permission) -> str:
        action = obj.codename.split("_")[0]
        what = obj.content_type.name
        return f"{what} · {ACTIONS[action] if action in ACTIONS else _own_name(obj)}"


def _own_name(permission: Permission) -> str:
    model = permission.content_type.model_class()
    names = dict(model._meta.permissions) if model else {}
    return str(names.get(permission.codename, permission.name))


class GroupsField(forms.ModelMultipleChoiceField):
    """Shows the names of the roles in the user's language."""

    def label_from_instance(self, obj: Group) -> str:
        return gettext(obj.name)


class PermissionsFieldMixin:
    """Offers only permissions of models that have a page."""

    admin_site: admin.AdminSite

    def formfield_for_manytomany(self, db_field: Any, request: Any = None, **options: Any) -> Any:
        if db_field.related_model is Permission:
            pages = Q()
            for model in self.admin_site._registry:
                pages |= Q(
                    content_type__app_label=model._meta.app_label,
                    content_type__model=model._meta.model_name,
                )
            options |= {
                "form_class": PermissionsField,
                "queryset": Permission.objects.filter(pages).select_related("content_type"),
            }
        if db_field.related_model is Group:
            options |= {
                "form_class": GroupsField,
                "queryset": Group.objects.order_by("name"),
                "widget": UnfoldAdminCheckboxSelectMultipleWidget,
            }
        return super().formfield_for_manytomany(db_field, request, **options)  # type: ignore[misc]


def chosen(current: Any, form: Any, field: str) -> QuerySet[Permission]:
    """Return the permissions of a form, with those that it does not offer as they are.

    :param current: the relation with the permissions before
    """
    offered = form.fields[field].queryset.values("pk")
    kept = current.exclude(pk__in=offered).values("pk")
    picked = [permission.pk for permission in form.cleaned_data[field]]
    return Permission.objects.filter(Q(pk__in=picked) | Q(pk__in=kept))


RIGHTS = ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")


class YesNoFilter(BooleanRadioFilter):
    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User] | None:
        # Without this, unfold takes "all" for a value, fails and drops the other filters too.
        return super().queryset(request, queryset) if self.value() else queryset


class SavedByVerbs:
    """Leaves the relations that a form edits to the verbs that ``save_model`` calls."""

    def save_related(self, *_args: Any) -> None:
        pass


class StaffForm(UserChangeForm):
    password = None  # type: ignore[assignment]  # Django's way to leave out a declared field


class NewStaffForm(forms.ModelForm):
    """A new account has no password until its owner sets one through the link."""

    class Meta:
        model = User
        fields = ["username", "last_name", "first_name", "email", "is_staff"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].required = True
        # Events name their subject in a column of this length.
        self.fields["username"].validators.append(MaxLengthValidator(80))


class StaffLinkForm(forms.Form):
    member = MemberField()
    reason = text_field(_("reason"))


class LostDeviceForm(forms.Form):
    reason = text_field(_("reason"))


@admin.register(User)
class UserAdmin(  # type: ignore[misc]  # unfold types get_inlines otherwise
    SavedByVerbs, PanelsMixin, PagesMixin, PermissionsFieldMixin, BaseUserAdmin, ModelAdmin
):
    """Accounts of staff. They are deactivated and never deleted, because events name them."""

    form = StaffForm
    add_form = NewStaffForm
    list_display = [
        "username", "full_name", "roles", "is_active", "second_factor", "last_login",
    ]  # fmt: skip
    list_filter = [
        ("is_staff", YesNoFilter),
        ("is_active", YesNoFilter),
        ("groups", RelatedDropdownFilter),
    ]
    search_fields = ["username", "first_name", "last_name"]
    filter_horizontal = ["user_permissions"]
    fieldsets = [
        (None, {"fields": ["username"]}),
        (_("Person"), {"fields": ["last_name", "first_name", "email", "member"]}),
        (_("Rights"), {"fields": ["is_active", "is_staff", "groups"]}),
        (_("Rights beside the roles"), {"fields": ["is_superuser", "user_permissions"]}),
        (_("Dates"), {"fields": ["last_login", "date_joined", "may_review_from"]}),
    ]
    add_fieldsets = [
        (None, {"fields": ["username", "last_name", "first_name", "email", "is_staff"]})
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        devices = TOTPDevice.objects.filter(user=OuterRef("pk"), confirmed=True)
        rows: QuerySet[User] = super().get_queryset(request)
        return rows.prefetch_related("groups").annotate(has_device=Exists(devices))

    def get_urls(self) -> list[Any]:
        # Nobody sets the password of another person.
        return [url for url in super().get_urls() if url.name != "auth_user_password_change"]

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: Any) -> None:
        by: Any = request.user
        at, given = clock.now(), form.cleaned_data
        if change:
            rights = {name: given[name] for name in RIGHTS if name in given}
            if "user_permissions" in rights:
                rights["user_permissions"] = chosen(obj.user_permissions, form, "user_permissions")
            obj.save(update_fields=["last_name", "first_name"])
            change_rights(user=obj, by=by, at=at, **rights)
            change_email(user=obj, email=given["email"], by=by, at=at)
            return
        add_staff(user=obj, by=by, at=at)
        try:
            self.do_send_link(obj, request=request, by=by, at=at)
        except TwotierError as error:
            messages.warning(request, str(error))

    def do_send_link(self, user: User, *, request: HttpRequest, by: User, at: datetime) -> str:
        send_password_link(user=user, site=site_of(request), by=by, at=at)
        return _("The link to set a password was sent to %(email)s.") % {"email": user.email}

    def is_page_offered(self, page: Page, row: Any, by: Any) -> bool:
        if page.name == "propose_link":
            return bool(by.is_superuser and row.member_id is None)
        if page.name == "remove_second_factor":
            return bool(by.is_superuser and by.pk != row.pk and has_second_factor(row))
        return not has_rights_beyond(row, by)

    def do_propose_link(
        self, user: User, *, member: Member, reason: str, by: User, at: datetime
    ) -> str:
        propose_staff_link(user=user, member=member, reason=reason, by=by, at=at)
        return str(_("Another superuser decides under “Links of staff”."))

    def do_remove_second_factor(self, user: User, *, reason: str, by: User, at: datetime) -> str:
        remove_second_factor(user=user, by=by, at=at, reason=reason)
        return str(
            _("The second factor was removed. The user sets up a new one at the next sign-in.")
        )

    pages = (
        Page(
            "password_link", _("Send a password link"), "members.change_user", None,
            run=do_send_link, of_row=True, needs_request=True,
        ),
        Page(
            "remove_second_factor", _("Remove the lost second factor"), "members.change_user",
            LostDeviceForm, run=do_remove_second_factor, of_row=True,
            intro=_(
                "Be sure that it is this person who asks: see them or call them back. Their phone"
                " and recovery codes stop working at once, they set up another phone at the next"
                " page, and they review and sign nothing for 24 hours."
            ),
        ),
        Page(
            "propose_link", _("Propose a link to a member"), "members.change_user",
            StaffLinkForm, run=do_propose_link, of_row=True,
            intro=_(
                "Which member is this staff user? Another superuser has to agree. A link never"
                " changes, and the user reviews nothing for 24 hours after it."
            ),
        ),
    )  # fmt: skip

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        fixed = ["last_login", "date_joined", "may_review_from", "member"]
        if obj:
            fixed.append("username")
        if not request.user.is_superuser:
            fixed += ["is_superuser", "groups", "user_permissions"]
        return fixed

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        if isinstance(obj, User) and has_rights_beyond(obj, request.user):  # type: ignore[arg-type]
            return False
        return bool(super().has_change_permission(request, obj))

    def has_delete_permission(self, *args: Any) -> bool:
        return False

    @column(_("full name"))
    def full_name(self, user: User) -> str:
        return user.get_full_name() or "–"

    @column(_("roles"))
    def roles(self, user: User) -> str:
        if user.is_superuser:
            return gettext("superuser")
        return ", ".join(gettext(group.name) for group in user.groups.all()) or "–"

    @column(_("second factor"), label={"yes": "success", "no": "warning"})
    def second_factor(self, user: Any) -> tuple[str, str]:
        return ("yes", gettext("set up")) if user.has_device else ("no", gettext("not set up"))


# Their pages would show the secrets.
admin.site.unregister([otp_static.StaticDevice, otp_totp.TOTPDevice])

# mypy: allow-subclassing-any, allow-any-generics
"""Versions of incentives: drafted on one page, handed over, and published by another person."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from backoffice.base import NOTHING, ModelAdmin, column, status_column
from backoffice.names import staff_name
from common import clock
from incentives.admin import version_routes, version_state
from incentives.admin.reward_form import RewardForm, RewardsFormSet
from incentives.admin.version_form import VersionForm
from incentives.models import Reward, Version
from incentives.services.drafts import discard, edit
from incentives.terms import VERSION_FIELDS
from members.models import User

HAND_OVER = "_hand_over"
COLOURS = {"published": "success", "submitted": "warning", "draft": "info"}
FIELDSETS = [
    (None, {"fields": [("name",), ("terms",)]}),
    (_("What is counted"), {
        "fields": [
            ("metric", "period"), ("starts_at", "ends_at"), ("products", "categories"),
            ("channels",), ("min_amount", "friend_days"),
        ],
    }),
    (_("For whom"), {"fields": [("audience",), ("levels",), ("segments",)]}),
    (_("How it is given"), {"fields": [("reach", "ties"), ("sums_steps",)]}),
    (_("Limits"), {
        "fields": [
            ("budget_amount", "budget_awards"), ("most_per_member", "confirm_above"),
            ("close_days",), ("takes_back_after_close",),
        ],
    }),
]  # fmt: skip


class RewardInline(TabularInline):
    """The rewards of a draft. Its script hides what a kind does not need and adds rows."""

    model = Reward
    form = RewardForm
    formset = RewardsFormSet
    # Others are computed by the form.
    fields: ClassVar = RewardForm.Meta.fields
    template = "admin/incentives/rewards_table.html"
    extra = 0
    ordering: ClassVar = ["pk"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Reward]:
        rows: QuerySet[Reward] = super().get_queryset(request)
        return rows.select_related("coupon", "gift__product", "level")

    def can_edit(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.has_perm(version_state.EDIT))

    has_view_permission = has_add_permission = can_edit
    has_change_permission = has_delete_permission = can_edit


@admin.register(Version)
class VersionAdmin(ModelAdmin):
    form = VersionForm
    list_display = ["title", "status_badge", "sentence_of_metric", "starts_at", "ends_at",
                    "published_by_name"]  # fmt: skip
    date_fields = ["starts_at"]
    chips = ["status"]
    list_select_related = ["incentive", "published_by"]
    list_filter = [("status", ChoicesDropdownFilter), ("metric", ChoicesDropdownFilter)]
    search_fields = ["name"]
    search_help_text = _("Words of the name")
    sortable_by = ()
    change_form_outer_before_template = "admin/incentives/version_state.html"
    inlines = [RewardInline]
    status_badge = status_column(COLOURS)
    empty_text = _("There is no incentive yet. Start with a template.")

    class Media:
        css: ClassVar = {"all": ["twotier/admin/plans.css", "twotier/admin/incentives.css"]}
        js: ClassVar = [forms.Script("twotier/admin/incentives.js", type="module")]

    def get_urls(self) -> list[Any]:
        return [*version_routes.routes(self), *super().get_urls()]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # drafts come from templates and from versions

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _is_editable(obj) and bool(super().has_change_permission(request, obj))

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # Also of versions that are no drafts any more, for people who may only draft or publish.
        return any(map(request.user.has_perm, (*version_state.TRY, "incentives.view_version")))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _is_editable(obj) and bool(super().has_delete_permission(request, obj))

    def get_fieldsets(self, request: HttpRequest, obj: Version | None = None) -> Any:
        if obj is not None and not self.has_change_permission(request, obj):
            return [(None, {"fields": ["edited_by", "public_id"]})]
        return FIELDSETS

    def get_readonly_fields(self, request: HttpRequest, obj: Version | None = None) -> Any:
        return ["edited_by", "public_id"]

    def get_inlines(self, request: HttpRequest, obj: Version | None) -> list[Any]:
        return [RewardInline] if self.has_change_permission(request, obj) else []

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        version = self.get_object(request, unquote(object_id)) if object_id else None
        context: dict[str, Any] = {"show_save_and_add_another": False}
        if version and request.method == "GET":
            context |= version_state.context(request, version)
        context |= {
            "check_url": self.url("check", object_id) if version else "",
            "may_hand_over": request.user.has_perm(version_state.EDIT),
            "is_draft": version is not None and version.status == Version.Status.DRAFT,
        }
        return super().changeform_view(
            request, object_id, form_url, {**(extra_context or {}), **context}
        )

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        """Leave it to ``save_related``: terms and rewards are one call."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: Any) -> None:
        version = Version.objects.get(pk=form.instance.pk)
        rewards = formsets[0].rewards() if formsets else list(version.rewards.all())
        edit(
            version=version,
            by=_current_user(request),
            at=clock.now(),
            rewards=rewards,
            **{name: form.cleaned_data[name] for name in VERSION_FIELDS},
        )
        for formset in formsets:  # what the log of the admin reads
            formset.new_objects = formset.changed_objects = formset.deleted_objects = []

    def response_change(self, request: HttpRequest, obj: Any) -> Any:
        if HAND_OVER in request.POST:
            return HttpResponseRedirect(self.url("submit", obj.pk))
        # There is more to do with a draft than to look at the list.
        self.message_user(request, _("“%(name)s” is saved.") % {"name": obj.name})
        return HttpResponseRedirect(self.url("change", obj.pk))

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        discard(version=obj, by=_current_user(request), at=clock.now())

    def response_delete(self, request: HttpRequest, obj_display: str, obj_id: int) -> Any:
        self.message_user(request, _("The draft “%(name)s” is discarded.") % {"name": obj_display})
        return HttpResponseRedirect(version_routes.list_url())

    def heading(self, row: Any) -> str:
        return str(row)

    @column(_("incentive"))
    def title(self, version: Version) -> str:
        return str(version)

    @column(_("counted"))
    def sentence_of_metric(self, version: Version) -> str:
        return f"{version.get_metric_display()} · {version.get_period_display()}"

    @column(_("published by"))
    def published_by_name(self, version: Version) -> str:
        return staff_name(version.published_by) if version.published_by else NOTHING

    @column(_("edited by"))
    def edited_by(self, version: Version) -> str:
        people = User.objects.filter(pk__in=version.editors).order_by("pk")
        return "、".join(map(staff_name, people)) or NOTHING


def _current_user(request: HttpRequest) -> User:
    assert isinstance(request.user, User), "the admin lets nobody else in"
    return request.user


def _is_editable(version: Any) -> bool:
    """Whether it is a draft. Unfold passes an id; then the service decides."""
    return not isinstance(version, Version) or version.status == Version.Status.DRAFT

# mypy: allow-subclassing-any, allow-any-generics
"""Official materials: upload, preview, publish, and how often they are used."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any, cast

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Count, QuerySet, Sum
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.template.defaultfilters import filesizeformat
from django.urls import path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as translate
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter
from unfold.enums import ActionVariant
from unfold.widgets import UnfoldAdminFileFieldWidget

from backoffice.base import NOTHING, ModelAdmin, column, label_column, value_column
from backoffice.dialogs import ReasonForm, action_button
from backoffice.pages import Page, PagesMixin
from common import clock
from materials import services
from materials.admin.publishing import STATE, PublishedAdmin
from materials.models import Campaign, Material, MaterialDay, MaterialFile
from materials.queries import STORED
from materials.web import serve
from members.models import User

CHANGE, VIEW = "materials.change_material", "materials.view_material"
LIST_HEIGHT, PAGE_HEIGHT = 48, 120  # pixels
PERIODS = (7, 30)  # days
Variant = MaterialFile.Variant


class SeveralFiles(UnfoldAdminFileFieldWidget):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One file or more."""

    widget = SeveralFiles

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        return [super(FilesField, self).clean(file, initial) for file in data or [None]]


class FilesForm(forms.Form):
    chosen = FilesField(
        label=_("files"),
        help_text=_(
            "JPEG, PNG or WebP with a longer edge of at least 1080 pixels, or an MP4; together at"
            " most 20 MiB."
        ),
    )


class FileInline(TabularInline):
    """The files of a material in their order; new ones are uploaded on a page of their own."""

    model = MaterialFile
    extra = 0
    hide_title = True
    show_change_link = False
    fields = ["preview", "kind_text", "position", "measures"]
    readonly_fields = ["preview", "kind_text", "measures"]
    kind_text = label_column(_("kind"), "kind")

    def get_queryset(self, request: HttpRequest) -> QuerySet[MaterialFile]:
        rows: QuerySet[MaterialFile] = super().get_queryset(request)
        return rows.filter(status=MaterialFile.Status.STORED)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.has_perm(VIEW) or request.user.has_perm(CHANGE))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        is_open = obj is None or not obj.is_published
        return is_open and bool(request.user.has_perm(CHANGE))

    has_delete_permission = has_change_permission

    @column(_("preview"))
    def preview(self, file: MaterialFile) -> str:
        return thumbnails([file], height=PAGE_HEIGHT)

    @column(_("size"))
    def measures(self, file: MaterialFile) -> str:
        size = filesizeformat(file.size)
        return f"{file.width} × {file.height}, {size}" if file.is_picture else size


@admin.register(Material)
class MaterialAdmin(PagesMixin, PublishedAdmin):
    list_display = [
        "preview", "title", "kind", "product", "campaign", "audience_text", "status_badge",
        "copied", "downloaded", "published_at",
    ]  # fmt: skip
    date_fields = ["published_at"]
    chips = ["status", "kind"]
    list_display_links = ["title"]
    list_select_related = ["product", "campaign"]
    list_filter = [
        ("status", ChoicesDropdownFilter), ("kind", ChoicesDropdownFilter),
        ("audience", ChoicesDropdownFilter), ("campaign", RelatedDropdownFilter),
    ]  # fmt: skip
    search_fields = ["title", "product__name"]
    sortable_by = ()
    autocomplete_fields = ["product"]
    fields = [
        "kind", "title", "text", "product", "campaign", "audience", "lowest_level", *STATE,
        "usage", "public_id",
    ]  # fmt: skip
    readonly_fields = [*STATE, "usage", "public_id"]
    inlines = [FileInline]
    copied = value_column(_("copied"), "copies")
    downloaded = value_column(_("downloaded"), "downloads")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Material]:
        rows: Any = super().get_queryset(request)
        with_figures: QuerySet[Material] = rows.with_figures().prefetch_related(STORED)
        return with_figures

    def get_readonly_fields(self, request: HttpRequest, obj: Material | None = None) -> list[str]:
        return [*self.readonly_fields, *(["kind"] if obj else [])]

    def get_inlines(self, request: HttpRequest, obj: Material | None) -> list[Any]:
        has_files = obj is not None and obj.kind != Material.Kind.COPY
        return super().get_inlines(request, obj) if has_files else []

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: Any) -> None:
        formset.save(commit=False)
        by, at = cast("User", request.user), clock.now()
        for file in formset.deleted_objects:
            services.remove_file(file=file, by=by, at=at)
        for file, _changed in formset.changed_objects:
            file.save(update_fields=["position"])

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.show_file)
        return [
            path("files/<str:public_id>/<str:name>", view, name="materials_file"),
            *super().get_urls(),
        ]

    def show_file(self, request: HttpRequest, public_id: str, name: str) -> HttpResponseBase:
        """Show a file to staff, also of a draft."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        stored = MaterialFile.objects.filter(status=MaterialFile.Status.STORED)
        response = serve(request, get_object_or_404(stored, public_id=public_id), name)
        response["Cache-Control"] = "private, no-store"
        return response

    @column(_("preview"))
    def preview(self, row: Any) -> str:
        return thumbnails(row.stored_files[:1], height=LIST_HEIGHT) or NOTHING

    @column(_("usage"))
    def usage(self, row: Material) -> str:
        return format_html_join("", "{}<br>", ((line,) for line in _usage(row, clock.now())))

    def is_page_offered(self, page: Page, row: Any, by: Any) -> bool:
        return row.kind != Material.Kind.COPY and not row.is_published

    def upload(self, row: Material, *, chosen: list[UploadedFile], by: User, at: datetime) -> str:
        raws = [file.read() for file in chosen]
        stored = services.add_files(material=row, raws=raws, by=by, at=at)
        return translate("%(count)s files were added.") % {"count": len(stored)}

    pages = (Page("upload", _("Upload files"), CHANGE, FilesForm, run=upload, of_row=True),)

    @action_button(
        _("Publish"),
        question=_("Those whom it is for see it at once. To change it, withdraw it first."),
        done=_("The material is published."),
        permission="publish",
        icon="publish",
        variant=ActionVariant.PRIMARY,
    )
    def publish(self, row: Material, *, by: User, at: datetime) -> None:
        services.publish_material(material=row, by=by, at=at)

    @action_button(
        _("Withdraw"),
        question=_("Members no longer see it, and its files are no longer shown."),
        done=_("The material is withdrawn."),
        permission="publish",
        form=ReasonForm,
        icon="visibility_off",
    )
    def withdraw(self, row: Material, *, reason: str, by: User, at: datetime) -> None:
        services.withdraw_material(material=row, reason=reason, by=by, at=at)


@admin.register(Campaign)
class CampaignAdmin(ModelAdmin):
    list_display = ["name", "starts_at", "ends_at", "material_count"]
    search_fields = ["name"]
    fields = ["name", "description", "starts_at", "ends_at"]
    material_count = value_column(_("materials"), "number")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Campaign]:
        rows: QuerySet[Campaign] = super().get_queryset(request)
        return rows.annotate(number=Count("materials"))


def thumbnails(files: Iterable[MaterialFile], *, height: int) -> str:
    """Return small pictures that link to the large ones, and links to videos."""
    return format_html_join(" ", "{}", ((_thumbnail(file, height),) for file in files))


def _thumbnail(file: MaterialFile, height: int) -> str:
    if not file.is_picture:
        return format_html(
            '<a href="{}" target="_blank" rel="noopener">▶ {}</a>',
            _address(file, "full.mp4"), file.get_kind_display(),
        )  # fmt: skip
    return format_html(
        '<a href="{}" target="_blank" rel="noopener" class="inline-block">'
        '<img src="{}" alt="{}" height="{}" style="height:{}px" loading="lazy"></a>',
        _address(file, "full.jpg"), _address(file, "preview.jpg"), file, height, height,
    )  # fmt: skip


def _address(file: MaterialFile, name: str) -> str:
    return reverse("admin:materials_file", args=[file.public_id, name])


def _usage(material: Material, at: datetime) -> Iterator[str]:
    days, today = MaterialDay.objects.filter(material=material), clock.business_day(at)
    for period in PERIODS:
        sums = _sums(days.filter(day__gt=today - timedelta(days=period)))
        yield translate("%(days)s days: copied %(copies)s, downloaded %(downloads)s times") % {
            "days": period, **sums,
        }  # fmt: skip
    yield translate("Altogether: copied %(copies)s, downloaded %(downloads)s times") % _sums(days)


def _sums(days: QuerySet[MaterialDay]) -> dict[str, int]:
    sums = days.aggregate(copies=Sum("copies"), downloads=Sum("downloads"))
    return {name: total or 0 for name, total in sums.items()}

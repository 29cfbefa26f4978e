# mypy: allow-any-generics
"""Pictures of products: those that the mall lists, uploads of the staff, and failures."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.widgets import UnfoldAdminFileFieldWidget

from backoffice import menu
from backoffice.base import NOTHING, LargeTable, ReadOnlyAdmin, column, status_column
from backoffice.dialogs import action_button
from backoffice.search import Search
from catalog.models import ProductPicture
from catalog.picture_lists import remove_picture, show_first
from catalog.pictures import MAX_BYTES
from common.errors import REGISTRY
from common.fetch import Refusal
from common.media import local_url
from members.models import User
from members.pictures import PictureTooLarge

EDGE = 64  # pixels in a list
LARGE_EDGE = 320
MIB = 2**20


class PicturesWidget(UnfoldAdminFileFieldWidget):  # type: ignore[misc]  # unfold has no types
    allow_multiple_selected = True


class PicturesField(forms.FileField):
    """Several files at once; their contents are checked by the service."""

    widget = PicturesWidget(attrs={"accept": "image/jpeg,image/png,image/webp"})

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        files = data or [None]
        cleaned = [super(PicturesField, self).clean(file, initial) for file in files]
        if any(file.size > MAX_BYTES for file in cleaned):
            raise ValidationError(
                _("A picture may have at most %(limit)s MiB."),
                params={"limit": MAX_BYTES // MIB},
                code="too_large",
            )
        return cleaned


class PicturesForm(forms.Form):
    pictures = PicturesField(
        label=_("pictures"), help_text=_("JPEG, PNG or WebP. Several can be chosen at once.")
    )


def thumbnail(path: str, *, of: object, edge: int = EDGE) -> SafeString | str:
    """Return a small picture of a stored path, a dash without one.

    :param of: what it shows, for those who cannot see it
    """
    if not path:
        return NOTHING
    return format_html(
        '<img src="{}" alt="{}" width="{}" height="{}" loading="lazy" class="rounded">',
        local_url(path), of, edge, edge,
    )  # fmt: skip


def reason_text(row: ProductPicture) -> str:
    """Return in words why a picture was not fetched."""
    if row.reason in Refusal.values:
        return str(Refusal(row.reason).label)
    if row.reason == PictureTooLarge.code:
        return str(_("The picture has too many pixels."))
    return str(REGISTRY[row.reason].message) if row.reason else NOTHING


@admin.register(ProductPicture)
class ProductPictureAdmin(Search, LargeTable, ReadOnlyAdmin):
    list_display = ["preview", "product", "position", "status_badge", "reason_text", "source_url"]
    date_fields = ["stored_at"]
    chips = ["status"]
    list_display_links = ["preview", "product"]
    list_select_related = ["product"]
    list_filter = [("status", ChoicesDropdownFilter)]
    search_fields = ["product__name"]
    search_help_text = _("Words of the product's name")
    fields = [
        "large", "product", "position", "status", "reason_text", "source_url", "attempts",
        "due_at", "failed_at", "stored_at", "removed_at", "width", "height", "public_id",
    ]  # fmt: skip
    readonly_fields = ["large", "reason_text"]
    actions_detail = ["show_first", "remove"]
    button_statuses: ClassVar = {
        "show_first": [ProductPicture.Status.STORED],
        "remove": [ProductPicture.Status.STORED],
    }
    status_badge = status_column({"stored": "success", "failed": "danger", "waiting": "info"})

    def has_decide_permission(self, request: HttpRequest, *_row: Any) -> bool:
        return request.user.has_perm("catalog.change_productpicture")

    def hidden_buttons(self, row: ProductPicture, by: Any) -> Collection[str]:
        return self.actions_detail if row.source_url else ()

    @column(_("picture"))
    def preview(self, row: ProductPicture) -> str:
        is_stored = row.status == ProductPicture.Status.STORED
        return thumbnail(row.square_path if is_stored else "", of=row.product)

    @column(_("picture"))
    def large(self, row: ProductPicture) -> str:
        is_stored = row.status == ProductPicture.Status.STORED
        return thumbnail(row.square_path if is_stored else "", of=row.product, edge=LARGE_EDGE)

    @column(_("reason"))
    def reason_text(self, row: ProductPicture) -> str:
        return reason_text(row)

    @action_button(
        _("Make it the main picture"),
        question=_("Cards and posters of the product show it from now on."),
        done=_("It is the main picture."),
        icon="star",
    )
    def show_first(self, row: ProductPicture, *, by: User, at: datetime) -> None:
        show_first(picture=row, by=by, at=at)

    @action_button(
        _("Remove"),
        question=_("The product no longer shows it. Cards that were shared do for a month."),
        done=_("It is removed."),
        icon="delete",
    )
    def remove(self, row: ProductPicture, *, by: User, at: datetime) -> None:
        remove_picture(picture=row, by=by, at=at)


menu.register("goods", (_("Pictures of products"), "image", "catalog.productpicture"))

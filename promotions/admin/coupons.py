# mypy: allow-subclassing-any, allow-any-generics
"""Coupons: a draft is edited, a published one is read, given and ended."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar, cast

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils.translation import gettext as translate
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.enums import ActionVariant

from backoffice.base import ModelAdmin, column, label_column, status_column
from backoffice.dialogs import action_button
from backoffice.fields import text_field
from backoffice.impacts import DangerousForm, ImpactForm
from backoffice.pages import Page, PagesMixin
from backoffice.panels import PanelsMixin
from common import clock
from members.models import User
from members.search import MemberField
from promotions import services
from promotions.admin.coupon_form import CouponForm
from promotions.admin.ticket import check
from promotions.models import Coupon
from promotions.queries import goods_of, uses_of
from promotions.sentences import goods_sentence, validity_sentence, value_sentence

Status = Coupon.Status
COLOURS = {"draft": "info", "published": "success", "ended": "warning"}
VIEW, PUBLISH, GIVE = (
    f"promotions.{name}" for name in ("view_coupon", "publish_coupon", "give_coupon")
)


class PublishForm(ImpactForm):
    button = "promotions.coupon.publish"
    reason = None  # type: ignore[assignment]  # Django's way to leave out a declared field


class EndForm(DangerousForm):
    button = "promotions.coupon.end"
    confirmation = _("I have read this and want to end “%(row)s”.")


class GiveForm(forms.Form):
    member = MemberField()
    reason = text_field(_("reason"), help_text=_("Colleagues read it, not the member."))


@admin.register(Coupon)
class CouponAdmin(PanelsMixin, PagesMixin, ModelAdmin):
    form = CouponForm
    list_display = [
        "name", "value", "validity_text", "status_badge", "given", "used", "claims",
        "published_at",
    ]  # fmt: skip
    columns = ["goods", "per_member", "created_at", "ended_at", "public_id"]
    date_fields = ["created_at", "published_at"]
    chips = ["status", "kind"]
    list_filter = [("status", ChoicesDropdownFilter), ("kind", ChoicesDropdownFilter)]
    search_fields = ["name"]
    sortable_by = ["name", "published_at"]
    empty_text = _("There is no coupon yet. Draft the first one: nobody gets a draft.")
    fieldsets = [
        (None, {"fields": [("name", "kind")]}),
        (_("What it takes off"), {"fields": [("amount", "rate", "most"), "threshold"]}),
        (_("On which goods"), {"fields": ["scope", "products", "categories"]}),
        (_("When"), {"fields": [("validity", "valid_days"), ("valid_from", "valid_until")]}),
        (_("For how many"), {"fields": [("stock", "per_member"), "is_claimable"]}),
    ]  # fmt: skip
    conditional_fields: ClassVar = {
        "amount": "kind == 'amount'",
        "rate": "kind == 'percent'",
        "most": "kind == 'percent'",
        "products": "scope == 'products'",
        "categories": "scope == 'categories'",
        "valid_days": "validity == 'days'",
        "valid_from": "validity == 'dates'",
        "valid_until": "validity == 'dates'",
    }
    reading = (
        "status_text", "value", "goods", "validity_text", "stock_text", "per_member", "claims",
        "published_at", "ended_at", "created_by", "published_by", "public_id",
    )  # fmt: skip
    readonly_fields = [
        "status_text", "value", "goods", "validity_text", "stock_text", "claims", "public_id",
        "created_by", "published_at", "published_by", "ended_at",
    ]  # fmt: skip
    actions_detail = ["publish", "copy", "end"]
    button_statuses: ClassVar = {
        "publish": Coupon.COMES_FROM[Status.PUBLISHED],
        "end": Coupon.COMES_FROM[Status.ENDED],
    }
    change_form_template = "admin/promotions/coupon_form.html"
    status_badge = status_column(COLOURS)
    status_text = label_column(_("status"), "status")

    class Media:
        css: ClassVar = {"all": ["twotier/admin/coupons.css"]}
        js: ClassVar = [forms.Script("twotier/admin/coupons.js", type="module")]

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(check)
        return [path("check/", view, name="promotions_coupon_check"), *super().get_urls()]

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        row = self.get_object(request, unquote(object_id)) if object_id else None
        may_edit = self.has_change_permission(request, row) if row else object_id is None
        context = {"check_url": self.url("check") if may_edit else ""}
        return super().changeform_view(
            request, object_id, form_url, {**(extra_context or {}), **context}
        )

    def get_fieldsets(self, request: HttpRequest, obj: Coupon | None = None) -> Any:
        if obj is None or self.has_change_permission(request, obj):
            return self.fieldsets
        return [(None, {"fields": ["name", *self.reading]})]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _is_draft(obj) and bool(super().has_change_permission(request, obj))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _is_draft(obj) and bool(super().has_delete_permission(request, obj))

    def has_publish_permission(self, request: HttpRequest, *_row: Any) -> bool:
        return bool(request.user.has_perm(PUBLISH))

    def has_copy_permission(self, request: HttpRequest, *_row: Any) -> bool:
        return bool(request.user.has_perm("promotions.add_coupon"))

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        by, at = cast("User", request.user), clock.now()
        if change:
            # The form has put its values into its row already; the service compares with the
            # stored one.
            services.edit_coupon(coupon=Coupon(pk=obj.pk), terms=form.terms, by=by, at=at)
            return
        coupon = services.create_coupon(terms=form.terms, by=by, at=at)
        obj.pk, obj.public_id, obj._state.adding = coupon.pk, coupon.public_id, False

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        services.discard_coupon(coupon=obj, by=cast("User", request.user), at=clock.now())

    def response_add(self, request: HttpRequest, obj: Any, *args: Any, **kwargs: Any) -> Any:
        if "_save" in request.POST:  # next it is published, on its page
            self.message_user(request, _("“%(coupon)s” is saved.") % {"coupon": obj.name})
            return HttpResponseRedirect(self.url("change", obj.pk))
        return super().response_add(request, obj, *args, **kwargs)

    def prepare_rows(self, request: HttpRequest, rows: Sequence[Any]) -> None:
        goods, uses = goods_of(rows), uses_of(rows)
        for row in rows:
            row.goods, row.uses = goods[row.pk], uses.get(row.pk, 0)

    @column(_("takes off"))
    def value(self, row: Coupon) -> str:
        return value_sentence(services.terms_of(row))

    @column(_("goods"))
    def goods(self, row: Any) -> str:
        found = row.goods if hasattr(row, "goods") else goods_of([row])[row.pk]
        return goods_sentence(services.terms_of(row), [item.name for item in found])

    @column(_("valid"))
    def validity_text(self, row: Coupon) -> str:
        return validity_sentence(services.terms_of(row))

    @column(pgettext_lazy("coupon", "given"))
    def given(self, row: Coupon) -> str:
        if row.stock is None:
            return f"{row.granted:,}"
        return translate("%(count)s of %(stock)s") % {
            "count": f"{row.granted:,}", "stock": f"{row.stock:,}",
        }  # fmt: skip

    @column(_("used"))
    def used(self, row: Any) -> str:
        return f"{row.uses:,}"

    @column(_("members may claim it"), boolean=True)
    def claims(self, row: Coupon) -> bool:
        return row.is_claimable

    @column(_("stock"))
    def stock_text(self, row: Coupon) -> str:
        return translate("any number") if row.stock is None else f"{row.stock:,}"

    def is_page_offered(self, page: Page, row: Any, by: Any) -> bool:
        return bool(row.status == Status.PUBLISHED)

    def give(self, row: Coupon, *, member: Any, reason: str, by: User, at: datetime) -> str:
        services.give_coupon(coupon=row, member=member, reason=reason, by=by, at=at)
        return translate("%(member)s has got “%(coupon)s”.") % {"member": member, "coupon": row}

    pages = (
        Page(
            "give", _("Give it to a member"), GIVE, GiveForm, run=give, of_row=True,
            intro=_("For example after a complaint. It counts for the stock and the limit."),
        ),
    )  # fmt: skip

    @action_button(
        _("Publish"),
        question=_("Its terms do not change any more. To change something, end it and copy it."),
        done=_("The coupon is published."),
        permission="publish",
        form=PublishForm,
        icon="publish",
        variant=ActionVariant.PRIMARY,
    )
    def publish(self, row: Coupon, *, by: User, at: datetime) -> None:
        services.publish_coupon(coupon=row, by=by, at=at)

    @action_button(
        _("End"),
        question=_("Nobody gets it any more. This cannot be undone."),
        done=_("The coupon has ended."),
        permission="publish",
        form=EndForm,
        icon="block",
        variant=ActionVariant.DANGER,
    )
    def end(self, row: Coupon, *, reason: str, by: User, at: datetime) -> None:
        services.end_coupon(coupon=row, reason=reason, by=by, at=at)

    @action_button(
        _("Copy as a draft"),
        question=_("Creates a draft with the same terms."),
        done=_("The draft is at the top of the list."),
        permission="copy",
        back_to_list=True,
        icon="content_copy",
    )
    def copy(self, row: Coupon, *, by: User, at: datetime) -> None:
        services.create_coupon(terms=services.terms_of(row), by=by, at=at)


def _is_draft(coupon: Any) -> bool:
    """Whether it is a draft. Unfold passes an id; then the service decides."""
    return not isinstance(coupon, Coupon) or coupon.status == Status.DRAFT

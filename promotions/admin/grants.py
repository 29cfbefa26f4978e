# mypy: allow-subclassing-any, allow-any-generics
"""The coupons that members hold; only services change them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as translate
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter, RelatedDropdownFilter

from backoffice.base import ButtonsOnly, LargeTable, ReadOnlyAdmin, column
from backoffice.dialogs import ReasonForm, action_button
from backoffice.search import Search
from common import clock
from members.models import User
from members.search import search_members
from promotions.models import CouponGrant, GrantState
from promotions.services import revoke_coupon

STATE_COLOURS = {
    GrantState.USABLE: "success", GrantState.UPCOMING: "info", GrantState.USED: "info",
    GrantState.EXPIRED: "warning", GrantState.REVOKED: "danger",
}  # fmt: skip
ORIGINS = {
    "award": _("reward of an incentive"), "claim": _("own claim"), "staff": _("by hand"),
}  # fmt: skip


def origin_text(grant: CouponGrant) -> str:
    """Return how the member got it, which its key begins with."""
    origin = grant.key.partition(":")[0]
    return str(ORIGINS.get(origin, grant.key))


def state_badge(grant: CouponGrant) -> SafeString:
    state = grant.state_at(clock.now())
    return format_html('<span class="tt-badge tt-{}">{}</span>', STATE_COLOURS[state], state.label)


class StateFilter(DropdownFilter):
    title = _("status")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(GrantState.choices)

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[CouponGrant]
    ) -> QuerySet[CouponGrant]:
        if self.value() not in GrantState.values:
            return queryset
        return queryset & CouponGrant.objects.in_state(str(self.value()), clock.now())


@admin.register(CouponGrant)
class CouponGrantAdmin(Search, ButtonsOnly, LargeTable, ReadOnlyAdmin):
    list_display = [
        "coupon", "member", "state", "granted_at", "valid_until", "origin", "order_number",
        "used_at",
    ]  # fmt: skip
    columns = ["valid_from", "revoked_at", "reason_text", "public_id"]
    export_columns = ["public_id"]
    date_fields = ["granted_at", "used_at"]
    chips = ["state"]
    sort_fields = ["granted_at", "used_at"]
    list_select_related = ["coupon", "member"]
    list_filter = [StateFilter, ("coupon", RelatedDropdownFilter)]
    search_fields = ["public_id"]
    search_help_text = _("Whole order number or id, nickname, phone number or id of a member")
    search_exact = ("public_id", "order_number")
    search_related: ClassVar = {"member": search_members}
    fields = [
        "coupon", "member", "state_text", "origin", "granted_at", "valid_from", "valid_until",
        "order_number", "used_at", "revoked_at", "reason_text", "will_be_revoked", "public_id",
    ]  # fmt: skip
    readonly_fields = ["state_text", "origin", "reason_text", "will_be_revoked"]
    actions_detail = ["revoke"]
    empty_text = _("No member has got a coupon yet.")

    def has_give_permission(self, request: HttpRequest, *_row: Any) -> bool:
        return bool(request.user.has_perm("promotions.give_coupon"))

    def is_open(self, row: CouponGrant) -> bool:
        return row.revoked_at is None and not row.revoke_when_returned

    @column(_("status"), label={state.value: colour for state, colour in STATE_COLOURS.items()})
    def state(self, row: CouponGrant) -> tuple[str, str]:
        state = row.state_at(clock.now())
        return state.value, str(state.label)

    @column(_("status"))
    def state_text(self, row: CouponGrant) -> str:
        return str(row.state_at(clock.now()).label)

    @column(_("reason"))
    def reason_text(self, row: CouponGrant) -> str:
        return row.revoke_reason_text

    @column(_("to be revoked when it is returned"), boolean=True)
    def will_be_revoked(self, row: CouponGrant) -> bool:
        return bool(row.revoke_when_returned)

    @column(_("got it by"))
    def origin(self, row: CouponGrant) -> str:
        return origin_text(row)

    @action_button(
        _("Revoke"),
        question=_("The member cannot use it any more, and it returns to the stock."),
        done=_("The coupon is revoked."),
        permission="give",
        form=ReasonForm,
        icon="undo",
    )
    def revoke(self, row: CouponGrant, *, reason: str, by: User, at: datetime) -> str:
        if revoke_coupon(key=row.key, reason=reason, by=by, at=at):
            return ""
        text = translate("Order %(order)s has used it. It is revoked if the order gives it back.")
        return text % {"order": CouponGrant.objects.get(pk=row.pk).order_number}

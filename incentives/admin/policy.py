# mypy: allow-subclassing-any, allow-any-generics
"""The settings of incentives: their form, and what they mean in words."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.validators import MaxValueValidator
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from backoffice.base import value_column, yuan_column
from backoffice.fields import POSITIVE, PercentField, YuanField
from backoffice.settings_admin import SettingsAdmin, register
from backoffice.settings_index import Setting, yuan
from common.money import BASIS_POINTS, percent
from incentives.models import Policy
from incentives.models.incentive import MAX_VALUE
from incentives.services.policy import change_policy

WHOLE = MaxValueValidator(BASIS_POINTS, message=_("It cannot be more than the whole order."))


@admin.register(Policy)
class PolicyAdmin(SettingsAdmin):
    """One row."""

    list_display = ["title", "most_percent", "pays_members_cash", "confirm_above_yuan"]
    list_display_links = ["title"]
    ordering = ["pk"]
    fields = ["most_of_an_order", "pays_members_cash", "confirm_above"]
    title = value_column(_("settings"), "__str__", lambda name: name())
    most_percent = value_column(_("most of an order"), "most_of_an_order", percent)
    confirm_above_yuan = yuan_column(_("second person from"), "confirm_above")

    def apply_changes(self, row: Policy, changes: dict[str, Any], **by_and_at: Any) -> None:
        change_policy(**changes, **by_and_at)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        if db_field.name == "most_of_an_order":
            return PercentField(
                label=db_field.verbose_name, validators=[POSITIVE, WHOLE],
                help_text=_(
                    "In percent of what an order paid for goods. Incentives by which commissions"
                    " and awards together could come to more are not published, and each award is"
                    " limited by it."
                ),
            )  # fmt: skip
        if db_field.name == "confirm_above":
            return YuanField(
                label=db_field.verbose_name,
                validators=[MaxValueValidator(MAX_VALUE)],
                help_text=_(
                    "In yuan: the awards of a close that are worth more wait for a second person."
                    " Coupons count with the most that they take off, and gifts with their price;"
                    " points count nothing. Levels, higher commissions, and coupons that take off"
                    " a percentage without a limit always wait."
                ),
            )
        if db_field.name == "pays_members_cash":
            options["help_text"] = _(
                "Leave it off until your payment provider's marketing scene and the class of income"
                " of such prizes are arranged: all cash is paid out as commissions and taxed as"
                " remuneration for labour, which they are not. While it is off, members who are no"
                " distributors get the same amount of store credit."
            )
        return super().formfield_for_dbfield(db_field, request, **options)


register(
    "incentives.policy",
    Setting(
        "most_of_an_order",
        _("Counts for publications and for awards from now on; what was given stays."),
        percent,
    ),
    Setting(
        "pays_members_cash",
        _("Counts for awards that are reached from now on; what was given stays."),
    ),
    Setting("confirm_above", _("Counts for periods that close from now on."), yuan),
)

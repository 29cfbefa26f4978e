# mypy: allow-subclassing-any, allow-any-generics
"""Edit the ladder: what each level asks for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.contrib import admin
from django.core.exceptions import NON_FIELD_ERRORS
from django.db.models import Count
from django.http import HttpRequest
from django.utils.translation import gettext as _text
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminSelectWidget

from backoffice.base import NOTHING, ModelAdmin, column, yuan_column
from backoffice.fields import POSITIVE, YuanField
from backoffice.panels import BODY, Figure, Panel, PanelsMixin, register
from common import clock
from distribution.models import Distributor, Level
from incentives.ladder.outlook import outlook
from incentives.models import LevelCondition
from incentives.services import ladder
from members.models import User


class ConditionForm(forms.ModelForm):
    min_sales = YuanField(
        label=_("own sales from"), required=False, validators=[POSITIVE],
        help_text=_(
            "In yuan: what completed orders paid for goods, less refunds. Everything that is filled"
            " in must be reached."
        ),
    )  # fmt: skip

    min_orders = forms.IntegerField(
        label=_("own orders from"), required=False, min_value=1,
        widget=UnfoldAdminIntegerFieldWidget,
    )  # fmt: skip
    min_buyers = forms.IntegerField(
        label=_("own buyers from"), required=False, min_value=1,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text=_("Different buyers of these orders; never asked for alone."),
    )  # fmt: skip
    grace_days = forms.IntegerField(
        label=_("days of grace"), min_value=1, max_value=365, initial=30,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text=_("So long a level is kept, from the warning on, that is no longer reached."),
    )  # fmt: skip

    class Meta:
        model = LevelCondition
        fields = ["level", "window", "min_sales", "min_orders", "min_buyers", "grace_days"]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if "level" in self.fields:
            free = Level.objects.filter(condition=None).order_by("rank")
            self.fields["level"] = forms.ModelChoiceField(
                free, label=_("level"), widget=UnfoldAdminSelectWidget
            )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        is_empty = not values.get("min_sales") and not values.get("min_orders")
        if is_empty and not {"min_sales", "min_orders"} & set(self.errors):
            text = _("A level asks for own sales or own orders. Fill in one of them.")
            self.add_error("min_sales", text)
        return values

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        if set(self.errors) - {NON_FIELD_ERRORS}:
            self.errors.pop(NON_FIELD_ERRORS, None)  # said beside the field
        if self.errors:
            return
        for field, other in ladder.out_of_order(self.instance):
            text = _text(
                "Over the same time a higher level asks for more than a lower one. Compare with"
                " “%(level)s”: %(value)s."
            )
            value = getattr(other, field)
            shown = f"¥{value / 100:,.2f}" if field == "min_sales" and value else value
            self.add_error(field, text % {"level": other.level.name, "value": shown or NOTHING})


@admin.register(LevelCondition)
class LevelConditionAdmin(PanelsMixin, ModelAdmin):
    """What each level asks for; a level without a row here is given by hand or by awards only."""

    form = ConditionForm
    list_display = [
        "level", "window", "sales", "min_orders", "min_buyers", "grace_days", "distributors",
    ]  # fmt: skip
    list_select_related = ["level"]
    fields = ["level", "window", "min_sales", "min_orders", "min_buyers", "grace_days"]
    ordering = ("level__rank",)
    sales = yuan_column(_("own sales from"), "min_sales")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["level"] if obj else []

    def prepare_rows(self, request: HttpRequest, rows: Sequence[Any]) -> None:
        grouped = Distributor.objects.filter(level__in=[row.pk for row in rows]).order_by()
        counts = defaultdict(int, grouped.values_list("level").annotate(Count("pk")))
        for row in rows:
            row.distributors = counts[row.pk]

    @column(_("distributors with it"))
    def distributors(self, row: Any) -> str:
        return f"{row.distributors:,}"

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        by = cast("User", request.user)
        ladder.change_condition(condition=obj, by=by, at=clock.now())

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        by = cast("User", request.user)
        ladder.remove_condition(level=obj.level, by=by, at=clock.now())


def who_reaches_it(_request: HttpRequest, row: LevelCondition) -> dict[str, Any]:
    """Return the context of the panel: how many have the level, reach it, and would lose it."""
    found = outlook(row, at=clock.now())
    figures = [
        Figure(_("reach it now"), f"{found.reaching:,}"),
        Figure(_("have it"), f"{found.having:,}"),
        Figure(
            _("have it and no longer reach it"), f"{found.below:,}",
            _("The next review warns them, unless they are pinned or awarded."),
        ),
    ]  # fmt: skip
    if found.is_everybody:
        return {"figures": figures}
    counted = {"count": f"{found.counted:,}"}
    return {"figures": figures, "notice": _("Of the %(count)s newest distributors.") % counted}


register(
    Panel(
        "outlook", _("who reaches it"), "incentives.levelcondition",
        "incentives.view_levelcondition", BODY, who_reaches_it, 50, lazy=True,
    )
)  # fmt: skip

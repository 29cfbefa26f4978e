# mypy: allow-subclassing-any, allow-any-generics
"""Plans: a draft is edited and published by different people; a published plan is read-only."""

from __future__ import annotations

from datetime import datetime
from itertools import permutations
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action
from unfold.enums import ActionVariant
from unfold.widgets import UnfoldAdminSelectWidget

from backoffice.base import NOTHING, ModelAdmin, column, label_column, status_column, value_column
from backoffice.dialogs import action_button, htmx_redirect
from backoffice.fields import PercentField
from commissions.admin.rule_list import rule_values, rules_url
from commissions.admin.rules import ReadOnlyRuleInline, RuleInline
from commissions.admin.simulation import SimulationForm
from commissions.explanations.amounts import percent
from commissions.models import Plan, Rule
from commissions.models.plan import Layer, default_layers
from commissions.rules import ONE_HUNDRED_PERCENT
from commissions.services import discard, draft, publish, record_edit, roll_back_to
from common import clock
from members.models import User

PLAN_FIELDS = ("name", "layers", "combine", "cap")
MAX_RULES_ON_PAGE = 20  # more are only in the list of rules
INLINE_POSTED = "rules-TOTAL_FORMS"


def layer_order_choices() -> list[tuple[str, str]]:
    """Return every order of the layers, each layer once, the orders of all three first."""
    return [
        (",".join(layers), " → ".join(str(Layer(layer).label) for layer in layers))
        for count in (3, 2, 1)
        for layers in permutations(Layer.values, count)
    ]


class LayersField(forms.ChoiceField):
    """The order of a plan's layers, chosen as a whole."""

    widget = UnfoldAdminSelectWidget

    def __init__(self, **options: Any) -> None:
        super().__init__(choices=layer_order_choices, **options)

    def prepare_value(self, value: Any) -> Any:
        return ",".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> Any:
        return super().clean(value).split(",")

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(self.prepare_value(initial) != data)


class PlanForm(forms.ModelForm):
    layers = LayersField(
        label=_("order of the layers"), initial=default_layers,
        help_text=_("The first layer with a rule for the goods decides, unless layers combine."),
    )  # fmt: skip
    cap = PercentField(
        label=_("cap"), initial=5_000,
        help_text=_("In percent of what remains paid on a line, over both tiers."),
    )  # fmt: skip

    class Meta:
        model = Plan
        fields = PLAN_FIELDS

    def clean_cap(self) -> int:
        cap: int = self.cleaned_data["cap"]
        if cap > ONE_HUNDRED_PERCENT:
            raise forms.ValidationError(_("The cap is at most 100 percent of the amount paid."))
        return cap


@admin.register(Plan)
class PlanAdmin(ModelAdmin):
    form = PlanForm
    list_display = [
        "title", "status_badge", "rule_count", "starts_at", "published_by", "published_at",
    ]  # fmt: skip
    date_fields = ["starts_at", "published_at"]
    chips = ["status"]
    list_display_links = ["title"]
    list_select_related = ["published_by"]
    list_filter = [("status", ChoicesDropdownFilter)]
    search_fields = ["name"]
    ordering = ["-id"]
    sortable_by = ()
    actions_detail = ["publish", "new_version", "simulate"]
    button_statuses: ClassVar = {
        "publish": [Plan.Status.DRAFT],
        "new_version": [Plan.Status.PUBLISHED],
    }
    readonly_fields = [
        "status_text", "rule_list", "layer_order", "combine_label", "cap_percent", "starts_at",
        "published_by", "published_at", "based_on", "edited_by", "public_id",
    ]  # fmt: skip
    status_text = label_column(_("status"), "status")
    status_badge = status_column({"published": "success", "draft": "info"})
    rule_count = value_column(_("rules"), "count_of_rules")
    combine_label = label_column(_("how layers combine"), "combine")
    cap_percent = value_column(_("cap"), "cap", percent)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Plan]:
        plans: QuerySet[Plan] = super().get_queryset(request)
        return plans.annotate(count_of_rules=Count("rules"))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _is_editable(obj) and bool(super().has_change_permission(request, obj))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _is_editable(obj) and bool(super().has_delete_permission(request, obj))

    def get_fields(self, request: HttpRequest, obj: Plan | None = None) -> list[str]:
        if obj is None:
            return list(PLAN_FIELDS)
        if self.has_change_permission(request, obj):
            return [
                *PLAN_FIELDS, "status_text", "rule_list", "edited_by", "based_on", "public_id",
            ]  # fmt: skip
        return ["name", *self.readonly_fields]

    def get_inlines(self, request: HttpRequest, obj: Plan | None) -> list[Any]:
        # A form that was opened with few rules posts them, even if others have been added since.
        if obj and INLINE_POSTED not in request.POST and _count_rules(obj) > MAX_RULES_ON_PAGE:
            return []
        if obj is None or self.has_change_permission(request, obj):
            return [RuleInline]
        return [ReadOnlyRuleInline]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        if change:
            form.terms_before = _plan_snapshot(Plan.objects.get(pk=obj.pk), request)
            super().save_model(request, obj, form, change)
            return
        form.terms_before = None
        plan = draft(
            by=_current_user(request),
            at=clock.now(),
            **{name: form.cleaned_data[name] for name in PLAN_FIELDS},
        )
        obj.pk, obj.public_id, obj._state.adding = plan.pk, plan.public_id, False  # fmt: skip

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: Any) -> None:
        super().save_related(request, form, formsets, change)
        plan = Plan.objects.get(pk=form.instance.pk)
        after = _plan_snapshot(plan, request)
        if after != form.terms_before:
            record_edit(
                plan=plan,
                by=_current_user(request),
                at=clock.now(),
                before=form.terms_before,
                after=after,
            )

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        discard(plan=obj, by=_current_user(request), at=clock.now())

    @action_button(
        _("Publish"),
        question=_(
            "It applies to every order placed from now on and cannot be changed. Its "
            "editors cannot publish it."
        ),
        done=_("It is in force."),
        permission="change",
        icon="publish",
        variant=ActionVariant.PRIMARY,
    )
    def publish(self, row: Plan, *, by: User, at: datetime) -> None:
        publish(plan=row, by=by, at=at)

    @action_button(
        _("New version from this one"),
        question=_(
            "Creates a draft with the same terms. Once another person publishes it, it is "
            "the next version. Use this to restore an older plan, too."
        ),
        done=_("The draft is at the top of the list."),
        permission="change",
        back_to_list=True,
        icon="content_copy",
    )
    def new_version(self, row: Plan, *, by: User, at: datetime) -> None:
        roll_back_to(plan=row, by=by, at=at)

    @action(  # type: ignore[untyped-decorator]
        description=_("Simulate"),
        permissions=["change"],
        icon="calculate",
        dialog={
            "title": _("Simulate"),
            "description": _(
                "Computes what this plan would pay for a basket now. Nothing is saved."
            ),
            "form_submit_text": _("Compute"),
            "form_class": SimulationForm,
        },
    )
    def simulate(self, request: HttpRequest, form: SimulationForm, object_id: str) -> HttpResponse:
        if self.get_object(request, unquote(object_id)) is None:
            messages.warning(request, _("This no longer exists."))
            return htmx_redirect(self.url("changelist"))
        messages.warning(request, _("Enter a buyer and goods."))
        return htmx_redirect(self.url("change", object_id))

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        # Without the text of each rule, which may be thousands.
        plans = list(objs)
        counts = {
            str(Plan._meta.verbose_name_plural): len(plans),
            str(Rule._meta.verbose_name_plural): sum(map(_count_rules, plans)),
        }
        allowed = all(self.has_delete_permission(request, plan) for plan in plans)
        return list(map(str, plans)), counts, set() if allowed else {"plan"}, []

    @column(_("rules"))
    def rule_list(self, plan: Plan) -> str:
        text = _("List of all rules (%(count)s)") % {"count": _count_rules(plan)}
        return format_html('<a href="{}">{}</a>', rules_url(plan), text)

    @column(_("plan"))
    def title(self, plan: Plan) -> str:
        return str(plan)

    @column(_("order of the layers"))
    def layer_order(self, plan: Plan) -> str:
        return dict(layer_order_choices()).get(",".join(plan.layers), ",".join(plan.layers))

    @column(_("edited by"))
    def edited_by(self, plan: Plan) -> str:
        names = User.objects.filter(pk__in=plan.editors).order_by("pk")
        return "、".join(names.values_list("username", flat=True)) or NOTHING


def _current_user(request: HttpRequest) -> User:
    assert isinstance(request.user, User), "the admin lets nobody else in"
    return request.user


def _is_editable(plan: Any) -> bool:
    """Whether it is a draft. Unfold passes an id; then the service decides."""
    return not isinstance(plan, Plan) or plan.status == Plan.Status.DRAFT


def _count_rules(plan: Any) -> int:
    counted = getattr(plan, "count_of_rules", None)
    return counted if isinstance(counted, int) else plan.rules.count()


def _plan_snapshot(plan: Plan, request: HttpRequest) -> dict[str, Any]:
    """Return the terms of a plan, for the event; the rules only if the page had them."""
    terms = {name: getattr(plan, name) for name in PLAN_FIELDS}
    if INLINE_POSTED in request.POST:
        terms["rules"] = rule_values(plan.rules.all())
    return terms

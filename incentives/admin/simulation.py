# mypy: allow-subclassing-any, allow-any-generics
"""Simulate a version for one person, picked by name: with their own orders, or with any value."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from backoffice.fields import parse_yuan, text_field
from backoffice.pickers import PickerField
from common import clock
from incentives.admin import words
from incentives.admin.reward_form import parse_whole
from incentives.models import Reward, Version
from incentives.models.incentive import MAX_VALUE, Metric
from incentives.periods import Span
from incentives.rewards import Target
from incentives.simulation import Simulation, simulate
from members.models import Member
from members.search import SEARCH as PEOPLE


class PersonForm(forms.Form):
    person = PickerField(
        PEOPLE, label=gettext_lazy("person"),
        help_text=gettext_lazy("Type a nickname, a number of the mall or an id."),
        to_row=lambda key: Member.objects.get(public_id=key),
    )  # fmt: skip
    value = text_field(gettext_lazy("if they reach"), 20, required=False)

    def __init__(self, *args: Any, version: Version, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.version = version
        unit = _("in yuan") if version.counts_money else _("as a number")
        self.fields["value"].help_text = _(
            "%(what)s, %(unit)s. Empty: what their orders of this period come to."
        ) % {"what": version.get_metric_display(), "unit": unit}

    def clean_value(self) -> int | None:
        text = (self.cleaned_data["value"] or "").strip()
        if not text:
            return None
        value = parse_yuan(text) if self.version.counts_money else parse_whole(text)
        if value > MAX_VALUE:
            raise ValidationError(_("Choose a value above 0 and up to a hundred million."))
        return value


def show(request: HttpRequest, version: Version) -> HttpResponse:
    """Show the form, and once it is filled in what the person would get; nothing is saved."""
    asked = "person" in request.GET
    form = PersonForm(request.GET if asked else None, version=version)
    rewards = list(version.rewards.select_related("coupon", "gift__product", "level"))
    context: dict[str, Any] = {}
    if asked and form.is_valid():
        found = simulate(
            version=version, rewards=rewards, member=form.cleaned_data["person"],
            value=form.cleaned_data["value"], at=clock.now(),
        )  # fmt: skip
        context = _result(version, rewards, found, form.cleaned_data["value"] is None)
    return TemplateResponse(
        request,
        "admin/incentives/simulate.html",
        {
            "title": _("Simulate “%(name)s”") % {"name": version.name},
            "form": form,
            "media": form.media,
            "person": form.cleaned_data.get("person") if asked and form.is_valid() else None,
            **context,
        },
    )


def _result(
    version: Version, rewards: Sequence[Reward], found: Simulation, is_real: bool
) -> dict[str, Any]:
    return {
        "found": found,
        "period": span_text(found.span),
        "reached": words.value_text(version, found.value),
        "orders": _orders(found.orders) if is_real else "",
        "targets": [
            (words.when_text(version, row.reward), words.side_text(row.reward), given_text(row))
            for row in found.targets
        ],
        "missing": _missing(version, found),
        "by_comparison": _by_comparison(version),
        "reward_rows": words.reward_rows(version, rewards),
    }


def span_text(span: Span) -> str:
    if span.end is None:
        return _("from %(start)s on, without an end") % {"start": span.start}
    last = span.end.fromordinal(span.end.toordinal() - 1)
    return str(span.start) if last == span.start else f"{span.start} – {last}"


def given_text(target: Target) -> str:
    """Return what is due at a step, with the amount that it comes to."""
    reward = target.reward
    if reward.kind in Reward.MONEY:
        return words.with_asset(target.amount, reward.asset)
    return words.gives_text(reward)


def _orders(count: int) -> str:
    text = ngettext("%(count)s order of theirs counts", "%(count)s orders of theirs count", count)
    return text % {"count": f"{count:,}"}


def _missing(version: Version, found: Simulation) -> str:
    if found.next_step is None or found.reason:
        return ""
    rest = found.next_step - found.value
    return _("%(rest)s are missing for the next step, %(step)s.") % {
        "rest": words.value_text(version, rest),
        "step": words.value_text(version, found.next_step),
    }  # fmt: skip


def _by_comparison(version: Version) -> str:
    """Say why the rewards of one person cannot be computed alone."""
    if version.reach == Version.Reach.RANK:
        return _("Places are known when the period closes. A back-test shows who would have won.")
    if version.metric == Metric.TEAM_POOL:
        return _("A share of a pool depends on the others. A back-test shows all shares.")
    return ""

"""Risk rules in words, and what a change of one would have done in the last 30 days."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from backoffice.impacts import Effect, register
from backoffice.settings_admin import register as register_settings
from backoffice.settings_index import Change, Setting
from risk.admin.records import UNITS
from risk.models import Assessment, Hold, Outcome, Rule, RuleName

SAMPLE = timedelta(days=30)
LAW = gettext_lazy("Counts for what is assessed from now on; a person releases what is held.")


def summary(rule: Rule) -> str:
    """Say a rule in one line."""
    if not rule.enabled:
        return _("off")
    unit = UNITS.get(RuleName(rule.name), gettext_lazy("buyers"))
    text = _("%(effect)s · threshold %(threshold)s (%(unit)s)")
    return text % {
        "effect": rule.get_effect_display(), "threshold": f"{rule.threshold:,}", "unit": unit,
    }  # fmt: skip


@register("risk.rule.enabled", "risk.rule.threshold", "risk.rule.effect", order=10)
def what_it_found(change: Change, at: datetime) -> Iterator[Effect]:
    """Say how often the rule was asked, and what it has stopped."""
    recent = Assessment.objects.filter(
        rule=change.row.name, stage=change.row.stage, at__gte=at - SAMPLE, at__lte=at
    ).exclude(outcome=Outcome.NOT_ASSESSED)
    asked = recent.count()
    stopped = recent.exclude(outcome=Outcome.PASS).count()
    figure = ngettext("%(count)s assessment", "%(count)s assessments", asked)
    text = _("of the last 30 days by this rule stopped %(count)s.")
    yield Effect(figure % {"count": f"{asked:,}"}, text % {"count": f"{stopped:,}"})
    held = Hold.objects.filter(
        rule=change.row.name, released_at=None, assessment__stage=change.row.stage
    ).count()
    if held:
        figure = ngettext("%(count)s hold", "%(count)s holds", held) % {"count": f"{held:,}"}
        yield Effect(figure, _("of this rule stay until a person releases them."))


register_settings(
    "risk.rule",
    Setting("enabled", LAW),
    Setting("threshold", LAW),
    Setting("min_sample", LAW),
    Setting("effect", LAW),
    summary=summary,
)

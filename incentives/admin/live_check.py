"""Review a draft while a person types it; nothing is saved."""

from __future__ import annotations

from typing import Any

from django.forms import inlineformset_factory
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse

from backoffice.office import NO_STORE
from common import clock
from incentives.admin.review import review_of
from incentives.admin.reward_form import RewardForm, RewardsFormSet
from incentives.admin.version_form import VersionForm
from incentives.models import Reward, Version
from incentives.terms import VERSION_FIELDS

REWARDS = "rewards"
MAX_ROWS = 1_000


def check(request: HttpRequest, version: Version) -> HttpResponse:
    """Return the review of the form that was posted, as JSON for the page's script."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    return JsonResponse(checked(request.POST, version), headers=NO_STORE)


def checked(data: Any, version: Version) -> dict[str, Any]:
    """Return what the page shows of a review.

    ``fields`` and ``rows``: the errors beside fields, of rows by their number on the page;
    ``findings``: what forbids the publication; ``sentence`` and ``worst``: once all can be read.
    """
    form = VersionForm(data, instance=Version(incentive=version.incentive))
    is_whole = form.is_valid()
    draft = _draft(form, version)
    forms = _reward_forms(data, draft)
    rows = {place: _typed_errors(row) for place, row in forms}
    valid = [(place, row.reward()) for place, row in forms if row.is_valid() and not row.is_blank]
    is_whole = is_whole and all(row.is_valid() for _place, row in forms)
    review = review_of(draft, [reward for _place, reward in valid], at=clock.now())
    for number, found in review.rows.items():
        place = valid[number][0]
        for name, texts in found.items():
            rows[place].setdefault(name, []).extend(texts)
    return {
        "fields": {**review.errors, **_typed_errors(form)},
        "rows": {place: errors for place, errors in rows.items() if errors},
        "findings": [row.text for row in review.objections],
        "sentence": review.sentence if is_whole else "",
        "worst": review.worst if is_whole else "",
        "above_limit": review.is_above_limit,
    }


def _draft(form: VersionForm, version: Version) -> Version:
    """Return the terms that are typed; what cannot be read stays as it is saved."""
    draft = Version(incentive=version.incentive, status=version.status, editors=version.editors)
    draft.pk = version.pk
    for name in VERSION_FIELDS:
        value = form.cleaned_data.get(name, getattr(version, name))
        setattr(draft, name, value)
    return draft


def _reward_forms(data: Any, draft: Version) -> list[tuple[int, RewardForm]]:
    """Return the forms of all rows without reading the saved ones: what is typed counts."""
    factory = inlineformset_factory(
        Version, Reward, form=RewardForm, formset=RewardsFormSet, extra=0, absolute_max=MAX_ROWS
    )
    formset = factory(data, instance=draft, prefix=REWARDS, queryset=Reward.objects.none())
    if not formset.management_form.is_valid():
        return []
    options = formset.get_form_kwargs(None)
    return [
        (
            place,
            RewardForm(
                data, prefix=f"{REWARDS}-{place}", instance=Reward(), empty_permitted=True,
                use_required_attribute=False, **options,
            ),
        )
        for place in range(min(formset.total_form_count(), MAX_ROWS))
        if f"{REWARDS}-{place}-kind" in data and f"{REWARDS}-{place}-DELETE" not in data
    ]  # fmt: skip


def _typed_errors(form: Any) -> dict[str, list[str]]:
    """Return the errors of fields in which something is typed: an empty one is not wrong yet."""
    return {
        name: list(map(str, texts))
        for name, texts in form.errors.items()
        if name in form.fields and form[name].value()
    }

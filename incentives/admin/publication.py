# mypy: allow-subclassing-any
"""Pages that hand a version over, return it and publish it; each shows what it is about to do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.fields import MomentField, text_field
from common import clock
from common.clock import format_moment
from common.errors import TwotierError
from common.money import yuan_text
from incentives.admin import version_state
from incentives.admin.back_test import sentence, things_sentence
from incentives.admin.compare import changes_of, previous
from incentives.admin.review import review_of
from incentives.models import BackTest, Reward, Version
from incentives.rewards import is_money
from incentives.services.publication import publish, return_to_draft, submit
from incentives.terms import seal_of
from incentives.worth import values_of, worth_of_things

TEMPLATE = "admin/incentives/publication.html"
MAX_TEXT = 200
Status = Version.Status


class PublishForm(forms.Form):
    seal = forms.CharField(widget=forms.HiddenInput)
    starts_at = MomentField(
        label=gettext_lazy("counts orders paid from"),
        help_text=gettext_lazy("Empty: as in its terms, or at once."),
    )


class ReturnForm(forms.Form):
    reason = text_field(gettext_lazy("reason"), MAX_TEXT)


def submit_page(request: HttpRequest, version: Version) -> HttpResponse:
    """Hand a draft over."""
    if version.status != Status.DRAFT:
        return _refuse(request, version)
    form = forms.Form(_posted(request))
    if request.method == "POST" and form.is_valid() and _call(request, form, submit, version):
        messages.success(request, _("Handed over to everyone who may publish incentives."))
        return HttpResponseRedirect(version_state.url("change", version.pk))
    return _page(
        request, version, title=_("Hand over “%(name)s”") % {"name": version.name}, form=form,
        submit=_("Hand over"),
        hint=_("From now on nobody changes it, until it is published or returned."),
    )  # fmt: skip


def publish_page(request: HttpRequest, version: Version) -> HttpResponse:
    """Show what a version changes and gives at worst, and publish it."""
    if version.status == Status.PUBLISHED:
        return _refuse(request, version)
    form = PublishForm(_posted(request), initial={"seal": seal_of(version)})
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        if _call(
            request, form, publish, version, seal=values["seal"], starts_at=values["starts_at"]
        ):
            messages.success(request, _done(version))
            return HttpResponseRedirect(
                reverse("admin:incentives_incentive_change", args=[version.incentive_id])
            )
    is_editor = request.user.pk in version.editors
    return _page(
        request, version, title=_("Publish “%(name)s”") % {"name": version.name},
        form=None if is_editor else form, submit=_("Publish"), is_editor=is_editor,
        hint=_(
            "It counts orders paid from its start on, and cannot be changed. Members see it."
        ),
        return_form=ReturnForm() if version.status == Status.SUBMITTED else None,
    )  # fmt: skip


def return_page(request: HttpRequest, version: Version) -> HttpResponse:
    """Make a version that was handed over a draft again."""
    if version.status != Status.SUBMITTED:
        return _refuse(request, version)
    form = ReturnForm(_posted(request))
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        if _call(request, form, return_to_draft, version, reason=reason):
            messages.success(request, _("It is a draft again."))
            return HttpResponseRedirect(version_state.url("change", version.pk))
    return _page(
        request, version, title=_("Return “%(name)s”") % {"name": version.name}, form=form,
        submit=_("Return"), hint=_("It becomes a draft, which its editors can change."),
    )  # fmt: skip


def decision_context(version: Version) -> dict[str, Any]:
    """Return what a person needs to see of a version before they decide about it."""
    rewards = list(version.rewards.select_related("coupon", "gift__product", "level"))
    review = review_of(version, rewards, at=clock.now())
    other = previous(version)
    test = version.back_tests.filter(status=BackTest.Status.DONE).first()
    return {
        "review": review,
        "changes": changes_of(other, version) if other else None,
        "prizes": prizes_sentence(version, rewards),
        "back_test": test,
        "back_test_sentence": sentence(test) if test else "",
        **version_state.terms(version, review),
    }


def prizes_sentence(version: Version, rewards: Sequence[Reward]) -> str:
    """Return what the prizes of a period come to: the worst case of an order leaves them out."""
    if version.reach != Version.Reach.RANK:
        return ""
    places = {row.pk: (row.last_rank or 0) - (row.first_rank or 0) + 1 for row in rewards}
    money = sum((row.amount or 0) * places[row.pk] for row in rewards if is_money(row))
    counts = {row.pk: places[row.pk] for row in rewards if row.kind not in Reward.MONEY}
    text = _("Unless somebody ties, the prizes of a period come to %(money)s in money.")
    text %= {"money": yuan_text(money)}
    return text + things_sentence(worth_of_things(counts, values_of(rewards)))


def _page(request: HttpRequest, version: Version, **context: Any) -> TemplateResponse:
    sentences = version_state.sentences(version, request.user)
    return TemplateResponse(
        request, TEMPLATE, {**decision_context(version), "sentences": sentences, **context}
    )


def _posted(request: HttpRequest) -> Any:
    """Return what was posted, also if it is nothing."""
    return request.POST if request.method == "POST" else None


def _call(
    request: HttpRequest, form: forms.Form, service: Any, version: Version, **values: Any
) -> bool:
    """Call a service; a refusal becomes an error of the form, which keeps what was typed."""
    try:
        service(version=version, by=request.user, at=clock.now(), **values)
    except TwotierError as refusal:
        form.add_error(None, str(refusal))
        return False
    return True


def _refuse(request: HttpRequest, version: Version) -> HttpResponse:
    messages.warning(request, _("This cannot be done now. Nothing was changed."))
    return HttpResponseRedirect(version_state.url("change", version.pk))


def _done(version: Version) -> str:
    version.refresh_from_db()
    data = {"number": version.number, "at": format_moment(version.starts_at or clock.now())}
    return _("Published as version #%(number)s. Orders paid from %(at)s on count by it.") % data

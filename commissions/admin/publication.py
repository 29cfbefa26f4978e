# mypy: allow-subclassing-any
"""Pages that hand a plan over, return it and publish it; each shows what it is about to do."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminRadioSelectWidget

from backoffice.fields import MomentField, text_field
from backoffice.names import staff_name
from commissions.admin import plan_state
from commissions.admin.compare import change_table
from commissions.models import BackTest, Plan
from commissions.plan_changes import compare_plans
from commissions.services import publish, return_to_draft, reviewers, submit
from commissions.services.plans import plan_seal
from common import clock
from common.clock import format_moment
from common.errors import TwotierError
from members.models import User

TEMPLATE = "admin/commissions/publication.html"
MAX_TEXT = 200


class HandOverForm(forms.Form):
    """Whom to ask, from when the plan should be in force, and a note."""

    reviewer = forms.ChoiceField(
        label=_("who publishes it"), required=False, widget=UnfoldAdminRadioSelectWidget,
    )  # fmt: skip
    starts_at = MomentField(
        label=_("in force from"), help_text=_("Empty: as soon as it is published.")
    )
    note = text_field(_("note to the reviewer"), MAX_TEXT, required=False)

    def __init__(self, *args: Any, people: list[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {str(person.pk): person for person in people}
        self.fields["reviewer"].choices = [  # type: ignore[attr-defined]
            *((key, staff_name(person)) for key, person in self.people.items()),
            ("", _("everyone who may publish")),
        ]

    def clean_reviewer(self) -> User | None:
        return self.people.get(self.cleaned_data["reviewer"])


class PublishForm(forms.Form):
    seal = forms.CharField(widget=forms.HiddenInput)
    starts_at = MomentField(label=_("in force from"), help_text=_("Empty: at once."))


class ReturnForm(forms.Form):
    reason = text_field(_("reason"), MAX_TEXT)


def submit_page(request: HttpRequest, plan: Plan) -> HttpResponse:
    """Hand a draft over."""
    if plan.status != Plan.Status.DRAFT:
        return _refuse(request, plan)
    people = [person for person in reviewers(plan) if person.pk != request.user.pk]
    first = str(people[0].pk) if people else ""
    form = HandOverForm(
        request.POST or None, people=people,
        initial={"reviewer": first, "starts_at": plan.planned_start},
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        done = _call(
            request, form, submit, plan=plan, reviewer=values["reviewer"],
            starts_at=values["starts_at"], note=values["note"],
        )  # fmt: skip
        if done:
            messages.success(request, _handed_over(values["reviewer"]))
            return HttpResponseRedirect(plan_state.url("change", plan.pk))
    return _page(
        request, plan, title=_("Hand over “%(plan)s”") % {"plan": plan.name}, form=form,
        submit=_("Hand over"), nobody=not people, hint=_(
            "From now on nobody changes it, until it is published or returned."
        ),
    )  # fmt: skip


def publish_page(request: HttpRequest, plan: Plan) -> HttpResponse:
    """Show what a plan changes and pays at worst, and publish it."""
    if plan.status == Plan.Status.PUBLISHED:
        return _refuse(request, plan)
    at = clock.now()
    planned = plan.planned_start if plan.planned_start and plan.planned_start > at else None
    form = PublishForm(
        request.POST or None, initial={"seal": plan_seal(plan), "starts_at": planned}
    )
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        done = _call(
            request, form, publish, plan=plan, seal=values["seal"], starts_at=values["starts_at"]
        )
        if done:
            messages.success(request, _published(plan))
            return HttpResponseRedirect(plan_state.url("change", plan.pk))
    is_editor = request.user.pk in plan.editors
    return _page(
        request, plan, title=_("Publish “%(plan)s”") % {"plan": plan.name},
        form=None if is_editor else form, submit=_("Publish"), is_editor=is_editor,
        hint=_("It applies to orders placed from its start on, and cannot be changed."),
        return_form=ReturnForm() if plan.status == Plan.Status.SUBMITTED else None,
    )  # fmt: skip


def return_page(request: HttpRequest, plan: Plan) -> HttpResponse:
    """Make a plan that was handed over a draft again."""
    if plan.status != Plan.Status.SUBMITTED:
        return _refuse(request, plan)
    form = ReturnForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        done = _call(request, form, return_to_draft, plan=plan, reason=form.cleaned_data["reason"])
        if done:
            messages.success(request, _("It is a draft again."))
            return HttpResponseRedirect(plan_state.url("change", plan.pk))
    return _page(
        request, plan, title=_("Return “%(plan)s”") % {"plan": plan.name}, form=form,
        submit=_("Return"), hint=_("It becomes a draft, which its editors can change."),
    )  # fmt: skip


def _page(request: HttpRequest, plan: Plan, **context: Any) -> TemplateResponse:
    at = clock.now()
    current = Plan.objects.in_force(at).first()
    review = plan_state.review_of(plan, at=at)
    return TemplateResponse(
        request,
        TEMPLATE,
        {
            "current": current,
            "changes": change_table(compare_plans(current, plan)) if current else None,
            "review": review,
            "back_test": plan.back_tests.filter(status=BackTest.Status.DONE).first(),
            "scheduled": Plan.objects.scheduled(at).first(),
            "sentences": plan_state.sentences(plan, request.user, at=at),
            **context,
        },
    )


def _call(request: HttpRequest, form: forms.Form, service: Any, **values: Any) -> bool:
    """Call a service; a refusal becomes an error of the form, which keeps what was typed."""
    try:
        service(by=request.user, at=clock.now(), **values)
    except TwotierError as refusal:
        form.add_error(None, str(refusal))
        return False
    return True


def _refuse(request: HttpRequest, plan: Plan) -> HttpResponse:
    messages.warning(request, _("This cannot be done now. Nothing was changed."))
    return HttpResponseRedirect(plan_state.url("change", plan.pk))


def _handed_over(reviewer: User | None) -> str:
    if reviewer is None:
        return str(_("Handed over to everyone who may publish plans."))
    return str(_("Handed over to %(name)s.") % {"name": staff_name(reviewer)})


def _published(plan: Plan) -> str:
    data = {"number": plan.number, "at": format_moment(plan.starts_at or clock.now())}
    return str(_("Published as version #%(number)s, in force from %(at)s.") % data)

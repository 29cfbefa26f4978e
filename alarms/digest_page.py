"""The page on which a person of the staff chooses to be sent what waits for them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from alarms import services
from alarms.models import Digest
from backoffice import menu, office
from backoffice.access import StrOrPromise
from backoffice.office import OfficePage
from common import clock
from common.errors import TwotierError

TITLE = _("Send me what waits")
NEVER = "never"
HOURS = [(hour, f"{hour:02}:00") for hour in range(7, 22)]


class DigestForm(forms.Form):
    channel = forms.ChoiceField(
        label=_("How"),
        choices=[
            (NEVER, _("not at all")),
            (Digest.Channel.MAIL, _("by mail to the address of my account")),
            (Digest.Channel.ROBOT, _("by a group robot of WeCom, Feishu or DingTalk")),
        ],
        widget=UnfoldAdminRadioSelectWidget,
    )
    robot_url = forms.CharField(
        label=_("Address of the robot"),
        required=False,
        max_length=500,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
        help_text=_(
            "It is a secret and is not shown again. Leave it empty to keep the one stored."
        ),
    )
    hours = forms.TypedMultipleChoiceField(
        label=_("At"),
        choices=HOURS,
        coerce=int,
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )
    weekdays_only = forms.BooleanField(
        label=_("Only from Monday to Friday"), required=False, widget=UnfoldBooleanSwitchWidget
    )
    only_late = forms.BooleanField(
        label=_("Only if something waits too long"),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
    )


def show(request: HttpRequest) -> HttpResponse:
    """Show and save the choice of the person who is signed in."""
    user: Any = request.user
    stored = Digest.objects.filter(user=user).first()
    form = DigestForm(request.POST if request.method == "POST" else None, initial=_initial(stored))
    if form.is_valid() and _save(request, form.cleaned_data):
        return HttpResponseRedirect(office.url("digest"))
    return office.render(
        request, "admin/backoffice/page.html", title=TITLE, form=form, submit=_("Save"),
        intro=_intro(stored),
    )  # fmt: skip


def _intro(stored: Digest | None) -> StrOrPromise:
    if stored and stored.error:
        return _("The last message was not delivered: %(error)s") % {"error": stored.error}
    return _("Nothing is sent while nothing waits.")


def _save(request: HttpRequest, values: dict[str, Any]) -> bool:
    try:
        if values["channel"] == NEVER:
            services.stop_digest(user=request.user)
        else:
            services.save_digest(user=request.user, at=clock.now(), **values)
    except TwotierError as error:
        messages.error(request, str(error))
        return False
    messages.success(request, _("Saved."))
    return True


def _initial(stored: Digest | None) -> dict[str, Any]:
    if stored is None:
        return {"channel": NEVER, "hours": [9, 14], "weekdays_only": True}
    return {
        "channel": stored.channel,
        "hours": stored.hours,
        "weekdays_only": stored.weekdays_only,
        "only_late": stored.only_late,
    }


office.register(OfficePage("digest", "what-waits", TITLE, (), show))
menu.register_link("settings", menu.Link(TITLE, "schedule_send", "office:digest", 90))

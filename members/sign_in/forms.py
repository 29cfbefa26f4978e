# mypy: allow-subclassing-any
"""Forms of the sign-in pages."""

from __future__ import annotations

from typing import Any

import structlog
from django import forms
from django.contrib.auth.forms import SetPasswordForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.forms import AdminOwnPasswordChangeForm
from unfold.widgets import (
    UnfoldAdminEmailInputWidget,
    UnfoldAdminPasswordWidget,
    UnfoldAdminTextInputWidget,
)

from common import clock
from common.errors import TwotierError
from members.models import User
from members.sign_in.limits import count_link_request
from members.sign_in.lockout import client_address
from members.sign_in.passwords import change_password, reset_password, send_password_link

log = structlog.get_logger(__name__)


def site_of(request: HttpRequest) -> str:
    return f"{request.scheme}://{request.get_host()}"


class PasswordLinkForm(forms.Form):
    """Sends the link, and shows neither whether an account has this address nor the limit."""

    email = forms.EmailField(
        label=_("Email address"),
        max_length=254,
        widget=UnfoldAdminEmailInputWidget(attrs={"autocomplete": "email"}),
    )

    def save(self, *, request: HttpRequest, **_options: Any) -> None:
        email, client, at = self.cleaned_data["email"], client_address(request), clock.now()
        if not count_link_request(email=email, client=client, at=at):
            log.warning("password_link_limited", address=client)
            return
        for user in User.objects.filter(email__iexact=email, is_active=True, is_staff=True):
            try:
                send_password_link(user=user, site=site_of(request), by=None, at=at)
            except TwotierError as error:
                log.exception("password_link_not_sent", username=user.username, code=error.code)


class ResetPasswordForm(SetPasswordForm):  # type: ignore[type-arg]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget = UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"})

    def save(self, commit: bool = True) -> Any:
        password = self.cleaned_data["new_password1"]
        reset_password(user=self.user, password=password, at=clock.now())
        return self.user


class CodeForm(forms.Form):
    code = forms.CharField(
        label=_("Code"),
        max_length=32,
        widget=UnfoldAdminTextInputWidget(
            attrs={"autocomplete": "one-time-code", "autofocus": True}
        ),
    )

    def clean_code(self) -> str:
        return str(self.cleaned_data["code"]).replace(" ", "").lower()


class ChangePasswordForm(AdminOwnPasswordChangeForm):
    def save(self, commit: bool = True) -> Any:
        password = self.cleaned_data["new_password1"]
        change_password(user=self.user, password=password, at=clock.now())
        return self.user

# mypy: allow-subclassing-any
"""The sign-in pages of staff."""

from __future__ import annotations

from base64 import b32encode
from typing import Any

import django_otp
import segno
import structlog
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth import views
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse, reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.generic import FormView
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from backoffice import office
from common import clock
from members.sign_in.forms import (
    ChangePasswordForm,
    CodeForm,
    PasswordLinkForm,
    ResetPasswordForm,
)
from members.sign_in.lockout import client_address
from members.sign_in.second_factor import (
    add_second_factor,
    has_second_factor,
    record_recovery,
    unconfirmed_device,
    verify_code,
)

log = structlog.get_logger(__name__)

PAGE = "registration/sign_in_page.html"


@never_cache
def locked_out(request: HttpRequest, *_args: Any) -> HttpResponse:
    """Return the page that a locked-out person sees."""
    minutes = int(settings.AXES_COOLOFF_TIME.total_seconds() // 60)
    context = {
        **admin.site.each_context(request),
        "title": _("Too many failed sign-ins"),
        "intro": _(
            "Sign-in with this name is locked for %(minutes)s minutes. Wait, or ask the operator "
            "of the server to unlock it."
        )
        % {"minutes": minutes},
        "back": reverse("admin:login"),
        "back_label": _("Back to sign-in"),
    }
    return render(request, PAGE, context, status=429)


class SignInPage:
    """A page in the look of the sign-in page."""

    template_name: Any = PAGE
    intro: Any = ""
    submit_label: Any = ""
    back = reverse_lazy("admin:login")
    back_label: Any = gettext_lazy("Back to sign-in")
    request: HttpRequest

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        own = {"intro": self.intro, "submit_label": self.submit_label}
        own |= {"back": self.back, "back_label": self.back_label}
        context = super().get_context_data(**kwargs)  # type: ignore[misc]
        return {**admin.site.each_context(self.request), **own, **context}


class PasswordResetView(SignInPage, views.PasswordResetView):
    form_class = PasswordLinkForm  # type: ignore[assignment]
    title = gettext_lazy("Forgotten your password?")
    intro = gettext_lazy("Give the email address of your account. You will get a link by mail.")
    submit_label = gettext_lazy("Send the link")


class PasswordResetDoneView(SignInPage, views.PasswordResetDoneView):
    title = gettext_lazy("The link is on its way")
    intro = gettext_lazy(
        "If an account has this address, the mail arrives within minutes. If it does not, look "
        "into the spam folder or ask an administrator."
    )


class PasswordResetConfirmView(SignInPage, views.PasswordResetConfirmView):
    form_class = ResetPasswordForm
    title = gettext_lazy("Set your password")
    submit_label = gettext_lazy("Save the password")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        if not self.validlink:
            context |= {
                "title": _("This link does not work"),
                "intro": _("It was used already, or is too old. Ask for a new one."),
                "back": reverse("admin_password_reset"),
                "back_label": _("Ask for a new link"),
            }
        return context


class PasswordResetCompleteView(SignInPage, views.PasswordResetCompleteView):
    title = gettext_lazy("The password is set")
    intro = gettext_lazy("Sign in with the new password.")


class PasswordChangeView(views.PasswordChangeView):
    form_class = ChangePasswordForm
    template_name = "registration/password_change_form.html"
    success_url = reverse_lazy("admin:password_change_done")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**admin.site.each_context(self.request), **super().get_context_data(**kwargs)}


def picture_of(device: TOTPDevice) -> dict[str, str]:
    """Return what an app needs to know of a device, as a picture and as text."""
    return {
        "qr": segno.make(device.config_url, micro=False).svg_data_uri(scale=5),
        "secret": b32encode(device.bin_key).decode(),
    }


@method_decorator(never_cache, "dispatch")
class SecondFactorView(
    LoginRequiredMixin,
    views.RedirectURLMixin,
    SignInPage,
    FormView,  # type: ignore[type-arg]
):
    """Asks for the code of the device, or lets the person set one up."""

    template_name = "registration/second_factor.html"
    form_class = CodeForm
    next_page = "admin:index"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        user: Any = request.user
        if user.is_authenticated and user.is_verified():
            return HttpResponseRedirect(self.get_success_url())
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        user: Any = self.request.user
        context |= {"back": "", "username": user.username}
        if has_second_factor(user):
            return context | {
                "title": _("Second factor"),
                "intro": _("Enter the code that your app shows, or one of your recovery codes."),
                "submit_label": _("Sign in"),
                "hint": _(
                    "Lost your phone? Enter a recovery code. If you have none, ask a superuser to"
                    " remove the lost device; you then set up another one, and review nothing for"
                    " 24 hours."
                ),
            }
        device = unconfirmed_device(user)
        return context | {
            "title": _("Set up the second factor"),
            "intro": _(
                "Scan the picture with an authenticator app on your phone, then enter the code "
                "that the app shows."
            ),
            "submit_label": _("Confirm"),
            **picture_of(device),
        }

    def form_valid(self, form: CodeForm) -> HttpResponse:
        user: Any = self.request.user
        code, codes = form.cleaned_data["code"], list[str]()
        if has_second_factor(user):
            device = verify_code(user=user, code=code)
        else:
            device, codes = add_second_factor(user=user, code=code, at=clock.now())
        if device is None:
            log.warning(
                "second_factor_failed",
                username=user.username,
                address=client_address(self.request),
            )
            form.add_error(
                "code", _("This code is not valid now. Wait a moment, then enter the next one.")
            )
            return self.form_invalid(form)
        django_otp.login(self.request, device)
        if codes:
            return self._show(codes)
        if isinstance(device, StaticDevice):
            self._warn_of_recovery(user)
            return HttpResponseRedirect(office.url("security"))
        return HttpResponseRedirect(self.get_success_url())

    def _warn_of_recovery(self, user: Any) -> None:
        left = record_recovery(user=user, at=clock.now())
        text = ngettext(
            "You used a recovery code, %(left)s is left. If your phone is lost, set up another one"
            " here.",
            "You used a recovery code, %(left)s are left. If your phone is lost, set up another one"
            " here.",
            left,
        )
        messages.warning(self.request, text % {"left": left})

    def _show(self, codes: list[str]) -> HttpResponse:
        context = {
            **admin.site.each_context(self.request),
            "title": _("Your recovery codes"),
            "intro": _(
                "Each of these codes works once in place of the app. Print them now and lock them "
                "away: they are not shown again."
            ),
            "codes": codes,
            "back": self.get_success_url(),
            "back_label": _("I have stored them"),
        }
        return self.response_class(self.request, self.template_name, context)

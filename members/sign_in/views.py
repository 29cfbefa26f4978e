# mypy: allow-subclassing-any
"""The sign-in pages of staff."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.contrib.auth import views
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from members.sign_in.forms import ChangePasswordForm, PasswordLinkForm, ResetPasswordForm

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
    submit: Any = ""
    back = reverse_lazy("admin:login")
    back_label: Any = gettext_lazy("Back to sign-in")
    request: HttpRequest

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        own = {"intro": self.intro, "submit": self.submit}
        own |= {"back": self.back, "back_label": self.back_label}
        context = super().get_context_data(**kwargs)  # type: ignore[misc]
        return {**admin.site.each_context(self.request), **own, **context}


class PasswordResetView(SignInPage, views.PasswordResetView):
    form_class = PasswordLinkForm  # type: ignore[assignment]
    title = gettext_lazy("Forgotten your password?")
    intro = gettext_lazy("Give the email address of your account. You will get a link by mail.")
    submit = gettext_lazy("Send the link")


class PasswordResetDoneView(SignInPage, views.PasswordResetDoneView):
    title = gettext_lazy("The link is on its way")
    intro = gettext_lazy(
        "If an account has this address, the mail arrives within minutes. If it does not, look "
        "into the spam folder or ask an administrator."
    )


class PasswordResetConfirmView(SignInPage, views.PasswordResetConfirmView):
    form_class = ResetPasswordForm
    title = gettext_lazy("Set your password")
    submit = gettext_lazy("Save the password")

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

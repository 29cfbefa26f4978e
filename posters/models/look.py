"""The look of the shop on its posters."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from common.base_models import Singleton


class ShopLook(Singleton):
    """The shop's name, logo and texts on posters; empty texts have defaults."""

    name = models.CharField(
        _("name"), max_length=24, blank=True, help_text=_("Empty: the brand of the settings.")
    )
    logo = models.CharField(_("path of the logo"), max_length=100, blank=True, editable=False)
    slogan = models.CharField(_("slogan"), max_length=30, blank=True)
    cta = models.CharField(
        _("call to action"), max_length=20, blank=True, help_text=_("Beside the code.")
    )
    cta2 = models.CharField(_("second line of the call"), max_length=20, blank=True)
    footer = models.CharField(_("footer"), max_length=40, blank=True)
    is_ad = models.BooleanField(
        _("marked as advertising"), default=True,
        help_text=_(
            "Shows 广告. The advertising law of China requires it on pictures that promote goods:"
            " switch it off only if your lawyers agree."
        ),
    )  # fmt: skip

    class Meta(Singleton.Meta):
        verbose_name = _("look of posters")
        verbose_name_plural = _("look of posters")

    def __str__(self) -> str:
        return str(_("Look of posters"))

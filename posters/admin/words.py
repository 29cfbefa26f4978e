"""The words of the editor's script, in the language of the person."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from posters.rendering import samples as known

SAMPLES = {
    "normal": gettext_lazy("ordinary product"),
    "longest_title": gettext_lazy("longest title"),
    "no_strike_price": gettext_lazy("no original price"),
    "no_price": gettext_lazy("no price"),
    "no_pictures": gettext_lazy("no pictures"),
    "hostile": gettext_lazy("odd nickname"),
}


def samples() -> list[tuple[str, str]]:
    """Return the samples to choose from, with their names."""
    return [(name, str(SAMPLES.get(name, name))) for name in known.SAMPLES]


def words() -> dict[str, str]:
    return {
        "add": _("Add"),
        "apply": _("Apply"),
        "color": _("one colour"),
        "fault": _("The server could not answer. Your work is still here; try again."),
        "fit": _("The template may be published: texts and QR code can be read."),
        "gradient": _("gradient"),
        "id": _("id"),
        "isPublished": _("Version %(number)s is published."),
        "load": _("Open"),
        "locked": _("Locked"),
        "lower": _("Lower"),
        "notTemplate": _("A template has a canvas and a list of elements."),
        "offline": _("The server cannot be reached. Your work is still here; try again."),
        "open": _("open here"),
        "opened": _("Version %(number)s is open. Save it to go on from it."),
        "palette": _("Palette"),
        "problems": _("The template has problems; they are listed below the poster."),
        "publish": _("Publish"),
        "published": _("published"),
        "publishedNow": _("Version %(number)s is published: members get it from now on."),
        "raise": _("Raise"),
        "remove": _("Remove"),
        "saved": _("Version %(number)s is saved."),
        "savedNotPublished": _("Version %(number)s is saved, and not published."),
        "stops": _("Number of colours"),
        "template": _("Template"),
        "unsaved": _("There are changes that are not saved."),
        "version": _("Version"),
        "visible": _("Visible"),
        "working": _("One moment …"),
    }

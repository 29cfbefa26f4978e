"""Configure the appearance of the admin; ``config/menu.py`` has its menu."""

from __future__ import annotations

from typing import Any

from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "Twotier",
    "SITE_HEADER": "Twotier",
    "SITE_SUBHEADER": _("Two-tier distribution"),
    "SITE_SYMBOL": "account_tree",
    "SITE_URL": None,  # there is no other site behind it
    "SITE_FAVICONS": [
        {
            "rel": "icon",
            "type": "image/svg+xml",
            "href": lambda _request: static("twotier/favicon.svg"),
        }
    ],
    "STYLES": [
        lambda _request: static("twotier/admin.css"),
        lambda _request: static("twotier/admin/impact.css"),
        lambda _request: static("twotier/admin/frame.css"),
    ],
    "GLOBAL_CALLBACK": "backoffice.header_notices.context",
    "ACCOUNT": {
        "navigation": [
            {
                "title": _("Send me what waits"),
                "link": lambda _request: reverse("admin:office_digest"),
            },
            {
                "title": _("My sign-in"),
                "link": lambda _request: reverse("admin:office_security"),
            },
        ],
    },
    "SHOW_LANGUAGES": True,
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
}

"""How the admin looks and is arranged."""

from __future__ import annotations

from typing import Any

from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _


def _link(title: Any, icon: str, model: str) -> dict[str, Any]:
    app, name = model.split(".")
    return {
        "title": title,
        "icon": icon,
        "link": reverse_lazy(f"admin:{app}_{name}_changelist"),
        "permission": lambda request: request.user.has_perm(f"{app}.view_{name}"),
    }


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
    "SHOW_LANGUAGES": True,
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "SIDEBAR": {
        "show_search": False,
        "navigation": [
            {
                "title": _("People"),
                "separator": True,
                "items": [
                    _link(_("Members"), "group", "members.member"),
                    _link(_("Grades"), "military_tech", "members.membergrade"),
                    _link(_("Tags"), "sell", "members.tag"),
                ],
            },
            {
                "title": _("Goods"),
                "separator": True,
                "items": [
                    _link(_("Products"), "inventory_2", "catalog.product"),
                    _link(_("Categories"), "account_tree", "catalog.category"),
                ],
            },
            {
                "title": _("Money"),
                "separator": True,
                "items": [
                    _link(_("Accounts"), "account_balance_wallet", "ledger.account"),
                    _link(_("Transfers"), "sync_alt", "ledger.transfer"),
                ],
            },
            {
                "title": _("System"),
                "separator": True,
                "items": [
                    _link(_("Facts"), "history", "events.event"),
                    _link(_("Deliveries"), "outbox", "events.delivery"),
                    _link(_("Staff"), "badge", "members.user"),
                    _link(_("Groups"), "shield_person", "auth.group"),
                ],
            },
        ],
    },
}

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
    "STYLES": [lambda _request: static("twotier/admin.css")],
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
                "title": _("Distribution"),
                "separator": True,
                "items": [
                    _link(_("Applications"), "how_to_reg", "distribution.application"),
                    _link(_("Distributors"), "diversity_3", "distribution.distributor"),
                    _link(_("Bindings"), "link", "distribution.binding"),
                    _link(_("Referrals"), "share", "distribution.referral"),
                    _link(_("Standings"), "shopping_bag", "distribution.purchasetotals"),
                    _link(_("Levels"), "stairs", "distribution.level"),
                    _link(_("Segments"), "groups", "distribution.segment"),
                    _link(_("Distribution policy"), "tune", "distribution.policy"),
                ],
            },
            {
                "title": _("Orders"),
                "separator": True,
                "items": [
                    _link(_("Orders"), "receipt_long", "orders.order"),
                    _link(_("Refunds"), "assignment_return", "orders.refund"),
                    _link(_("Order policy"), "tune", "orders.policy"),
                ],
            },
            {
                "title": _("Commissions"),
                "separator": True,
                "items": [
                    _link(_("Commission plans"), "percent", "commissions.plan"),
                    _link(_("Commissions"), "payments", "commissions.commission"),
                    _link(_("Held commissions"), "front_hand", "commissions.commissionhold"),
                    _link(_("Due commissions"), "schedule", "commissions.duecredit"),
                    _link(_("Settlements"), "done_all", "commissions.settlement"),
                    _link(_("Clawbacks"), "undo", "commissions.clawback"),
                ],
            },
            {
                "title": _("Withdrawals"),
                "separator": True,
                "items": [
                    _link(_("Withdrawals"), "account_balance", "withdrawals.withdrawal"),
                    _link(_("Attempts to pay"), "send", "withdrawals.attempt"),
                    _link(_("Conclusions"), "gavel", "withdrawals.manualresolution"),
                    _link(_("Evidence"), "verified", "withdrawals.evidence"),
                    _link(_("Tax entries"), "request_quote", "withdrawals.taxentry"),
                    _link(_("Payees"), "credit_card", "withdrawals.payee"),
                    _link(_("Real identities"), "fingerprint", "withdrawals.person"),
                    _link(_("Payout channels"), "pause_circle", "withdrawals.channel"),
                    _link(_("Reasons for rejections"), "list", "withdrawals.rejectionreason"),
                    _link(_("Payout policy"), "tune", "withdrawals.policy"),
                ],
            },
            {
                "title": _("Risk"),
                "separator": True,
                "items": [
                    _link(_("Risk cases"), "policy", "risk.case"),
                    _link(_("Risk holds"), "front_hand", "risk.hold"),
                    _link(_("Assessments"), "fact_check", "risk.assessment"),
                    _link(_("Risk rules"), "tune", "risk.rule"),
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
                "title": _("Closing"),
                "separator": True,
                "items": [
                    _link(_("Differences"), "difference", "closing.difference"),
                    _link(_("Bills"), "receipt", "closing.providerstatement"),
                    _link(_("Bill rows"), "list_alt", "closing.statementline"),
                    _link(_("Documents"), "description", "closing.treasurydocument"),
                    _link(_("Adjustments"), "balance", "closing.adjustment"),
                    _link(_("Bonuses with the wages"), "redeem", "closing.payroll"),
                    _link(_("Accounting months"), "event_available", "ledger.period"),
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

"""Draft and publish plans, and show commissions; only services change them."""

from django.utils.translation import gettext_lazy as _

from backoffice import menu
from commissions.admin import (
    answers,
    claim_queue,
    claims,
    commissions,
    conflict_queue,
    conflicts,
    explanations,
    impacts,
    ledger_sources,
    order_page,
    person,
    plan_queue,
    plans,
    policy_effects,
    rule_list,
    settlement,
)

menu.register(
    "commissions",
    (_("Commission plans"), "percent", "commissions.plan"),
    (_("Commissions"), "payments", "commissions.commission"),
    (_("Held commissions"), "front_hand", "commissions.commissionhold"),
    (_("Claims"), "support_agent", "commissions.claim"),
    (_("Conflicts"), "compare_arrows", "orders.orderconflict"),
    (_("Acceptances of conflicts"), "how_to_reg", "commissions.conflictacceptance"),
    (_("Due commissions"), "schedule", "commissions.duecredit"),
    (_("Settlements"), "done_all", "commissions.settlement"),
    (_("Changes after crediting"), "undo", "commissions.commissionchange"),
)

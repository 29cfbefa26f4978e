"""Show distributors, bindings, referrals and the distribution policy."""

from django.utils.translation import gettext_lazy as _

from backoffice import menu
from distribution.admin import (
    application_queue,
    binding_answers,
    bindings,
    forms,
    impacts,
    people,
    person,
    policy,
    policy_effects,
    search,
)

menu.register(
    "distribution",
    (_("Applications"), "how_to_reg", "distribution.application"),
    (_("Application forms"), "quiz", "distribution.applicationform"),
    (_("Distributors"), "diversity_3", "distribution.distributor"),
    (_("Bindings"), "link", "distribution.binding"),
    (_("Referrals"), "share", "distribution.referral"),
    (_("Purchase totals"), "shopping_bag", "distribution.purchasetotals"),
    (_("Levels"), "stairs", "distribution.level"),
    (_("Segments"), "groups", "distribution.segment"),
    (_("Distribution policy"), "tune", "distribution.policy"),
)

"""Draft, check and publish incentives, and show what they give; only services change them."""

from django.utils.translation import gettext_lazy as _

from backoffice import menu
from incentives.admin import (
    award_panels,
    awards,
    closings,
    closings_queue,
    gifts,
    gifts_queue,
    incentive_panels,
    incentives,
    levels,
    levels_ladder,
    levels_panel,
    levels_pins,
    person,
    policy,
    policy_effects,
    proofs,
    proofs_queue,
    publication_queue,
    search,
    templates_page,
    versions,
)

menu.register(
    "incentives",
    (_("Incentives"), "trophy", "incentives.incentive"),
    (_("Versions of incentives"), "history_edu", "incentives.version"),
    (_("Awards"), "redeem", "incentives.award"),
    (_("Incentive settings"), "tune", "incentives.policy"),
)

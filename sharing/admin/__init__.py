"""Show shares, visits and home pages, and edit words, landing pages and the policy."""

from django.utils.translation import gettext_lazy as _

from backoffice import menu
from sharing.admin import homes, policy_effects, settings, shares, visits, words

menu.register(
    "sharing",
    (_("Shares"), "share", "sharing.share"),
    (_("Visits"), "footprint", "sharing.visit"),
    (_("Home pages"), "storefront", "sharing.homepage"),
    (_("Mini-program codes"), "qr_code_2", "sharing.miniprogramcode"),
    (_("Forbidden words"), "block", "sharing.forbiddenword"),
    (_("Landing pages"), "ads_click", "sharing.landingpolicy"),
    (_("Sharing policy"), "tune", "sharing.sharingpolicy"),
)

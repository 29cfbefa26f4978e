"""Risk rules, assessments, holds and cases, and the queue of cases."""

from django.utils.translation import gettext_lazy as _

from backoffice import menu
from risk.admin import case_queue, person, records, rule_words

menu.register(
    "risk",
    (_("Risk cases"), "policy", "risk.case"),
    (_("Risk holds"), "front_hand", "risk.hold"),
    (_("Assessments"), "fact_check", "risk.assessment"),
    (_("Risk rules"), "tune", "risk.rule"),
)

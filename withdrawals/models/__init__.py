from withdrawals.models.attempt import Attempt, Evidence
from withdrawals.models.channel import Channel
from withdrawals.models.conclusion import Conclusion
from withdrawals.models.people import Payee, Person
from withdrawals.models.policy import Policy, Reason
from withdrawals.models.tax import TaxEntry, TaxYear
from withdrawals.models.withdrawal import Withdrawal

__all__ = [
    "Attempt",
    "Channel",
    "Conclusion",
    "Evidence",
    "Payee",
    "Person",
    "Policy",
    "Reason",
    "TaxEntry",
    "TaxYear",
    "Withdrawal",
]

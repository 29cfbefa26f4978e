"""Distributors, bindings and the distribution policy."""

from distribution.models.forms import ApplicationForm, Question
from distribution.models.people import Application, Distributor, DistributorPeriod, Level, Segment
from distribution.models.policy import Policy
from distribution.models.relations import (
    Binding,
    BindingExtension,
    PurchaseTotals,
    Referral,
    Source,
)

"""Who distributes, and who is whose upline."""

from distribution.models.people import Application, Distributor, Level, Segment, Spell
from distribution.models.policy import Policy
from distribution.models.relations import Binding, Referral, Source, Standing

__all__ = [
    "Application",
    "Binding",
    "Distributor",
    "Level",
    "Policy",
    "Referral",
    "Segment",
    "Source",
    "Spell",
    "Standing",
]

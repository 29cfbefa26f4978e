"""The room's verbs: who becomes a distributor, and who is bound to whom."""

from distribution.services.binding import Referred, bind_waiting, refer
from distribution.services.enrolment import enrol
from distribution.services.purchases import Purchase, purchased

__all__ = ["Purchase", "Referred", "bind_waiting", "enrol", "purchased", "refer"]

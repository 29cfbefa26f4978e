"""Plans, the commissions that orders earn by them, and their way into the wallets."""

from commissions.models.back_test import BackTest, BackTestDistributor, BackTestProduct
from commissions.models.boost import Boost
from commissions.models.claim import Claim, ClaimEvidence
from commissions.models.commission import (
    AnnouncedClawback,
    Commission,
    CommissionChange,
    CommissionHold,
    DueCredit,
    Explanation,
    OrderCommissionTerms,
)
from commissions.models.conflict import ConflictAcceptance
from commissions.models.plan import Plan, Rule
from commissions.models.settlement import CreditedMember, CreditFanOut, Settlement
from commissions.models.update import AnnouncedAccruals, CommissionUpdate

"""Review and pay withdrawals; only services change them."""

from django.utils.translation import gettext_lazy as _

from backoffice import menu
from withdrawals.admin import (
    answers,
    attempts,
    channels,
    impacts,
    ledger_sources,
    manual_resolutions,
    payout_batches,
    people,
    person,
    policy,
    policy_effects,
    resolution_queue,
    review_queue,
    withdrawals,
)

menu.register(
    "withdrawals",
    (_("Withdrawals"), "account_balance", "withdrawals.withdrawal"),
    (_("Payout attempts"), "send", "withdrawals.attempt"),
    (_("Payout batches"), "inventory", "withdrawals.payoutbatch"),
    (_("Resolutions"), "gavel", "withdrawals.manualresolution"),
    (_("Evidence"), "verified", "withdrawals.evidence"),
    (_("Tax entries"), "request_quote", "withdrawals.taxentry"),
    (_("Payees"), "credit_card", "withdrawals.payee"),
    (_("Payout authorizations"), "handshake", "withdrawals.payoutauthorization"),
    (_("Real identities"), "fingerprint", "withdrawals.person"),
    (_("Payout channels"), "pause_circle", "withdrawals.channel"),
    (_("Reasons for rejections"), "list", "withdrawals.rejectionreason"),
    (_("Payout policy"), "tune", "withdrawals.policy"),
)

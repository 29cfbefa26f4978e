"""Services of the ledger, the only code that moves money."""

from ledger.services.accounts import (
    account,
    commission_payer,
    open_wallets,
    platform_account,
    platform_account_ids,
)
from ledger.services.corrections import NotReversible, reclaim, reverse
from ledger.services.errors import InsufficientFunds, KeyReused, PostingRejected
from ledger.services.periods import (
    AlreadyClosed,
    AlreadySigned,
    MonthOutOfOrder,
    block_postings,
    hash_period,
    require_next_month,
    sign_period,
)
from ledger.services.transfers import (
    Posting,
    PostingQuery,
    PostingResult,
    Source,
    transfer,
    transfer_many,
)

__all__ = [
    "AlreadyClosed",
    "AlreadySigned",
    "InsufficientFunds",
    "KeyReused",
    "MonthOutOfOrder",
    "NotReversible",
    "Posting",
    "PostingQuery",
    "PostingRejected",
    "PostingResult",
    "Source",
    "account",
    "block_postings",
    "commission_payer",
    "hash_period",
    "open_wallets",
    "platform_account",
    "platform_account_ids",
    "reclaim",
    "require_next_month",
    "reverse",
    "sign_period",
    "transfer",
    "transfer_many",
]

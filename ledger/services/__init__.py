"""Services of the ledger, the only code that moves money."""

from ledger.services.accounts import (
    account,
    award_payer,
    commission_payer,
    lock_accounts,
    open_wallets,
    platform_account,
    platform_account_ids,
)
from ledger.services.corrections import Reclaim, reclaim, reclaim_many, reverse
from ledger.services.merging import merge_accounts
from ledger.services.periods import block_postings, hash_period, require_next_month, sign_period
from ledger.services.spending import SPENDABLE, spend, unspend
from ledger.services.transfers import Posting, PostingQuery, Source, transfer, transfer_many

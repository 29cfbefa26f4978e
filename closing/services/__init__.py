"""Reconcile the books with the provider and the bank, and close months."""

from closing.services.adjustments import post_adjustment, propose_adjustment, refuse_adjustment
from closing.services.control_runs import request_controls, take_requested_run
from closing.services.exports import export_payroll, export_statement, export_withholding
from closing.services.journal_export import export_journal
from closing.services.month_close import hash_closed_periods, sign_month
from closing.services.payroll import hand_over_bonuses
from closing.services.reconciliation import assign_difference, close_difference, reconcile
from closing.services.reversal import reverse_document
from closing.services.statement_fetch import fetch_statement, missing_days
from closing.services.statement_import import import_statement, match_suspended
from closing.services.treasury import (
    book_bank_payment,
    book_bank_return,
    book_batch,
    clear_as_bank_transfer,
    remit_tax,
    top_up,
    write_off,
)

"""Who may do what; see ``config.roles``."""

OPERATIONS = "withdrawals.review_as_operations"
FINANCE = "withdrawals.review_as_finance"

"""Guard transfers, accounts and months, and open the platform accounts.

* Transfers never change; accounts are never deleted, and only their balance changes.
* A balance changes only in the statement that inserts the matching transfers.
* A transfer is never effective in a closed month; a closed month only receives its hash, once.
"""

from django.db import migrations

from common import guards

GUARDS = [
    guards.append_only("ledger_transfer", always=True),
    guards.never_deleted("ledger_account", always=True),
    guards.immutable(
        "ledger_account", "id", "member_id", "kind", "asset", name="only_balance_changes", always=True
    ),
    guards.read(__file__, "balances", "periods"),
    guards.immutable(
        "ledger_period", "id", "month", "ends_at", "first_signer_id", "first_signer_member", "first_signed_at",
        always=True,
    ),
    guards.never_deleted("ledger_period", always=True),
    guards.no_early_review("ledger_period", "first_signer_id", "second_signer_id"),
]

ACCOUNTS = [
    ("commission_expense", "cash"),
    ("commission_expense", "bonus"),
    ("issued", "store_credit"),
    ("issued", "points"),
    ("payout_clearing", "cash"),
    ("provider_balance", "cash"),
    ("bank", "cash"),
    ("tax_payable", "cash"),
    ("fee_income", "cash"),
    ("sales", "store_credit"),
    ("sales", "points"),
    ("payroll", "bonus"),
    ("bad_debt", "cash"),
    ("bad_debt", "store_credit"),
    ("bad_debt", "points"),
    ("bad_debt", "bonus"),
    ("suspense", "cash"),
    ("conversion", "cash"),
    ("incentive_expense", "cash"),
    ("incentive_expense", "bonus"),
]


def open_accounts(apps, schema_editor):
    Account = apps.get_model("ledger", "Account")
    Account.objects.bulk_create(Account(kind=kind, asset=asset) for kind, asset in ACCOUNTS)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial"), ("events", "0002_guards"), ("members", "0002_guards")]

    operations = [
        guards.install(*GUARDS),
        migrations.RunPython(open_accounts, migrations.RunPython.noop),
    ]

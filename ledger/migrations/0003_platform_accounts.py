"""The platform's accounts of the chart, so that a posting always finds them."""

from django.db import migrations

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
]


def open_accounts(apps, schema_editor):
    Account = apps.get_model("ledger", "Account")
    Account.objects.bulk_create(Account(kind=kind, asset=asset) for kind, asset in ACCOUNTS)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0002_guards")]

    operations = [migrations.RunPython(open_accounts, migrations.RunPython.noop)]

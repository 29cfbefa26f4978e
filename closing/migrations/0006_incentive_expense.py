"""Know the expense of incentives: a control, the reasons of flows, and accounts of the books."""

from django.conf import settings
from django.db import migrations, models

ACCOUNTS = [
    ('cash', '6601.04', '销售费用-激励奖励'),
    ('bonus', '6601.05', '销售费用-员工激励奖金'),
]


def add_accounts(apps, schema_editor):
    JournalAccount = apps.get_model("closing", "JournalAccount")
    for asset, code, name in ACCOUNTS:
        JournalAccount.objects.get_or_create(
            asset=asset, kind="incentive_expense", defaults={"code": code, "name": name}
        )


class Migration(migrations.Migration):

    dependencies = [
        ('closing', '0005_adjustment_queue'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='difference',
            name='difference_control_valid',
        ),
        migrations.AlterField(
            model_name='dayflow',
            name='credit_kind',
            field=models.CharField(choices=[('wallet', 'wallet'), ('held', 'held for withdrawals'), ('owed', 'owed'), ('commission_expense', 'commission expense'), ('incentive_expense', 'incentive expense'), ('issued', 'issued'), ('payout_clearing', 'payout clearing'), ('conversion', 'conversion into store credit'), ('provider_balance', 'balance at the payment provider'), ('bank', 'bank'), ('tax_payable', 'tax payable'), ('fee_income', 'fee income'), ('sales', 'sales'), ('payroll', 'payroll'), ('bad_debt', 'bad debt'), ('suspense', 'suspense')], max_length=20, verbose_name='credited account'),
        ),
        migrations.AlterField(
            model_name='dayflow',
            name='debit_kind',
            field=models.CharField(choices=[('wallet', 'wallet'), ('held', 'held for withdrawals'), ('owed', 'owed'), ('commission_expense', 'commission expense'), ('incentive_expense', 'incentive expense'), ('issued', 'issued'), ('payout_clearing', 'payout clearing'), ('conversion', 'conversion into store credit'), ('provider_balance', 'balance at the payment provider'), ('bank', 'bank'), ('tax_payable', 'tax payable'), ('fee_income', 'fee income'), ('sales', 'sales'), ('payroll', 'payroll'), ('bad_debt', 'bad debt'), ('suspense', 'suspense')], max_length=20, verbose_name='debited account'),
        ),
        migrations.AlterField(
            model_name='dayflow',
            name='reason',
            field=models.CharField(choices=[('commission', 'commission credited'), ('clawback', 'taken back after a refund'), ('award', 'award of an incentive'), ('award_return', 'award taken back'), ('recovery', 'debt recovered'), ('hold', 'held for a withdrawal'), ('release', 'withdrawal released'), ('payout', 'paid out'), ('conversion', 'converted into store credit'), ('tax', 'tax withheld'), ('fee', 'fee'), ('statement', "matched with the provider's statement"), ('treasury', 'top-up or remittance'), ('write_off', 'debt written off'), ('spending', 'spent in the shop'), ('payroll', 'paid with the wages'), ('adjustment', 'adjustment'), ('merge', 'merge of members'), ('reversal', 'reversal')], max_length=12, verbose_name='reason'),
        ),
        migrations.AlterField(
            model_name='difference',
            name='control',
            field=models.CharField(choices=[('accounts', "Each member's account is the sum of its transfers"), ('held', 'Held amounts equal the open withdrawals'), ('clearing', 'Payout clearing equals payments not yet matched with a statement'), ('statement_lines', 'Each successful payment is on exactly one statement line'), ('statements', 'Each day since the first payment has a statement'), ('provider', "The provider balance equals the statement's closing balance"), ('conversion', 'Cash turned into store credit equals the credit issued'), ('tax', 'Tax payable equals tax withheld less tax remitted'), ('expense', 'Commission and incentive expense equal credits less clawbacks'), ('credits', 'Each credited commission is in the ledger with its amount'), ('queue', 'Each protected commission is due as it stands, or held, and none is late'), ('amounts', 'Each commission is what its line still earns'), ('refunds', 'Each order line counts exactly its refunds'), ('awards', 'Each award is in the ledger with what it gave'), ('suspense', 'Nothing stays in suspense for long'), ('chain', 'Closed months are unchanged')], max_length=16, verbose_name='control'),
        ),
        migrations.AlterField(
            model_name='journalaccount',
            name='kind',
            field=models.CharField(choices=[('wallet', 'wallet'), ('held', 'held for withdrawals'), ('owed', 'owed'), ('commission_expense', 'commission expense'), ('incentive_expense', 'incentive expense'), ('issued', 'issued'), ('payout_clearing', 'payout clearing'), ('conversion', 'conversion into store credit'), ('provider_balance', 'balance at the payment provider'), ('bank', 'bank'), ('tax_payable', 'tax payable'), ('fee_income', 'fee income'), ('sales', 'sales'), ('payroll', 'payroll'), ('bad_debt', 'bad debt'), ('suspense', 'suspense')], max_length=20, verbose_name='kind'),
        ),
        migrations.AddConstraint(
            model_name='difference',
            constraint=models.CheckConstraint(condition=models.Q(('control__in', ['accounts', 'held', 'clearing', 'statement_lines', 'statements', 'provider', 'conversion', 'tax', 'expense', 'credits', 'queue', 'amounts', 'refunds', 'awards', 'suspense', 'chain'])), name='difference_control_valid'),
        ),
        migrations.RunPython(add_accounts, migrations.RunPython.noop),
    ]

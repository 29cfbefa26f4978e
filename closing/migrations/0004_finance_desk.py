"""Store runs of the controls, the flows of days, and how vouchers are written.

Codes of the accounts follow the Chinese accounting standards for enterprises; a shop replaces them.
"""

import closing.models.journal
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from common import guards
from common.base_models import insert_singleton


FORMATS = [
    ('用友（UFIDA）', 'gb18030', [
        '制单日期 = date',
        '凭证类别字 = word',
        '凭证编号 = number',
        '附单据数 = "0"',
        '摘要 = summary',
        '科目编码 = account',
        '科目名称 = account_name',
        '借方金额 = debit',
        '贷方金额 = credit',
        '制单人 = preparer',
    ]),
    ('金蝶（Kingdee）', 'gb18030', [
        'FDate = date',
        'FYear = year',
        'FPeriod = period',
        'FGroupID = word',
        'FNumber = number',
        'FAccountNum = account',
        'FAccountName = account_name',
        'FCurrencyNum = "RMB"',
        'FCurrencyName = "人民币"',
        'FAmountFor = amount',
        'FDebit = debit',
        'FCredit = credit',
        'FPreparerID = preparer',
        'FExplanation = summary',
        'FExchangeRate = "1"',
        'FEntryID = line0',
    ]),
    ('通用表格', 'utf-8-sig', [
        '日期 = date',
        '凭证号 = number',
        '行号 = line',
        '摘要 = summary',
        '科目编码 = account',
        '科目名称 = account_name',
        '借方 = debit',
        '贷方 = credit',
    ]),
]
ACCOUNTS = [
    ('cash', 'wallet', '2241.01', '其他应付款-分销佣金'),
    ('cash', 'held', '2241.02', '其他应付款-提现中'),
    ('cash', 'owed', '1221.01', '其他应收款-分销员欠款'),
    ('cash', 'commission_expense', '6601.01', '销售费用-分销佣金'),
    ('cash', 'payout_clearing', '1012.01', '其他货币资金-付款在途'),
    ('cash', 'conversion', '2241.03', '其他应付款-转余额'),
    ('cash', 'provider_balance', '1012.02', '其他货币资金-支付平台'),
    ('cash', 'bank', '1002', '银行存款'),
    ('cash', 'tax_payable', '2221.01', '应交税费-代扣个人所得税'),
    ('cash', 'fee_income', '6051.01', '其他业务收入-提现手续费'),
    ('cash', 'bad_debt', '6702.01', '信用减值损失-分销欠款'),
    ('cash', 'suspense', '2241.99', '其他应付款-待查'),
    ('store_credit', 'wallet', '2241.04', '其他应付款-会员余额'),
    ('store_credit', 'owed', '1221.02', '其他应收款-余额欠款'),
    ('store_credit', 'issued', '6601.02', '销售费用-发放余额'),
    ('store_credit', 'sales', '2205', '合同负债'),
    ('store_credit', 'bad_debt', '6702.02', '信用减值损失-余额欠款'),
    ('bonus', 'wallet', '2211.01', '应付职工薪酬-奖金'),
    ('bonus', 'owed', '1221.03', '其他应收款-奖金欠款'),
    ('bonus', 'commission_expense', '6601.03', '销售费用-员工奖金'),
    ('bonus', 'payroll', '2211.02', '应付职工薪酬-随薪发放'),
    ('bonus', 'bad_debt', '6702.03', '信用减值损失-奖金欠款'),
]


def insert_presets(apps, schema_editor):
    JournalFormat = apps.get_model("closing", "JournalFormat")
    JournalFormat.objects.bulk_create(
        JournalFormat(name=name, encoding=encoding, columns="\n".join(columns))
        for name, encoding, columns in FORMATS
    )
    JournalAccount = apps.get_model("closing", "JournalAccount")
    JournalAccount.objects.bulk_create(
        JournalAccount(asset=asset, kind=kind, code=code, name=name)
        for asset, kind, code, name in ACCOUNTS
    )



class Migration(migrations.Migration):

    dependencies = [
        ('closing', '0003_conversion_control'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='DayFlow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField(verbose_name='day')),
                ('asset', models.CharField(choices=[('cash', 'cash'), ('store_credit', 'store credit'), ('points', 'points'), ('bonus', 'bonus')], max_length=12, verbose_name='asset')),
                ('reason', models.CharField(choices=[('commission', 'commission credited'), ('clawback', 'taken back after a refund'), ('recovery', 'debt recovered'), ('hold', 'held for a withdrawal'), ('release', 'withdrawal released'), ('payout', 'paid out'), ('conversion', 'converted into store credit'), ('tax', 'tax withheld'), ('fee', 'fee'), ('statement', "matched with the provider's statement"), ('treasury', 'top-up or remittance'), ('write_off', 'debt written off'), ('spending', 'spent in the shop'), ('payroll', 'paid with the wages'), ('adjustment', 'adjustment'), ('merge', 'merge of members'), ('reversal', 'reversal')], max_length=12, verbose_name='reason')),
                ('debit_kind', models.CharField(choices=[('wallet', 'wallet'), ('held', 'held for withdrawals'), ('owed', 'owed'), ('commission_expense', 'commission expense'), ('issued', 'issued'), ('payout_clearing', 'payout clearing'), ('conversion', 'conversion into store credit'), ('provider_balance', 'balance at the payment provider'), ('bank', 'bank'), ('tax_payable', 'tax payable'), ('fee_income', 'fee income'), ('sales', 'sales'), ('payroll', 'payroll'), ('bad_debt', 'bad debt'), ('suspense', 'suspense')], max_length=20, verbose_name='debited account')),
                ('credit_kind', models.CharField(choices=[('wallet', 'wallet'), ('held', 'held for withdrawals'), ('owed', 'owed'), ('commission_expense', 'commission expense'), ('issued', 'issued'), ('payout_clearing', 'payout clearing'), ('conversion', 'conversion into store credit'), ('provider_balance', 'balance at the payment provider'), ('bank', 'bank'), ('tax_payable', 'tax payable'), ('fee_income', 'fee income'), ('sales', 'sales'), ('payroll', 'payroll'), ('bad_debt', 'bad debt'), ('suspense', 'suspense')], max_length=20, verbose_name='credited account')),
                ('amount', models.BigIntegerField(verbose_name='amount')),
                ('count', models.BigIntegerField(verbose_name='transfers')),
            ],
            options={
                'verbose_name': 'flow of a day',
                'verbose_name_plural': 'flows of days',
                'constraints': [models.UniqueConstraint(fields=('day', 'asset', 'reason', 'debit_kind', 'credit_kind'), name='day_flow_unique'), models.CheckConstraint(condition=models.Q(('amount__gt', 0), ('count__gt', 0)), name='day_flow_not_empty')],
            },
        ),
        migrations.CreateModel(
            name='FoldedFlows',
            fields=[
                ('id', models.SmallIntegerField(default=1, editable=False, primary_key=True, serialize=False)),
                ('last_transfer', models.BigIntegerField(default=0, verbose_name='last transfer')),
                ('tip', models.BigIntegerField(default=0, verbose_name='highest transfer')),
                ('writers', models.JSONField(default=list, verbose_name='transactions')),
            ],
            options={
                'verbose_name': 'folded flows',
                'verbose_name_plural': 'folded flows',
                'abstract': False,
                'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='closing_foldedflows_singleton')],
            },
        ),
        migrations.CreateModel(
            name='JournalAccount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('asset', models.CharField(choices=[('cash', 'cash'), ('store_credit', 'store credit'), ('points', 'points'), ('bonus', 'bonus')], max_length=12, verbose_name='asset')),
                ('kind', models.CharField(choices=[('wallet', 'wallet'), ('held', 'held for withdrawals'), ('owed', 'owed'), ('commission_expense', 'commission expense'), ('issued', 'issued'), ('payout_clearing', 'payout clearing'), ('conversion', 'conversion into store credit'), ('provider_balance', 'balance at the payment provider'), ('bank', 'bank'), ('tax_payable', 'tax payable'), ('fee_income', 'fee income'), ('sales', 'sales'), ('payroll', 'payroll'), ('bad_debt', 'bad debt'), ('suspense', 'suspense')], max_length=20, verbose_name='kind')),
                ('code', models.CharField(max_length=40, verbose_name='code of the account')),
                ('name', models.CharField(max_length=100, verbose_name='name of the account')),
            ],
            options={
                'verbose_name': 'account of the books',
                'verbose_name_plural': 'accounts of the books',
                'ordering': ['code', 'id'],
                'constraints': [models.UniqueConstraint(fields=('asset', 'kind'), name='journal_account_unique'), models.CheckConstraint(condition=models.Q(models.Q(('code', ''), _negated=True), models.Q(('name', ''), _negated=True)), name='journal_account_not_empty')],
            },
        ),
        migrations.CreateModel(
            name='JournalFormat',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=40, unique=True, verbose_name='name')),
                ('columns', models.TextField(validators=[closing.models.journal.validate_columns], verbose_name='columns')),
                ('word', models.CharField(default='记', max_length=10, verbose_name='word of the voucher')),
                ('encoding', models.CharField(choices=[('gb18030', 'GB18030 (UFIDA, Kingdee)'), ('utf-8-sig', 'UTF-8 (spreadsheets)')], default='gb18030', max_length=12, verbose_name='encoding')),
                ('date_pattern', models.CharField(choices=[('%Y-%m-%d', '2026-11-27'), ('%Y/%m/%d', '2026/11/27'), ('%Y%m%d', '20261127')], default='%Y-%m-%d', max_length=12, verbose_name='date')),
            ],
            options={
                'verbose_name': 'format of vouchers',
                'verbose_name_plural': 'formats of vouchers',
                'ordering': ['id'],
                'permissions': [('export_journal', 'Can export journal vouchers')],
                'constraints': [models.CheckConstraint(condition=models.Q(('encoding__in', ['gb18030', 'utf-8-sig'])), name='journal_format_encoding_valid'), models.CheckConstraint(condition=models.Q(('date_pattern__in', ['%Y-%m-%d', '%Y/%m/%d', '%Y%m%d'])), name='journal_format_date_valid')],
            },
        ),
        migrations.CreateModel(
            name='ControlRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField(verbose_name='books up to')),
                ('requested_at', models.DateTimeField(verbose_name='requested at')),
                ('started_at', models.DateTimeField(null=True, verbose_name='started at')),
                ('ended_at', models.DateTimeField(null=True, verbose_name='ended at')),
                ('differences', models.JSONField(default=dict, verbose_name='differences')),
                ('fault', models.CharField(blank=True, max_length=64, verbose_name='fault')),
                ('requested_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='started by')),
            ],
            options={
                'verbose_name': 'run of the controls',
                'verbose_name_plural': 'runs of the controls',
                'ordering': ['-id'],
                'constraints': [models.UniqueConstraint(models.ExpressionWrapper(models.Q(('ended_at', None)), output_field=models.BooleanField()), condition=models.Q(('ended_at', None)), name='control_run_open_unique'), models.CheckConstraint(condition=models.Q(('fault', ''), ('ended_at__isnull', False), _connector='OR'), name='control_run_fault_ended'), models.CheckConstraint(condition=models.Q(('ended_at', None), ('started_at__isnull', False), models.Q(('fault', ''), _negated=True), _connector='OR'), name='control_run_ended_started')],
            },
        ),
        guards.install(
            guards.immutable("closing_controlrun", "id", "day", "requested_by_id", "requested_at"),
            guards.row_guard(
                "closing_controlrun", name="ended_final", when="OLD.ended_at IS NOT NULL",
                constraint="control_run_ended_final", message="a run that has ended does not change",
            ),
            guards.never_deleted("closing_controlrun"),
        ),
        migrations.RunPython(insert_singleton("closing", "FoldedFlows"), migrations.RunPython.noop),
        migrations.RunPython(insert_presets, migrations.RunPython.noop),
    ]

"""Insert how vouchers are written, and the codes of the accounts; a shop replaces both.

The codes follow the Chinese accounting standards for enterprises.
"""

from django.db import migrations

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
    ('cash', 'incentive_expense', '6601.04', '销售费用-激励奖励'),
    ('bonus', 'incentive_expense', '6601.05', '销售费用-员工激励奖金'),
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
    dependencies = [("closing", "0002_guards")]

    operations = [migrations.RunPython(insert_presets, migrations.RunPython.noop)]

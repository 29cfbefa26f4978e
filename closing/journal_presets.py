"""What a new shop starts with: formats of two accounting systems, and accounts of the books.

Codes follow the Chinese accounting standards for enterprises; a shop replaces them by its own.
"""

from __future__ import annotations

UFIDA = """\
制单日期 = date
凭证类别字 = word
凭证编号 = number
附单据数 = "0"
摘要 = summary
科目编码 = account
科目名称 = account_name
借方金额 = debit
贷方金额 = credit
制单人 = preparer
"""
KINGDEE = """\
FDate = date
FYear = year
FPeriod = period
FGroupID = word
FNumber = number
FAccountNum = account
FAccountName = account_name
FCurrencyNum = "RMB"
FCurrencyName = "人民币"
FAmountFor = amount
FDebit = debit
FCredit = credit
FPreparerID = preparer
FExplanation = summary
FExchangeRate = "1"
FEntryID = line0
"""
PLAIN = """\
日期 = date
凭证号 = number
行号 = line
摘要 = summary
科目编码 = account
科目名称 = account_name
借方 = debit
贷方 = credit
"""
FORMATS = (
    {"name": "用友（UFIDA）", "columns": UFIDA},
    {"name": "金蝶（Kingdee）", "columns": KINGDEE},
    {"name": "通用表格", "columns": PLAIN, "encoding": "utf-8-sig"},
)
ACCOUNTS = (
    ("cash", "wallet", "2241.01", "其他应付款-分销佣金"),
    ("cash", "held", "2241.02", "其他应付款-提现中"),
    ("cash", "owed", "1221.01", "其他应收款-分销员欠款"),
    ("cash", "commission_expense", "6601.01", "销售费用-分销佣金"),
    ("cash", "payout_clearing", "1012.01", "其他货币资金-付款在途"),
    ("cash", "conversion", "2241.03", "其他应付款-转余额"),
    ("cash", "provider_balance", "1012.02", "其他货币资金-支付平台"),
    ("cash", "bank", "1002", "银行存款"),
    ("cash", "tax_payable", "2221.01", "应交税费-代扣个人所得税"),
    ("cash", "fee_income", "6051.01", "其他业务收入-提现手续费"),
    ("cash", "bad_debt", "6702.01", "信用减值损失-分销欠款"),
    ("cash", "suspense", "2241.99", "其他应付款-待查"),
    ("store_credit", "wallet", "2241.04", "其他应付款-会员余额"),
    ("store_credit", "owed", "1221.02", "其他应收款-余额欠款"),
    ("store_credit", "issued", "6601.02", "销售费用-发放余额"),
    ("store_credit", "sales", "2205", "合同负债"),
    ("store_credit", "bad_debt", "6702.02", "信用减值损失-余额欠款"),
    ("bonus", "wallet", "2211.01", "应付职工薪酬-奖金"),
    ("bonus", "owed", "1221.03", "其他应收款-奖金欠款"),
    ("bonus", "commission_expense", "6601.03", "销售费用-员工奖金"),
    ("bonus", "payroll", "2211.02", "应付职工薪酬-随薪发放"),
    ("bonus", "bad_debt", "6702.03", "信用减值损失-奖金欠款"),
)

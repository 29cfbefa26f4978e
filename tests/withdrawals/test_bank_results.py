"""Result files of banks: columns by many names, amounts and totals exact, nothing guessed."""

from __future__ import annotations

import pytest

from backoffice.sheets import Sheet, Yuan, workbook
from withdrawals.payouts.bank_results import InvalidBankResult, Outcome, parse_result

HEAD = "付款编号,收款账号,金额,结果"


def parse(*lines: str, head: str = HEAD) -> list[tuple[str, str, int, Outcome]]:
    rows = parse_result("\n".join([head, *lines]).encode())
    return [(row.number, row.account, row.amount, row.outcome) for row in rows]


@pytest.mark.parametrize(
    "head",
    [
        HEAD, "业务参考号,收方账号,交易金额,交易状态", "number,account,amount,status",
        "*付款编号,收款人账号,金额（元）,处理结果", "Number,Account,Amount,Result",
        "某某公司\n付款编号,收款账号,金额,结果",
    ],
)  # fmt: skip
def test_columns_have_the_names_that_banks_use(head: str) -> None:
    assert parse("x1,6222 02,300.00,成功", head=head) == [("x1", "622202", 30_000, Outcome.PAID)]


@pytest.mark.parametrize("text", ["300", "300.0", "300.00", "¥300.00", "￥300", '"300.00"'])
def test_amounts_are_exact(text: str) -> None:
    assert parse(f"x1,a,{text},成功")[0][2] == 30_000


def test_thousands_are_read() -> None:
    assert parse('x1,a,"12,345.67",成功')[0][2] == 1_234_567


@pytest.mark.parametrize(
    ("word", "outcome"),
    [
        ("成功", Outcome.PAID), ("SUCCESS", Outcome.PAID), ("退票", Outcome.UNPAID),
        ("处理中", Outcome.OPEN), ("", Outcome.OPEN),
    ],
)  # fmt: skip
def test_results_have_the_words_that_banks_use(word: str, outcome: Outcome) -> None:
    assert parse(f"x1,a,1.00,{word}")[0][3] == outcome


def test_a_right_total_is_no_payment() -> None:
    assert len(parse("x1,a,1.00,成功", "x2,b,2.00,失败", "合计,,3.00,")) == 2


def test_our_own_file_comes_back_with_its_total() -> None:
    titles = [
        "付款编号",
        "真实姓名",
        "收款账号",
        "开户行",
        "金额",
        "附言",
        "结果",
        "失败原因",
        "银行流水号",
    ]
    rows = [
        ["x1", "欧阳", "6222021234567890123", "", Yuan(30_000), "佣金", "成功", "", "B1"],
        ["合计", "", "", "", Yuan(30_000), "", "", "", ""],
    ]  # fmt: skip

    [line] = parse_result(workbook(Sheet("P1", titles, rows)))

    assert (line.name, line.amount, line.bank_number) == ("欧阳", 30_000, "B1")


@pytest.mark.parametrize(
    ("lines", "named"),
    [
        (["x1,a,1.00,没听说过"], "没听说过"),
        ([",a,1.00,成功"], "2"),
        (["x1,a,0.00,成功"], "0.00"),
        (["x1,a,1.001,成功"], "1.001"),
        (["x1,a,1e2,成功"], "1e2"),
        (["x1,a,一百,成功"], "一百"),
        (["x1,a,1.00,成功", "x1,a,1.00,成功"], "x1"),
        (["x1,a,1.00,成功", "合计,,1.01,"], "1.01"),
        (["x1,a,1.00,成功", "合计,,,"], "3"),
        ([], ""),
    ],
)
def test_what_is_not_understood_refuses_the_file(lines: list[str], named: str) -> None:
    with pytest.raises(InvalidBankResult) as refusal:
        parse(*lines)
    assert named in str(refusal.value)


def test_a_missing_column_is_named() -> None:
    with pytest.raises(InvalidBankResult, match=r"结果|result"):
        parse("x1,a,1.00", head="付款编号,收款账号,金额")


def test_many_faults_are_counted() -> None:
    with pytest.raises(InvalidBankResult, match="15"):
        parse(*(f"x{number},a,bad,成功" for number in range(25)))

"""One name for one thing: in the menu, on pages, in forms and in exports."""

from __future__ import annotations

import gettext
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib import admin
from django.utils import translation

from backoffice import menu
from config.event_docs import declared
from config.menu import SENTENCES

CATALOGUE = Path(__file__).resolve().parents[2] / "locale/zh_Hans/LC_MESSAGES/django.mo"
# What the menu and the model call by two names, with the reason.
TWO_NAMES = {
    "events.event": "the model is one event, the list is the record of all",
    "withdrawals.evidence": "forms of withdrawals need not say that evidence is of a payment",
}
# Names that were given up for another, and odd phrases with a better one.
NAMES_GIVEN_UP = {
    "付款证据": "付款凭据",
    "暂扣佣金": "暂不入账佣金",
    "分销规则": "分销设置",
    "订单规则": "订单设置",
    "适用人群": "分销员身份",
    "人工认定": "付款结果认定",
    "后台人员关联提议": "人员关联",
    "退货率": "退款率",
    "直属": "直推",
}
PHRASES_GIVEN_UP = {
    "事由": "原因",
    "底稿": "来源版本",
    "阻碍": "卡点",
    "亲自核对": "请核对以下信息后再通过",
    "反选代替": "停用账号请取消勾选",
    "是的，我确定": "删除",
    "欢迎回到": "登录",
}
TABLES = sorted(menu.tables())


@pytest.mark.parametrize("model", TABLES)
def test_a_table_has_one_name(model: str) -> None:
    with translation.override("zh-hans"):
        title = str(menu.title_of(model))
        plural = str(apps.get_model(model)._meta.verbose_name_plural)

    if model in TWO_NAMES:
        assert plural in title
    else:
        assert title == plural


def test_two_tables_never_have_one_name() -> None:
    with translation.override("zh-hans"):
        titles = [str(menu.title_of(model)) for model in TABLES]

    assert sorted(titles) == sorted(set(titles))


def test_links_of_the_menu_have_the_name_of_their_table() -> None:
    links = [link for links in menu._links.values() for link in links]
    with translation.override("zh-hans"):
        different = {
            link.to: str(link.title)
            for link in links
            if link.to in menu.tables()
            and not link.query
            and str(link.title) != str(menu.title_of(link.to))
        }

    assert different == {}


def test_every_list_stands_on_all_data_with_a_sentence() -> None:
    shown = {model for _section, entries in menu.sections() for _t, _i, model in entries}
    registered = {page.opts.label_lower for page in admin.site._registry.values()}

    assert registered - shown <= {"commissions.rule"}  # a part of its plan
    assert set(TABLES) == shown
    assert set(TABLES) - set(SENTENCES) == set()


def test_every_event_has_a_chinese_title() -> None:
    with translation.override("zh-hans"):
        same = [
            event.name
            for types in declared().values()
            for event in types
            if not event.description or translation.gettext(event.description) == event.description
        ]

    assert same == []


@pytest.fixture(scope="module")
def chinese() -> list[str]:
    with CATALOGUE.open("rb") as file:
        texts = gettext.GNUTranslations(file)._catalog.values()  # type: ignore[attr-defined]
    return [text for text in texts if isinstance(text, str)]


def test_names_that_were_given_up_are_not_used(chinese: list[str]) -> None:
    assert NAMES_GIVEN_UP.keys() & set(chinese) == set()


@pytest.mark.parametrize("phrase", PHRASES_GIVEN_UP)
def test_phrases_that_were_given_up_are_not_used(phrase: str, chinese: list[str]) -> None:
    assert [text for text in chinese if phrase in text] == []

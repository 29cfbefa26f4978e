"""Applications at their desk: one beside the list, the next after each decision, or many."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from backoffice.models import Assignment, Note
from common import clock
from distribution.models import Application, Distributor
from distribution.services import apply, approve, reject
from members.models import User
from tests.backoffice.desks import act, address, counts, listed, opened, said, title
from tests.cast import NOON, give, link, member, staff
from tests.distribution.people import REASON, rows
from tests.shop import DAY, distributor

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_static_files")]
QUEUE = "applications"


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOON + 3 * DAY)


@pytest.fixture
def ops(qian: User) -> Client:
    client = Client()
    client.force_login(give(qian, "change_application"))
    return client


@pytest.fixture
def three(db: None) -> list[Application]:
    """Zhao, Yu and Sun apply one after the other; Mei invited Yu."""
    code = distributor(member("Mei")).code
    return [
        apply(member=member(name), at=NOON + n * DAY, statement=f"I am {name}",
              code=code if name == "Yu" else "")
        for n, name in enumerate(("Zhao", "Yu", "Sun"))
    ]  # fmt: skip


def test_the_oldest_is_open_and_nothing_changes_by_looking(
    ops: Client, three: list[Application]
) -> None:
    before = rows()

    page = opened(ops, QUEUE)

    assert listed(page) == ["Zhao", "Yu", "Sun"]
    assert title(page) == "Zhao"
    assert "I am Zhao" in page
    assert counts(page) == ["3", "0", "0"]
    assert "已等待 3 天" in page
    assert rows() == before


def test_approving_opens_the_next_and_links_to_the_distributor(
    ops: Client, three: list[Application], qian: User
) -> None:
    response = act(ops, QUEUE, three[0], "approve")

    assert response.headers["Location"] == address(QUEUE, three[1])
    three[0].refresh_from_db()
    assert (three[0].status, three[0].decided_by) == ("approved", qian)
    page = ops.get(response.headers["Location"]).text
    assert f"/admin/distribution/distributor/{three[0].member.distributor.pk}/change/" in page
    assert title(page) == "Yu"
    assert counts(page) == ["2", "1", "0"]


def test_after_the_last_one_the_desk_says_that_nothing_waits(ops: Client) -> None:
    only = apply(member=member("Yu"), at=NOON)

    response = act(ops, QUEUE, only, "approve")

    assert response.headers["Location"] == address(QUEUE)
    assert "没有待审核的分销申请。" in ops.get(address(QUEUE)).text


def test_rejecting_takes_a_reason_and_keeps_what_was_typed(
    ops: Client, three: list[Application]
) -> None:
    before = rows()
    response = act(ops, QUEUE, three[0], "reject", reason="x" * 201)
    assert response.status_code == 200
    assert "x" * 201 in response.text
    assert rows() == before

    act(ops, QUEUE, three[0], "reject", reason="资料不全")

    three[0].refresh_from_db()
    assert (three[0].status, three[0].reason) == ("rejected", "资料不全")
    assert "资料不全" in opened(ops, QUEUE, three[0], tab="rejected")


def test_the_slower_of_two_learns_who_was_faster(
    ops: Client, three: list[Application], feng: User
) -> None:
    User.objects.filter(pk=feng.pk).update(first_name="冯（运营）")
    reject(application=three[0], by=User.objects.get(pk=feng.pk), at=NOON + DAY, reason=REASON)
    before = rows()

    response = ops.post(address(QUEUE, three[0]), {"action": "approve", "seal": "any"})

    assert rows() == before
    [message] = said(response)
    assert message.startswith("warning: 已有同事先处理（冯（运营） 已于 2026-11-02 12:00 驳回）")


def test_what_was_submitted_again_is_not_decided_unseen(
    ops: Client, three: list[Application], feng: User
) -> None:
    page = opened(ops, QUEUE, three[0])
    seal = page.split('name="seal" value="')[1].split('"')[0]
    reject(application=three[0], by=feng, at=NOON + DAY, reason=REASON)
    apply(member=three[0].member, at=NOON + 2 * DAY, statement="Other words")
    before = rows()

    response = ops.post(address(QUEUE, three[0]), {"action": "approve", "seal": seal})

    assert rows() == before
    assert said(response) == ["warning: 您打开之后内容已变更，本次未作处理。请重新核对。"]


def test_ones_own_application_says_why_a_colleague_decides(
    ops: Client, three: list[Application], qian: User
) -> None:
    link(qian, three[0].member)
    before = rows()
    assert "这是您本人的申请" in opened(ops, QUEUE, three[0])

    act(ops, QUEUE, three[0], "approve")

    assert rows() == before


def test_only_those_who_decide_get_in(three: list[Application], feng: User) -> None:
    client = Client()
    assert client.get(address(QUEUE)).status_code == 302
    client.force_login(give(feng, "view_application"))
    before = rows()
    assert client.get(address(QUEUE)).status_code == 403
    for action in ("approve", "batch_confirm", "note"):
        assert client.post(address(QUEUE, three[0]), {"action": action}).status_code == 403
    assert rows() == before


@pytest.mark.parametrize("key", ["x", "0", "9" * 30, "-1", "１"])
def test_a_row_that_does_not_exist_is_said_so(
    ops: Client, three: list[Application], key: str
) -> None:
    assert ops.get(address(QUEUE, row=None) + f"?row={key}&page=x&tab=none").status_code == 200
    response = ops.post(address(QUEUE) + f"?row={key}", {"action": "approve"})
    assert response.status_code == 302
    assert said(response)[-1].startswith("warning")


def test_an_unknown_action_changes_nothing(ops: Client, three: list[Application]) -> None:
    before = rows()
    assert act(ops, QUEUE, three[0], "fly").status_code == 302
    assert rows() == before


def test_search_finds_within_the_tab(ops: Client, three: list[Application], qian: User) -> None:
    approve(application=three[2], by=qian, at=NOON + DAY)
    assert listed(opened(ops, QUEUE, q="Yu")) == ["Yu"]
    assert listed(opened(ops, QUEUE, q=three[1].public_id.upper())) == ["Yu"]
    assert listed(opened(ops, QUEUE, q="Sun")) == []
    assert listed(opened(ops, QUEUE, q="Sun", tab="approved")) == ["Sun"]
    assert "没有符合搜索条件的条目。" in opened(ops, QUEUE, q="nobody")


def test_notes_and_an_assignee_are_for_colleagues(
    ops: Client, three: list[Application], qian: User, feng: User
) -> None:
    give(feng, "change_application")
    act(ops, QUEUE, three[0], "note", note="打过电话\n<b>很好</b>")
    act(ops, QUEUE, three[0], "assign", to="feng")

    page = opened(ops, QUEUE, three[0])
    assert "打过电话<br>&lt;b&gt;很好&lt;/b&gt;" in page
    assert 'value="feng" selected' in page
    assert Note.objects.get().by == qian
    assert Assignment.objects.get().to == feng
    act(ops, QUEUE, three[0], "assign", to="")
    assert 'value="feng" selected' not in opened(ops, QUEUE, three[0])


def test_a_wrong_note_is_kept_and_a_stranger_is_no_assignee(
    ops: Client, three: list[Application]
) -> None:
    staff("Wei")
    too_long = act(ops, QUEUE, three[0], "note", note="n" * 1_001)
    assert "n" * 1_001 in too_long.text
    [message] = said(act(ops, QUEUE, three[0], "assign", to="wei"))
    assert message.startswith("error: “wei”不能登录后台")
    assert not Note.objects.exists()
    assert not Assignment.objects.exists()


def batch(client: Client, chosen: list[Application], **values: Any) -> Any:
    keys = [row.pk for row in chosen]
    return client.post(address(QUEUE), {"action": "batch", "rows": keys, **values})


def seen(response: Any) -> list[str]:
    return [part.split('"')[0] for part in response.text.split('name="seen" value="')[1:]]


def test_a_batch_shows_each_row_then_approves_them(
    ops: Client, three: list[Application], qian: User
) -> None:
    link(qian, three[1].member)
    before = rows()
    preview = batch(ops, three)
    assert rows() == before
    assert "这是您本人的申请" in preview.text
    assert len(seen(preview)) == 2

    done = batch(ops, three, action="batch_confirm", seen=seen(preview))

    statuses = list(Application.objects.order_by("pk").values_list("status", flat=True))
    assert statuses == ["approved", "submitted", "approved"]
    assert "已处理 2 条" in done.text
    assert Distributor.objects.filter(member__nickname__in=["Zhao", "Sun"]).count() == 2


def test_a_batch_that_has_changed_since_its_preview_decides_nothing(
    ops: Client, three: list[Application], feng: User
) -> None:
    preview = batch(ops, three)
    reject(application=three[0], by=feng, at=NOON + DAY, reason=REASON)
    before = rows()

    response = batch(ops, three, action="batch_confirm", seen=seen(preview))

    assert rows() == before
    assert "本次没有处理任何一条" in response.text
    assert len(seen(response)) == 2


@pytest.mark.parametrize("chosen", [[], ["x"], ["9" * 30]])
def test_a_batch_without_rows_asks_for_them(
    ops: Client, three: list[Application], chosen: list[str]
) -> None:
    response = ops.post(address(QUEUE), {"action": "batch_confirm", "rows": chosen})
    assert said(response) == ["warning: 请先勾选要处理的条目。"]


def test_a_forged_batch_needs_what_a_preview_showed(ops: Client, three: list[Application]) -> None:
    before = rows()
    for forged in ([], ["x"], [f"{three[0].pk}:"]):
        batch(ops, three, action="batch_confirm", seen=forged)
    assert rows() == before


@pytest.mark.slow
def test_a_longer_queue_needs_no_more_queries(ops: Client, three: list[Application]) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            opened(ops, QUEUE)
        return len(captured)

    queries()
    before = queries()
    for number in range(60):
        apply(member=member(f"Applicant {number}"), at=NOON + 2 * DAY)
    assert queries() == before
    assert len(listed(opened(ops, QUEUE))) == 50
    assert len(listed(opened(ops, QUEUE, page=2))) == 13


@pytest.mark.slow
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_part_opens_in_both_languages(
    ops: Client, three: list[Application], qian: User, language: str
) -> None:
    approve(application=three[0], by=qian, at=NOON + DAY)
    reject(application=three[1], by=qian, at=NOON + DAY, reason="<script>x</script>")
    ops.cookies["django_language"] = language
    for tab in ("waiting", "approved", "rejected"):
        page = opened(ops, QUEUE, tab=tab)
        assert "<script>x" not in page
        assert len(listed(page)) == 1

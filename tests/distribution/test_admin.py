"""Every page opens for a superuser, and each button makes its service call."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.admin import site
from django.contrib.auth.models import Permission
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from common import clock
from distribution.admin.bindings import OUTCOMES
from distribution.models import (
    Application,
    Binding,
    Distributor,
    Level,
    Policy,
    PurchaseTotals,
    Referral,
    Segment,
)
from distribution.services import Purchase, apply, record_purchases
from events.models import Event
from members.models import Member, User
from tests.cast import NOON, member
from tests.distribution.people import REASON, last_event, rows, upline
from tests.setting_forms import save_settings
from tests.shop import DAY, distributor, make_referral

pytestmark = pytest.mark.slow

PAGES = [Level, Segment, Distributor, Application, Binding, Referral, PurchaseTotals, Policy]
GROWING = [Distributor, Application, Binding, Referral, PurchaseTotals]
PRESS = {"_form_submitted": "True", "_confirmed": "on"}
ASSIGN = "/admin/distribution/binding/assign/"


def url(model: Any, what: str, *args: Any) -> str:
    return reverse(f"admin:distribution_{model._meta.model_name}_{what}", args=args)


def press(client: Client, model: Any, what: str, row: Any, **form: Any) -> list[str]:
    """Press a button and return the message; none if the dialog stays open with an error."""
    response = client.post(url(model, what, row.pk), {**PRESS, **form})
    assert response.status_code == 200
    if "HX-Redirect" not in response.headers:
        return []
    return [f"{message.level_tag}: {message}" for message in get_messages(response.wsgi_request)][
        -1:
    ]


def refused(client: Client, model: Any, what: str, row: Any, **form: Any) -> str:
    """Press a button that is refused, and return the dialog."""
    response = client.post(url(model, what, row.pk), {**PRESS, **form})
    assert "HX-Redirect" not in response.headers
    return response.content.decode()


@pytest.fixture
def shop(mei: Member, lan: Member, bo: Member, chen: Member) -> None:
    """Mei is Bo's upline, Lan is a distributor without a team, and Chen has applied."""
    now = clock.now()
    Level.objects.create(rank=1, name="Gold")
    Segment.objects.create(code="koc", name="KOC")
    distributor(mei, at=now - 5 * DAY)
    distributor(lan, at=now - 5 * DAY)
    make_referral(mei, bo, at=now - 4 * DAY)
    apply(member=chen, at=now - DAY, code=lan.distributor.code)
    record_purchases([Purchase(bo.pk, spend=123_456, orders=2, ordered_at=now - DAY)])


@pytest.mark.parametrize("model", PAGES)
@pytest.mark.parametrize("language", ["zh-hans", pytest.param("en", marks=pytest.mark.slow)])
@pytest.mark.usefixtures("shop")
def test_every_page_opens(as_boss: Client, model: Any, language: str) -> None:
    as_boss.cookies["django_language"] = language
    row = model.objects.first()
    pages = [url(model, "changelist"), url(model, "change", row.pk), url(model, "history", row.pk)]
    if model in (Level, Segment, Distributor):
        pages.append(url(model, "add"))
    for page in pages:
        assert as_boss.get(page).status_code == 200, page


@pytest.mark.parametrize("model", PAGES)
@pytest.mark.usefixtures("shop")
def test_searches_and_filters_open(as_boss: Client, model: Any) -> None:
    response = as_boss.get(url(model, "changelist"))
    for spec in response.context["cl"].filter_specs:
        for choice in spec.choices(response.context["cl"]):
            for field in choice["form"]:
                for value, _label in field.field.choices:
                    data = {field.name: value}
                    assert as_boss.get(url(model, "changelist"), data).status_code == 200, data
    for words in ("Mei", "%_'\"", "a:b", "  "):
        assert as_boss.get(url(model, "changelist"), {"q": words}).status_code == 200


@pytest.mark.usefixtures("shop")
def test_a_distributor_is_found_by_code_nickname_and_ids(as_boss: Client, mei: Member) -> None:
    distributor_of_mei = mei.distributor
    for words in (
        distributor_of_mei.code,
        distributor_of_mei.code.upper(),
        distributor_of_mei.public_id,
        "mei",
        mei.public_id,
        "Mei",
    ):
        page = as_boss.get(url(Distributor, "changelist"), {"q": words})
        assert [row.pk for row in page.context["cl"].result_list] == [distributor_of_mei.pk], words


@pytest.mark.parametrize("model", GROWING)
@pytest.mark.usefixtures("shop")
def test_more_rows_need_no_more_queries_and_no_count(
    as_boss: Client, lan: Member, model: Any
) -> None:
    def queries() -> list[str]:
        as_boss.get(url(model, "changelist"))
        with CaptureQueriesContext(connection) as captured:
            as_boss.get(url(model, "changelist"))
        return [query["sql"] for query in captured]

    few = queries()
    for number in range(15):
        inviter, applicant = member(f"D{number}"), member(f"A{number}")
        distributor(inviter)
        make_referral(lan, inviter, at=NOON + 40 * DAY)
        apply(member=applicant, at=NOON, code=inviter.distributor.code)
        record_purchases([Purchase(inviter.pk, spend=1)])
    many = queries()

    assert len(many) <= len(few), many
    assert len(many) <= 8, many
    assert not [sql for sql in many if "COUNT(*)" in sql]


@pytest.mark.usefixtures("shop")
class TestDistributors:
    @pytest.mark.parametrize(
        ("button", "status"),
        [("suspend", "suspended"), ("freeze", "frozen"), ("exit", "exited")],
    )
    def test_status_buttons(self, as_boss: Client, mei: Member, button: str, status: str) -> None:
        [message] = press(as_boss, Distributor, button, mei.distributor, reason=REASON)

        assert message.startswith("success")
        assert Distributor.objects.get(member=mei).status == status
        event = last_event("status_changed")
        assert (event.actor_id, event.data["reason"]) == ("boss", REASON)

    def test_a_frozen_distributor_is_activated(self, as_boss: Client, mei: Member) -> None:
        press(as_boss, Distributor, "freeze", mei.distributor, reason=REASON)
        press(as_boss, Distributor, "activate", mei.distributor, reason=REASON)

        assert Distributor.objects.get(member=mei).status == "active"

    def test_without_a_reason_the_dialog_stays_open(self, as_boss: Client, mei: Member) -> None:
        before = rows()

        assert press(as_boss, Distributor, "freeze", mei.distributor) == []
        assert press(as_boss, Distributor, "freeze", mei.distributor, reason="  ") == []

        assert rows() == before

    def test_a_refusal_stays_in_the_dialog(self, as_boss: Client, mei: Member) -> None:
        before = rows()

        shown = refused(as_boss, Distributor, "activate", mei.distributor, reason=REASON)

        assert f'value="{REASON}"' in shown
        assert rows() == before

    def test_opening_a_dialog_changes_nothing(self, as_boss: Client, mei: Member) -> None:
        before = rows()
        for button in ("suspend", "exit", "set_segment"):
            page = as_boss.get(url(Distributor, button, mei.distributor.pk), {**PRESS})
            assert page.status_code == 200
            assert 'name="reason"' in page.content.decode()
        assert rows() == before

    def test_segment(self, as_boss: Client, mei: Member) -> None:
        distributor_of_mei = mei.distributor
        press(
            as_boss,
            Distributor,
            "set_segment",
            distributor_of_mei,
            reason=REASON,
            segment=Segment.objects.get().pk,
        )

        distributor_of_mei.refresh_from_db()
        assert distributor_of_mei.segment.name == "KOC"

    def test_only_buttons_that_the_status_allows_are_shown(
        self, as_boss: Client, mei: Member
    ) -> None:
        def offered() -> set[str]:
            page = as_boss.get(url(Distributor, "change", mei.distributor.pk)).content.decode()
            names = ("activate", "suspend", "freeze", "exit", "set_segment")
            return {name for name in names if url(Distributor, name, mei.distributor.pk) in page}

        assert offered() == {"suspend", "freeze", "exit", "set_segment"}
        press(as_boss, Distributor, "exit", mei.distributor, reason=REASON)
        assert offered() == set()

    def test_staff_enrol_a_member(self, as_boss: Client, bo: Member, mei: Member) -> None:
        response = as_boss.post(url(Distributor, "add"), {"member": bo.pk})

        assert response.status_code == 302
        assert Distributor.objects.get(member=bo).status == "active"
        assert last_event("enrolled").actor_id == "boss"
        before = rows()
        as_boss.post(url(Distributor, "add"), {"member": mei.pk})
        assert rows() == before

    def test_a_button_of_a_deleted_row_returns_to_the_list(self, as_boss: Client) -> None:
        response = as_boss.post(
            reverse("admin:distribution_distributor_suspend", args=[99_999]),
            {**PRESS, "reason": REASON},
        )
        assert response.headers["HX-Redirect"] == url(Distributor, "changelist")

    def test_a_button_needs_the_permission(self, qian: User, mei: Member) -> None:
        client = Client()
        client.force_login(qian)
        before = rows()
        for granted in ([], ["view_distributor"]):
            qian.user_permissions.set(Permission.objects.filter(codename__in=granted))
            response = client.post(
                url(Distributor, "freeze", mei.distributor.pk), {**PRESS, "reason": REASON}
            )
            assert response.status_code == 403
        assert rows() == before
        qian.user_permissions.set(Permission.objects.filter(codename="change_distributor"))
        assert press(client, Distributor, "freeze", mei.distributor, reason=REASON)


@pytest.mark.usefixtures("shop")
class TestApplications:
    def test_approve(self, as_boss: Client, chen: Member) -> None:
        press(as_boss, Application, "approve", Application.objects.get())

        assert chen.distributor.status == "active"
        assert upline(chen) == "Lan"
        page = as_boss.get(url(Application, "change", Application.objects.get().pk))
        assert url(Application, "approve", Application.objects.get().pk) not in str(page.content)

    def test_reject(self, as_boss: Client) -> None:
        assert press(as_boss, Application, "reject", Application.objects.get()) == []
        press(as_boss, Application, "reject", Application.objects.get(), reason=REASON)

        assert Application.objects.get().reason == REASON
        [message] = press(as_boss, Application, "approve", Application.objects.get())
        assert message.startswith("error")


@pytest.mark.usefixtures("shop")
class TestBindings:
    def test_move(self, as_boss: Client, bo: Member, lan: Member) -> None:
        [message] = press(
            as_boss,
            Binding,
            "move",
            Binding.objects.get(),
            reason=REASON,
            code=lan.distributor.code,
        )

        assert message.startswith("success")
        assert upline(bo) == "Lan"

    @pytest.mark.parametrize("upline_of_bo", ["nobody", "same", "circle"])
    def test_a_refused_upline_stays_in_the_dialog(
        self, as_boss: Client, bo: Member, mei: Member, upline_of_bo: str
    ) -> None:
        own = distributor(bo, at=clock.now() - 3 * DAY)
        code = {"nobody": "nobody", "same": mei.distributor.code, "circle": own.code}[upline_of_bo]
        before = rows()

        shown = refused(as_boss, Binding, "move", Binding.objects.get(), reason=REASON, code=code)

        assert f'value="{code}"' in shown
        assert f'value="{REASON}"' in shown
        assert rows() == before

    def test_leave(self, as_boss: Client, bo: Member) -> None:
        press(as_boss, Binding, "leave", Binding.objects.get(), reason=REASON)

        assert upline(bo) == ""
        assert Binding.objects.get().end_note == REASON

    def test_many_members_are_moved_after_a_preview(
        self, as_boss: Client, bo: Member, lan: Member, mei: Member
    ) -> None:
        old = member("Old")
        long_ago = clock.now() - 40 * DAY
        boss = distributor(member("Early"), at=long_ago)
        make_referral(boss.member, old, at=long_ago)
        listed = url(Binding, "changelist")
        chosen = {"action": "move_many", "_selected_action": [b.pk for b in Binding.objects.all()]}
        assert len(as_boss.get(listed, {"running": "yes"}).context["cl"].result_list) == 2
        assert len(as_boss.get(listed, {"running": "no"}).context["cl"].result_list) == 0
        before = rows()

        form = as_boss.post(listed, chosen)
        assert (form.status_code, "Bo" in form.content.decode()) == (200, True)
        empty = as_boss.post(listed, {**chosen, "code": "", "reason": ""})
        assert empty.context["confirm"] == ""
        filled = {**chosen, "code": lan.distributor.code, "reason": REASON}
        lines = as_boss.post(listed, filled).context["lines"]
        assert {line.split(" (")[0]: line.split(": ")[1] for line in lines} == {
            "Bo": str(OUTCOMES["moves"]), "Old": str(OUTCOMES["too_late"]),
        }  # fmt: skip
        other = {"confirm": "yes", "previewed": mei.distributor.code}
        not_previewed = as_boss.post(listed, {**filled, **other})
        assert not_previewed.status_code == 200
        assert rows() == before

        token = lan.distributor.code
        assert f'name="previewed" value="{token}"' in as_boss.post(listed, filled).content.decode()
        response = as_boss.post(listed, {**filled, "confirm": "yes", "previewed": token})

        assert response.status_code == 302
        assert (upline(bo), upline(old)) == ("Lan", "Early")
        assert Event.objects.filter(name="distribution.reassigned").count() == 1


@pytest.mark.usefixtures("shop")
class TestAssign:
    @pytest.fixture
    def filled(self, chen: Member, lan: Member) -> dict[str, str]:
        return {"member": "chen", "code": lan.distributor.code, "reason": REASON}

    @staticmethod
    def confirm(client: Client, filled: dict[str, str]) -> Any:
        """Post the preview, then confirm it; return the response, or ``None`` without a button."""
        page = client.post(ASSIGN, filled)
        if 'name="confirm"' not in page.content.decode():
            return None
        [token] = [value for name, value in page.context["hidden"] if name == "previewed"]
        return client.post(ASSIGN, {**filled, "previewed": token, "confirm": "yes"})

    def test_a_member_without_an_upline_gets_one_after_a_preview(
        self, as_boss: Client, chen: Member, lan: Member, filled: dict[str, str]
    ) -> None:
        before = rows()
        assert ASSIGN in as_boss.get(url(Binding, "changelist")).content.decode()
        assert as_boss.get(ASSIGN).status_code == 200
        [line] = as_boss.post(ASSIGN, filled).context["lines"]
        assert line.startswith(f"{chen}: ")
        assert str(OUTCOMES["binds"]) in line
        assert rows() == before

        response = self.confirm(as_boss, filled)

        assert (response.status_code, response.url) == (302, url(Binding, "changelist"))
        assert upline(chen) == "Lan"
        bound = Binding.objects.get(member=chen)
        assert (bound.source, bound.evidence_kind, bound.evidence_id) == (
            "staff", "members.user", "boss",
        )  # fmt: skip
        event = last_event("assigned")
        assert (event.actor_id, event.data["reason"]) == ("boss", REASON)

    def test_only_the_previewed_values_can_be_confirmed(
        self, as_boss: Client, mei: Member, chen: Member, lan: Member, filled: dict[str, str]
    ) -> None:
        before = rows()

        for token in ("", f"{chen.public_id} {mei.distributor.code}", lan.distributor.code):
            page = as_boss.post(ASSIGN, {**filled, "previewed": token, "confirm": "yes"})
            assert page.status_code == 200

        assert rows() == before

    @pytest.mark.parametrize(
        "invalid", [{"member": "nobody"}, {"member": ""}, {"code": "nobody"}, {"reason": " "}]
    )
    def test_an_invalid_form_shows_its_errors(
        self, as_boss: Client, filled: dict[str, str], invalid: dict[str, str]
    ) -> None:
        page = as_boss.post(ASSIGN, {**filled, **invalid})

        assert list(page.context["form"].errors) == list(invalid)
        assert page.context["confirm"] == ""

    def test_a_second_upline_or_a_circle_is_refused_with_a_message(
        self, as_boss: Client, mei: Member, lan: Member, bo: Member, filled: dict[str, str]
    ) -> None:
        make_referral(mei, lan, at=clock.now())
        before = rows()

        for name, outcome in (("bo", "已有上级"), ("mei", "下级")):
            page = as_boss.post(ASSIGN, {**filled, "member": name})
            [line] = page.context["lines"]
            assert outcome in line
            assert self.confirm(as_boss, {**filled, "member": name}) is None
            [token] = [value for name, value in page.context["hidden"] if name == "previewed"]
            confirmed = {"previewed": token, "confirm": "yes"}
            response = as_boss.post(ASSIGN, {**filled, "member": name, **confirmed})
            assert response.status_code == 200
            [message] = get_messages(response.wsgi_request)
            assert message.level_tag == "error"

        assert rows() == before

    def test_it_needs_the_permission_to_add_bindings(
        self, qian: User, chen: Member, filled: dict[str, str]
    ) -> None:
        client = Client()
        client.force_login(qian)
        qian.user_permissions.set(
            Permission.objects.filter(codename__in=["view_binding", "change_binding"])
        )
        before = rows()

        assert ASSIGN not in client.get(url(Binding, "changelist")).content.decode()
        for response in (client.get(ASSIGN), client.post(ASSIGN, filled)):
            assert response.status_code == 403
        assert rows() == before
        qian.user_permissions.set(
            Permission.objects.filter(codename__in=["view_binding", "add_binding"])
        )
        assert self.confirm(client, filled).status_code == 302
        assert upline(chen) == "Lan"
        assert client.get(url(Binding, "add")).status_code == 403

    def test_an_anonymous_visitor_is_sent_to_the_login(self, client: Client) -> None:
        assert client.get(ASSIGN).status_code == 302


@pytest.mark.usefixtures("shop")
class TestPurchaseTotals:
    @pytest.mark.parametrize(
        ("term", "count"), [("bo", 1), ("Bo", 1), (" bo ", 1), ("b", 1), ("Mei", 0), ("", 1)]
    )
    def test_they_are_found_by_nickname_or_id(self, as_boss: Client, term: str, count: int) -> None:
        listed = as_boss.get(url(PurchaseTotals, "changelist"), {"q": term})

        assert len(listed.context["cl"].result_list) == count

    def test_they_are_shown_in_yuan_and_are_read_only(self, as_boss: Client, bo: Member) -> None:
        before = PurchaseTotals.objects.values().get()

        for page in (url(PurchaseTotals, "changelist"), url(PurchaseTotals, "change", bo.pk)):
            text = as_boss.get(page).content.decode()
            assert "1,234.56" in text
            assert "123456" not in text.replace('data-fen="123456"', "")
        page = as_boss.get(url(PurchaseTotals, "changelist"), {"q": bo.public_id})
        assert len(page.context["cl"].result_list) == 1
        for page in ("change", "delete"):
            response = as_boss.post(
                url(PurchaseTotals, page, bo.pk), {"protected_spend": 1, "post": "yes"}
            )
            assert response.status_code == 403
        assert as_boss.get(url(PurchaseTotals, "add")).status_code == 403
        assert PurchaseTotals.objects.values().get() == before


@pytest.mark.usefixtures("shop")
class TestPolicy:
    FORM = {
        "applications": "review",
        "binding_trigger": "first_visit",
        "binding_audience": "unbound",
    }

    def test_a_change_is_recorded(self, as_boss: Client) -> None:
        response = save_settings(
            as_boss,
            url(Policy, "change", 1),
            {**self.FORM, "binding_days": "90", "fast_track_spend": "99.50"},
        )

        assert response.status_code == 302
        policy = Policy.current()
        assert (policy.binding_days, policy.fast_track_spend) == (90, 9_950)
        event = last_event("policy_changed")
        assert (event.before, event.after, event.actor_id) == (
            {"binding_days": None, "fast_track_spend": None},
            {"binding_days": 90, "fast_track_spend": 9_950},
            "boss",
        )

    @pytest.mark.parametrize(
        "invalid",
        [
            {"binding_days": "0"},
            {"binding_days": "36501"},
            {"fast_track_spend": "0"},
            {"binding_audience": "x"},
        ],
    )
    def test_an_invalid_value_is_not_saved(self, as_boss: Client, invalid: dict[str, str]) -> None:
        before = rows()

        response = save_settings(as_boss, url(Policy, "change", 1), {**self.FORM, **invalid})

        assert response.status_code == 200
        assert response.context["errors"]
        assert rows() == before

    def test_it_cannot_be_added_or_deleted(self, as_boss: Client) -> None:
        assert as_boss.get(url(Policy, "add")).status_code == 403
        assert as_boss.post(url(Policy, "delete", 1), {"post": "yes"}).status_code == 403


def test_all_models_that_staff_need_are_registered() -> None:
    assert all(site.is_registered(model) for model in PAGES)

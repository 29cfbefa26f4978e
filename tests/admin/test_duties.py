"""Sentences say what roles may do, and what nobody does alone holds."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from backoffice.reach import Holder, places
from config.duties import FOUR_EYES, SEPARATIONS, SUBJECTS, broken_separations, read_out
from config.roles import ROLES, permissions_of, sync_groups
from members.models import User
from tests.cast import NOON, give, staff
from tests.setting_forms import save_settings

pytestmark = pytest.mark.django_db

PAGE = "/admin/roles/"


def all_permissions() -> list[str]:
    rows = Permission.objects.values_list("content_type__app_label", "codename")
    return [f"{app}.{name}" for app, name in rows]


@pytest.fixture
def roles(db: None) -> dict[str, Group]:
    sync_groups(at=NOON)
    return {group.name: group for group in Group.objects.all()}


def hire(name: str, *groups: Group) -> User:
    user = staff(name)
    user.groups.set(groups)
    return User.objects.get(pk=user.pk)


@pytest.mark.parametrize("role", ROLES)
def test_every_right_of_a_role_has_a_sentence(role: str) -> None:
    _sentences, others = read_out(permissions_of(role, all_permissions()))

    assert others == []


def test_a_right_without_a_sentence_is_not_lost() -> None:
    sentences, others = read_out(["orders.view_order", "moon.fly_rocket"])

    assert [str(title) for title, _rows in sentences] == ["可以看"]
    assert others == ["moon.fly_rocket"]


def test_seeing_is_not_doing() -> None:
    seen = [name for name in all_permissions() if ".view_" in name]
    may_do = SUBJECTS[0].title

    assert [title for title, _rows in read_out(seen)[0] if title == may_do] == []


@pytest.mark.parametrize("role", ROLES)
def test_no_role_has_what_two_roles_should_have(role: str) -> None:
    assert broken_separations(permissions_of(role, all_permissions())) == []


def test_separated_permissions_exist() -> None:
    named = {name for row in SEPARATIONS for name in (row.first, row.second)}

    assert named - set(all_permissions()) == set()


def test_every_constraint_of_two_people_has_a_sentence() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT conname FROM pg_constraint WHERE conname LIKE '%four_eyes'")
        constraints = {name for (name,) in cursor.fetchall()}

    assert constraints == set(FOUR_EYES)


def test_a_holder_reaches_what_a_person_with_the_same_rights_opens(
    roles: dict[str, Group], no_static_files: None
) -> None:
    found = {place.title: place.buttons for place in places(Holder({"members.view_member"}))}

    assert found == {"会员": []}


def test_the_buttons_of_reviews_are_of_one_role_each(roles: dict[str, Group]) -> None:
    def buttons(role: str) -> set[str]:
        holder = Holder(permissions_of(role, all_permissions()))
        return {button for place in places(holder) for button in place.buttons}

    assert "运营通过" in buttons("Operations") - buttons("Finance") - buttons("Administrators")
    assert "财务通过" in buttons("Finance") - buttons("Operations") - buttons("Administrators")


@pytest.mark.usefixtures("no_static_files")
class TestPage:
    def test_it_says_who_has_a_role_and_what_it_may_do(
        self, as_boss: Client, roles: dict[str, Group]
    ) -> None:
        hire("Qian", roles["Operations"])
        text = as_boss.get(PAGE).content.decode()

        assert "提现的运营审核（第一步）。" in text
        assert text.count(">qian</a>") == 1
        assert ">boss</a>" in text  # a superuser

    @pytest.mark.slow
    def test_it_warns_of_a_person_with_the_rights_of_two(
        self, as_boss: Client, roles: dict[str, Group]
    ) -> None:
        hire("Qian", roles["Operations"])
        assert "一人身兼两职" not in as_boss.get(PAGE).content.decode()
        give(hire("Qian", roles["Operations"]), "review_as_finance")
        text = as_boss.get(PAGE).content.decode()

        assert "一人身兼两职" in text
        assert "提现的运营审核和财务审核。" in text

    def test_who_sees_no_staff_sees_no_roles(self, as_qian: Client, qian: User) -> None:
        assert as_qian.get(PAGE).status_code == 403
        give(qian, "view_user")
        assert as_qian.get(PAGE).status_code == 200

    def test_only_superusers_get_the_link_to_change_a_role(
        self, as_qian: Client, as_boss: Client, qian: User, roles: dict[str, Group]
    ) -> None:
        give(qian, "view_user")
        link = reverse("admin:auth_group_change", args=[roles["Finance"].pk])

        assert link not in as_qian.get(PAGE).content.decode()
        assert link in as_boss.get(PAGE).content.decode()

    @pytest.mark.slow
    def test_more_people_need_no_more_queries(
        self, as_boss: Client, roles: dict[str, Group]
    ) -> None:
        def count() -> int:
            with CaptureQueriesContext(connection) as seen:
                as_boss.get(PAGE)
            return len(seen)

        hire("One", roles["Operations"])
        few = count()
        for number in range(5):
            hire(f"More{number}", roles["Operations"], roles["Finance"])
        assert count() <= few

    @pytest.mark.slow
    def test_the_page_of_an_account_reads_its_rights_out(
        self, as_boss: Client, roles: dict[str, Group]
    ) -> None:
        qian: Any = hire("Qian", roles["Operations"], roles["Finance"])
        text = as_boss.get(reverse("admin:members_user_change", args=[qian.pk])).content.decode()

        assert "提现的运营审核（第一步）。" in text
        assert "应由两个人分开： 提现的运营审核和财务审核。" in text
        assert "argon2" not in text


@pytest.mark.usefixtures("no_static_files")
class TestChangeOfARole:
    @staticmethod
    def offered(client: Client, group: Group) -> set[int]:
        """Return the keys of a role's permissions that its form offers."""
        page = client.get(reverse("admin:auth_group_change", args=[group.pk]))
        field = page.context["adminform"].form.fields["permissions"]
        return set(field.queryset.filter(group=group).values_list("pk", flat=True))

    @pytest.mark.slow
    def test_what_is_not_offered_stays(self, as_boss: Client, roles: dict[str, Group]) -> None:
        finance = roles["Finance"]
        page = reverse("admin:auth_group_change", args=[finance.pk])
        before = set(finance.permissions.values_list("pk", flat=True))
        offered = self.offered(as_boss, finance)
        assert before - offered  # some models have no page

        answer = as_boss.post(page, {"name": "Finance", "permissions": sorted(offered)})
        assert answer.status_code == 302
        assert set(finance.permissions.values_list("pk", flat=True)) == before

    @pytest.mark.slow
    def test_the_preview_says_what_the_role_gains_and_loses(
        self, as_boss: Client, roles: dict[str, Group]
    ) -> None:
        finance = roles["Finance"]
        hire("Feng", finance)
        page = reverse("admin:auth_group_change", args=[finance.pk])
        signs = Permission.objects.get(codename="sign_period").pk
        reviews = Permission.objects.get(codename="review_as_operations").pk
        picked = self.offered(as_boss, finance) - {signs} | {reviews}
        given = {"name": "Finance", "permissions": sorted(picked)}
        html = as_boss.post(page, given).content.decode()

        assert "1 人" in html
        assert "可以做: 作为两名签字人之一签字结账。" in html
        assert "可以做: 提现的运营审核（第一步）。" in html
        assert "一天内不能审核和签字" in html
        assert "提现的运营审核和财务审核。" in html
        assert finance.permissions.filter(codename="sign_period").exists()

        assert save_settings(as_boss, page, given).status_code == 302
        assert not finance.permissions.filter(codename="sign_period").exists()
        assert finance.permissions.filter(codename="review_as_operations").exists()

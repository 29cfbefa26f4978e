"""Names, ID numbers and accounts are encrypted, masked, and unmasked on record."""

from __future__ import annotations

import pytest
from cryptography.fernet import Fernet
from django.conf import LazySettings
from django.core.management import CommandError, call_command
from django.db import connection

from common import encryption
from common.errors import PermissionMissing
from events.models import Event
from members.models import Member, User
from tests.cast import NOON
from tests.withdrawals.factories import DAY, ID_NUMBER, NOW, YUAN, attempted, may, picture
from withdrawals.errors import InvalidIdNumber, InvalidPayee, InvalidRealName
from withdrawals.gateways.sandbox import SandboxGateway
from withdrawals.models import Payee, Person
from withdrawals.payouts.start import load_instruction
from withdrawals.requests.identity import is_id_number
from withdrawals.services import identify, process_due_attempts, set_payee, unmask

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("number", "good"),
    [
        (ID_NUMBER, True),
        ("110105194912310021", False),
        ("11010519491231002x", False),
        ("1101051949123100", False),
        ("１１０１０５１９４９１２３１００２X", False),
        ("", False),
    ],
)
def test_the_last_digit_checks_the_others(number: str, good: bool) -> None:
    assert is_id_number(number) is good


def test_personal_data_is_encrypted_in_the_database(
    lan: Member, qian: User, feng: User, sandbox: SandboxGateway
) -> None:
    identify(member=lan, name="王小兰", id_number=ID_NUMBER, at=NOON)
    attempted(lan, 300 * YUAN, qian, feng)

    with connection.cursor() as cursor:
        for table in ("person", "payee", "attempt", "evidence", "withdrawal"):
            cursor.execute(f"SELECT string_agg(t::text, '') FROM withdrawals_{table} AS t")
            (everything,) = cursor.fetchone()
            for secret in ("王小兰", ID_NUMBER, "openid-of-lan"):
                assert secret not in (everything or ""), table
    assert Person.objects.get().name_mask == "王**"
    assert Person.objects.get().id_number_mask == "****002X"
    assert not Event.objects.filter(data__icontains="王小兰").exists()


def test_unmasking_needs_the_permission_and_is_recorded(lan: Member, feng: User) -> None:
    with pytest.raises(PermissionMissing):
        unmask(member=lan, by=feng, at=NOW, reason="call them")
    allowed = may(feng, "unmask_person")
    with pytest.raises(PermissionMissing):
        unmask(member=lan, by=allowed, at=NOW, reason=" ")
    assert not Event.objects.filter(name="withdrawals.unmasked").exists()

    assert unmask(member=lan, by=allowed, at=NOW, reason="call them") == {
        "name": "Lan", "id_number": ID_NUMBER, "account": "openid-of-lan",
    }  # fmt: skip
    event = Event.objects.get(name="withdrawals.unmasked")
    assert (event.actor_id, event.data) == ("feng", {"reason": "call them"})


@pytest.mark.parametrize(
    "wrong",
    [{"channel": "paypal"}, {"account": ""}, {"account": "a\nb"}, {"bank": "ICBC"},
     {"channel": "bank"}],
    ids=str,
)  # fmt: skip
def test_an_invalid_payee_changes_nothing(lan: Member, wrong: dict[str, str]) -> None:
    before = list(Payee.objects.values())

    with pytest.raises(InvalidPayee):
        set_payee(member=lan, at=NOW, **{"channel": "wechat", "account": "o-1"} | wrong)
    assert list(Payee.objects.values()) == before


@pytest.mark.parametrize(
    ("name", "number", "error"),
    [
        ("", "", InvalidRealName),
        ("x" * 41, "", InvalidRealName),
        ("Lan", "123", InvalidIdNumber),
    ],
)
def test_an_invalid_identity_changes_nothing(
    lan: Member, name: str, number: str, error: type[Exception]
) -> None:
    before = picture()

    with pytest.raises(error):
        identify(member=lan, name=name, id_number=number, at=NOW)
    assert picture() == before


def test_repeating_the_same_data_changes_nothing(lan: Member) -> None:
    before = (list(Person.objects.values()), list(Payee.objects.values()))

    identify(member=lan, name=" Lan ", at=NOW)
    set_payee(member=lan, channel="wechat", account="openid-of-lan", at=NOW)

    assert (list(Person.objects.values()), list(Payee.objects.values())) == before


def test_equal_accounts_are_found_without_decryption(lan: Member, chen: Member) -> None:
    set_payee(member=chen, channel="wechat", account="openid-of-lan", at=NOW)

    prints = Payee.objects.values_list("account_fingerprint", flat=True)
    assert len(prints) == 2
    assert len(set(prints)) == 1


def test_rotation_encrypts_with_the_new_key(
    lan: Member, qian: User, feng: User, sandbox: SandboxGateway, settings: LazySettings
) -> None:
    paid = attempted(lan, 300 * YUAN, qian, feng)
    for moment in (NOW, NOW + DAY):
        process_due_attempts(at=moment)
    old = settings.FIELD_ENCRYPTION_KEYS[0]
    new = Fernet.generate_key().decode()
    settings.FIELD_ENCRYPTION_KEYS = [new, old]
    assert encryption.decrypt(lan.person.name_encrypted) == "Lan"

    call_command("rotate_encryption")
    settings.FIELD_ENCRYPTION_KEYS = [new]

    assert encryption.decrypt(Person.objects.get().name_encrypted) == "Lan"
    assert encryption.decrypt(Payee.objects.get().account_encrypted) == "openid-of-lan"
    paid.refresh_from_db()
    assert paid.state == "success"
    assert load_instruction(paid).name == "Lan"


def test_rotation_without_the_old_key_loses_nothing(lan: Member, settings: LazySettings) -> None:
    before = list(Person.objects.values())
    settings.FIELD_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]

    with pytest.raises(CommandError, match="FIELD_ENCRYPTION_KEYS"):
        call_command("rotate_encryption")
    assert list(Person.objects.values()) == before


@pytest.mark.parametrize(
    ("channel", "written", "same"),
    [
        ("bank", {"bank": "ICBC", "account": "6222021234567890"}, True),
        ("bank", {"bank": "工商银行", "account": "6222 0212 3456 7890"}, True),
        ("bank", {"bank": "工商银行", "account": "６２２２-０２１２-３４５６-７８９０"}, True),
        ("bank", {"bank": "ICBC", "account": "6222021234567891"}, False),
        ("alipay", {"account": "Lan@Example.com "}, True),
        ("wechat", {"account": "OPENID"}, False),
    ],
)
def test_every_notation_of_an_account_has_one_fingerprint(
    lan: Member, chen: Member, channel: str, written: dict[str, str], same: bool
) -> None:
    first = {"bank": "6222021234567890", "alipay": "lan@example.com", "wechat": "openid"}
    others = set_payee(
        member=chen, channel=channel, account=first[channel],
        bank="ICBC" if channel == "bank" else "", at=NOW,
    )  # fmt: skip

    payee = set_payee(member=lan, channel=channel, at=NOW, **written)

    assert (payee.account_fingerprint == others.account_fingerprint) is same

"""Home pages show what an active distributor chose, and what is still on sale."""

from __future__ import annotations

import pytest

from catalog.models import Product
from common.errors import PermissionMissing, ReasonRequired
from distribution.queries import NotDistributor
from distribution.services import change_status
from events.models import Event
from members.models import Member, User
from sharing.homes import home_of, own_home
from sharing.models import ForbiddenWord, HomePage, HomeProduct
from sharing.services import clear_home, save_home
from sharing.services.homes import HomeClosed, HomeLineTooLong, HomeProductsInvalid
from sharing.wording import WordsForbidden, check_words
from tests.cast import NOON, give
from tests.sharing.things import mask, rows
from tests.shop import DAY, distributor


def test_a_distributor_chooses_line_and_products(lan: Member) -> None:
    code = distributor(lan).code
    first, second = mask("mask"), mask("cream")

    save_home(
        member=lan, line=" 每天  都用 ", products=[second.public_id, first.public_id], at=NOON
    )

    home = home_of(code, at=NOON)
    assert home
    assert (home.nickname, home.line) == ("Lan", "每天 都用")
    assert [(item.title, item.price) for item in home.products] == [
        ("cream", 10_990), ("mask", 10_990),
    ]  # fmt: skip
    event = Event.objects.get(name="sharing.home_changed")
    assert (event.subject_id, event.data) == (lan.distributor.public_id, {"products": 2})


def test_a_page_is_replaced_and_a_repetition_changes_nothing(lan: Member) -> None:
    distributor(lan)
    first, second = mask("mask"), mask("cream")
    save_home(member=lan, line="One", products=[first.public_id, second.public_id], at=NOON)
    save_home(member=lan, line="One", products=[first.public_id, second.public_id], at=NOON + DAY)
    assert HomePage.objects.get().updated_at == NOON
    save_home(member=lan, line="", products=[second.public_id], at=NOON + DAY)
    assert [row.product for row in HomeProduct.objects.all()] == [second]


def test_what_is_off_sale_is_left_out(lan: Member) -> None:
    code, product = distributor(lan).code, mask()
    save_home(member=lan, line="", products=[product.public_id], at=NOON)
    Product.objects.update(status="off_sale")
    home = home_of(code, at=NOON)
    assert home
    assert home.products == []


def test_bad_pages_are_refused(lan: Member, bo: Member) -> None:
    distributor(lan)
    product = mask()
    good = product.public_id
    before = rows()
    for products in ([good, good], ["no-such"], [good] * 51):
        with pytest.raises(HomeProductsInvalid):
            save_home(member=lan, line="", products=products, at=NOON)
    with pytest.raises(HomeLineTooLong):
        save_home(member=lan, line="好" * 61, products=[], at=NOON)
    with pytest.raises(WordsForbidden) as refusal:
        save_home(member=lan, line="全网最低，包治百病", products=[], at=NOON)
    assert refusal.value.data["words"] == "全网最低、包治百病"
    with pytest.raises(NotDistributor):
        save_home(member=bo, line="", products=[], at=NOON)
    assert rows() == before


def test_the_page_of_who_is_not_active_is_closed(lan: Member, qian: User) -> None:
    code = distributor(lan).code
    save_home(member=lan, line="Hello", products=[], at=NOON)
    change_status(distributor=lan.distributor, to="frozen", reason="checked", by=qian, at=NOON)
    before = rows()

    assert home_of(code, at=NOON + DAY) is None
    assert own_home(lan.distributor, at=NOON + DAY).line == "Hello"
    with pytest.raises(HomeClosed):
        save_home(member=lan, line="", products=[], at=NOON + DAY)
    assert rows() == before


def test_the_staff_clears_a_line(lan: Member, qian: User) -> None:
    distributor(lan)
    home = save_home(member=lan, line="Hello", products=[], at=NOON)
    with pytest.raises(PermissionMissing):
        clear_home(home=home, reason="Insult", by=qian, at=NOON)
    by = give(qian, "change_homepage")
    with pytest.raises(ReasonRequired):
        clear_home(home=home, reason="", by=by, at=NOON)
    assert HomePage.objects.get().line == "Hello"

    clear_home(home=home, reason="Insult", by=by, at=NOON)

    assert HomePage.objects.get().line == ""
    assert Event.objects.get(name="sharing.home_cleared").data == {"reason": "Insult"}


@pytest.mark.parametrize(
    "text",
    [
        "国家级",
        "这是国 家 级的",
        "国.家-级",
        "国\u200b家\u200b级",
        "国\u3164家\u115f级",
        "国家级！",
        "１００％有效",
        "ＶＩＰ特供",
    ],
)
@pytest.mark.django_db
def test_disguised_words_are_found(text: str) -> None:
    assert check_words(text)


@pytest.mark.django_db
def test_words_of_an_industry_are_forbidden_there_only() -> None:
    assert check_words("名师保过班", "education") == ["保过"]
    assert check_words("名师保过班", "food") == []
    assert check_words("一盒面膜，清爽好用") == []
    assert check_words("") == []
    ForbiddenWord.objects.create(word="Shop", industry="")
    assert check_words("my sHoP") == ["Shop"]
    ForbiddenWord.objects.create(word="★", industry="")
    assert check_words("一盒面膜，清爽好用") == []

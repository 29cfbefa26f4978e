"""The pages of an import of products: upload, marked cells, decisions, rights, bad files."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from backoffice.import_work import claim_import, run_import
from backoffice.models import Import
from backoffice.tables import MAX_FILE_SIZE, read_table
from catalog.models import Category, Product, Sku
from members.models import User
from tests.backoffice.files import csv_file, workbook_with, xlsx_file
from tests.cast import NOON, give

pytestmark = pytest.mark.django_db
START = "admin:office_import_products"
TITLES = ("sku", "name", "category", "price")
FILE = csv_file(
    TITLES, ["N-1", "每日坚果", "", "99"], ["N-2", "每日坚果", "", "x"],
    ["C-1", "<b>Cup</b>", "nuts", "5"],
)  # fmt: skip


@pytest.fixture
def client(qian: User, nuts: Product, no_static_files: None) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(give(qian, "import_product", "view_product", "view_sku", "export_list"))
    return client


def upload(client: Client, content: bytes, name: str = "goods.csv") -> Any:
    return client.post(reverse(START), {"file": SimpleUploadedFile(name, content)})


def work() -> None:
    row = claim_import(at=NOON)
    assert row
    run_import(row=row, now=lambda: NOON)


def goods() -> list[tuple[str, str, int]]:
    return list(Sku.objects.order_by("code").values_list("code", "product__name", "price"))


def decide(client: Client, row: Import, verb: str, **given: str) -> str:
    row.refresh_from_db()
    seen = row.checked_at.isoformat() if row.checked_at else ""
    url = reverse(f"{START}_decide", args=[row.public_id])
    return client.post(
        url, {"verb": verb, "checked_at": seen, **given}, follow=True
    ).content.decode()


BEFORE = [("N-1", "每日坚果", 12990)]


def test_a_file_is_checked_shown_and_applied(client: Client, nuts: Product) -> None:
    answer = upload(client, FILE)
    row = Import.objects.get()
    assert answer["Location"] == reverse(f"{START}_result", args=[row.public_id])
    waiting = client.get(answer["Location"]).content.decode()
    assert 'hx-trigger="every 1s"' in waiting
    work()
    refreshed = client.get(answer["Location"], headers={"HX-Request": "true"})
    assert refreshed["HX-Refresh"] == "true"
    page = client.get(answer["Location"]).content.decode()
    assert "not an amount in yuan" in page
    assert 'class="im-wrong"' in page
    assert "N-1" not in page.split("<tbody>")[1]  # wrong rows come first
    changed = client.get(answer["Location"], {"show": "changed"}).content.decode()
    assert "129.90" in changed
    every = client.get(answer["Location"], {"show": "all"}).content.decode()
    assert "&lt;b&gt;Cup&lt;/b&gt;" in every
    assert "<b>Cup</b>" not in every
    assert goods() == BEFORE
    assert "rows are wrong" in decide(client, row, "confirm")
    assert goods() == BEFORE
    decide(client, row, "confirm", skips_wrong="yes")
    work()
    assert goods() == [("C-1", "<b>Cup</b>", 500), ("N-1", "每日坚果", 9900)]
    end = client.get(answer["Location"]).content.decode()
    assert "2 rows were applied" in end
    again = upload(client, FILE)
    assert again.status_code == 400
    assert "has applied this file already" in again.content.decode()
    assert "goods.csv" in client.get(reverse(START)).content.decode()


def test_wrong_rows_and_templates_are_sent(client: Client) -> None:
    upload(client, FILE)
    work()
    row = Import.objects.get()
    wrong = client.get(reverse(f"{START}_wrong", args=[row.public_id]))
    [titles, [_line, cells]] = read_table(wrong.content)
    assert titles[1][-1] == "What is wrong"
    assert cells[:4] == ["N-2", "每日坚果", "", "x"]
    [(_line, titles)] = read_table(client.get(reverse(f"{START}_template")).content)
    assert titles[0] == "SKU code"


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_what_is_stored_is_exported_in_the_columns_of_the_import(client: Client, kind: str) -> None:
    answer = client.post(reverse(f"{START}_stored"), {"format": kind})
    assert answer["Content-Disposition"].endswith(f'.{kind}"')
    upload(client, answer.content)
    work()
    row = Import.objects.get()
    assert (row.unchanged, row.rows) == (1, 1)
    page = client.get(reverse(f"{START}_result", args=[row.public_id])).content.decode()
    assert "nothing to apply" in page
    assert client.post(reverse(f"{START}_stored"), {"format": "pdf"}).status_code == 404


def test_without_the_right_to_export_nothing_is_sent(client: Client, qian: User) -> None:
    qian.user_permissions.remove(*qian.user_permissions.filter(codename="export_list"))
    answer = client.post(reverse(f"{START}_stored"), {"format": "csv"})
    assert answer.status_code == 302
    assert "/stored/" not in client.get(reverse(START)).content.decode()


def test_an_import_is_discarded_on_its_page(client: Client) -> None:
    upload(client, FILE)
    work()
    row = Import.objects.get()
    decide(client, row, "discard")
    row.refresh_from_db()
    assert (row.status, goods()) == ("discarded", BEFORE)


def test_unknown_verbs_and_imports_are_not_found(client: Client) -> None:
    upload(client, FILE)
    row = Import.objects.get()
    url = reverse(f"{START}_decide", args=[row.public_id])
    assert client.post(url, {"verb": "erase"}).status_code == 404
    for page in ("result", "decide", "wrong"):
        address = reverse(f"{START}_{page}", args=["0" * 20])
        call = client.post if page == "decide" else client.get
        assert call(address).status_code == 404


def test_forged_times_confirm_nothing(client: Client) -> None:
    upload(client, csv_file(TITLES, ["N-1", "每日坚果", "", "99"]))
    work()
    row = Import.objects.get()
    for seen in ("", "x", "2026-11-01T04:00:01+00:00", "2026-99-99T00:00"):
        assert "checked again" in decide(client, row, "confirm", checked_at=seen)
    assert (claim_import(at=NOON), goods()) == (None, BEFORE)


def test_who_may_only_look_imports_nothing(as_qian: Client, qian: User, nuts: Product) -> None:
    give(qian, "view_product", "view_sku")
    assert upload(as_qian, FILE).status_code == 403
    assert as_qian.get(reverse(START)).status_code == 403
    page = as_qian.get(reverse("admin:catalog_product_changelist")).content.decode()
    assert reverse(START) not in page
    assert not Import.objects.exists()


def test_the_list_of_products_leads_to_the_import(client: Client) -> None:
    page = client.get(reverse("admin:catalog_product_changelist")).content.decode()
    assert reverse(START) in page


BAD_FILES = {
    "no-file": (b"", "no column"),
    "binary": (b"MZ\x90\x00\x03\x00\x04", "neither"),
    "nul": (b"sku,name,price\nN-1,a\x00b,5\n", ""),
    "large": (b"x" * (MAX_FILE_SIZE + 1), "larger than 5 MB"),
    "a million rows": (b"sku,name,price\n" + b"1,a,1\n" * 800_000, "10,000 rows"),
    "encoding": (b"sku,name,price\n\x81\xff\xff", "neither UTF-8"),
    "quote": (b'sku,name,price\n"open', "not valid CSV"),
    "broken": (b"PK\x03\x04broken", "no XLSX"),
    "macros": (workbook_with(b"", "xl/vbaProject.bin"), "macros"),
    "far": (
        workbook_with(
            b'<row r="1"><c r="A1"><v>1</v></c></row>'
            b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
        ),
        "far below or beside",
    ),
    "merged": (xlsx_file(TITLES, ["N-1", "a", "", 5], merged="A3:A4"), "merged"),
    "titles": (csv_file(["a", "b"], ["1", "2"]), "no column"),
    "html": (b"<html><script>alert(1)</script></html>", "no column"),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_file_is_refused_in_words(client: Client, name: str) -> None:
    content, words = BAD_FILES[name]
    answer = upload(client, content, "bad\u202egpj.xlsx")
    page = answer.content.decode()
    assert answer.status_code in (400, 413)
    assert words in page
    assert "Traceback" not in page
    assert not Import.objects.exists()
    assert goods() == BEFORE


BAD_CELLS = [
    ["N-1", "=1+1", "", "5"], ["N-1", "a\u202eb", "", "5"], ["N-1", "a\x07b", "", "5"],
    ["N-1", "x" * 201, "", "5"], ["=cmd|'/c calc'!A0", "a", "", "5"], ["N-1", "a", "", "-5"],
    ["N-1", "a", "", "1000000000000000000"], ["N-1", "a", "", "NaN"], ["N-1", "a", "", "1e9"],
    ["N-1", "a", "", "٣"], ["N-1", "a", "../../etc", "5"], ["", "a", "", "5"],
    ["1.5E+18", "a", "", "5"], ["N-1", "a", "' OR 1=1 --", "5"],
]  # fmt: skip


@pytest.mark.slow
def test_bad_cells_are_marked_and_nothing_moves(client: Client) -> None:
    for number, cells in enumerate(BAD_CELLS):
        upload(client, csv_file(TITLES, cells))
        work()
        row = Import.objects.latest("pk")
        assert (row.status, row.wrong, number) == ("checked", 1, number)
        page = client.get(reverse(f"{START}_result", args=[row.public_id])).content.decode()
        assert "im-problem" in page
        assert "No right row" in page
        assert "No row of this file" in decide(client, row, "confirm", skips_wrong="yes")
        assert Import.objects.filter(status="confirmed").count() == 0
    assert goods() == BEFORE


def test_a_long_file_has_pages(client: Client) -> None:
    Category.objects.create(code="many", name="Many")
    rows = [[f"M-{number}", f"Cup {number}", "many", "5"] for number in range(250)]
    upload(client, csv_file(TITLES, *rows))
    work()
    row = Import.objects.get()
    url = reverse(f"{START}_result", args=[row.public_id])
    second = client.get(url, {"show": "new", "page": "2"}).content.decode()
    assert "M-100" in second
    assert "M-99" not in second
    for page in ("0", "-1", "99", "x", "9" * 30):
        assert client.get(url, {"show": "odd", "page": page}).status_code == 200

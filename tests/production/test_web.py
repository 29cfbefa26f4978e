"""The web process behind a proxy that ends TLS."""

from __future__ import annotations

import json
import re
import socket
from urllib.parse import urlencode

import pytest

from tests.production import compose
from tests.production.deployment import Deployment
from tests.production.processes import Answer, Process, Proxy

pytestmark = pytest.mark.slow

SECRETS = ("secret_key", "database_password")
PASSWORD = "a-long-password-of-Qian"


def test_the_web_process_is_alive_and_ready(proxy: Proxy) -> None:
    assert proxy.get("/healthz").status == 200
    ready = proxy.get("/readyz")
    assert ready.status == 200
    assert json.loads(ready.body) == {
        "status": "ok",
        "database": True,
        "broker": True,
    }


def test_internal_health_requests_need_no_tls(proxy: Proxy) -> None:
    assert proxy.get("/readyz", Host="127.0.0.1", X_Forwarded_Proto="").status == 200


def test_monitoring_needs_the_token_and_no_tls(deployment: Deployment, proxy: Proxy) -> None:
    token = f"Bearer {deployment.status_token()}"
    inside = {"Host": "127.0.0.1", "X_Forwarded_Proto": ""}
    for path in ("/statusz", "/metrics"):
        assert proxy.get(path).status == 401
        assert proxy.get(path, Authorization="Bearer wrong", **inside).status == 401
    assert "late" in json.loads(proxy.get("/statusz", Authorization=token, **inside).body)
    metrics = proxy.get("/metrics", Authorization=token, **inside)
    assert metrics.status == 200
    assert "twotier_oldest_seconds" in str(metrics.body)


def test_the_health_check_of_the_image(deployment: Deployment, proxy: Proxy) -> None:
    def check(port: int) -> int:
        command = [word.replace(":8000/", f":{port}/") for word in compose.health("web")]
        return deployment.run(command, "web").finish()

    assert check(proxy.port) == 0
    assert check(1) != 0


def test_http_is_redirected_to_https(proxy: Proxy) -> None:
    for proto in ("", "http"):
        answer = proxy.get("/admin/login/?next=/admin/", X_Forwarded_Proto=proto)
        assert answer.status == 301
        assert answer.headers["Location"] == f"https://{compose.DOMAIN}/admin/login/?next=/admin/"


def test_another_host_is_refused(proxy: Proxy) -> None:
    for path in ("/admin/login/", "/healthz"):
        answer = proxy.get(path, Host="evil.example")
        assert answer.status == 400
        assert_reveals_nothing(answer)


def test_missing_pages(proxy: Proxy) -> None:
    answer = proxy.get("/no/such/page")
    assert answer.status == 404
    assert_reveals_nothing(answer)


def assert_reveals_nothing(answer: Answer) -> None:
    for word in ("Traceback", "DEBUG", "urlpatterns", "/app/", "Django", "site-packages"):
        assert word not in answer.body


def test_the_login_page_and_its_static_files(proxy: Proxy) -> None:
    page = proxy.get("/admin/login/")
    assert page.status == 200
    files = re.findall(r'(?:href|src)="(/static/[^"]+)"', page.body)
    assert len(files) > 5
    for file in files:
        assert re.search(r"\.[0-9a-f]{12}\.\w+$", file), f"{file} may be cached without expiry"
        answer = proxy.get(file)
        assert answer.status == 200, file
        assert "immutable" in answer.headers["Cache-Control"]
    zipped = proxy.get(files[0], Accept_Encoding="gzip")
    assert zipped.headers["Content-Encoding"] == "gzip"


def test_the_security_headers(proxy: Proxy) -> None:
    page = proxy.get("/admin/login/")
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert page.headers["Strict-Transport-Security"].startswith("max-age=31536000")
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert page.headers["X-Frame-Options"] == "DENY"
    assert page.headers["Referrer-Policy"] == "same-origin"
    assert "secure" in page.cookie("csrftoken").lower()


def test_staff_signs_in(deployment: Deployment, proxy: Proxy) -> None:
    create = "python manage.py createsuperuser --noinput --username qian --email q@example.com"
    process = deployment.run(["env", f"DJANGO_SUPERUSER_PASSWORD={PASSWORD}", *create.split()])
    assert process.finish() == 0, process.output()

    signed_in = sign_in(proxy, PASSWORD)
    assert signed_in.status == 302
    cookie = signed_in.cookie("sessionid")
    assert {"Secure", "HttpOnly", "SameSite=Lax"} <= set(cookie.split("; "))
    session = cookie.split(";")[0]
    led_on = proxy.get("/admin/", Cookie=session)
    assert (led_on.status, led_on.headers["Location"]) == (
        302,
        "/admin/second_factor/?next=/admin/",
    )
    assert "data:image/svg+xml" in proxy.get("/admin/second_factor/", Cookie=session).body
    assert sign_in(proxy, "wrong").status == 200


def sign_in(proxy: Proxy, password: str) -> Answer:
    page = proxy.get("/admin/login/")
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.body)
    assert token
    form = {"username": "qian", "password": password, "csrfmiddlewaretoken": token[1]}
    return proxy.ask(
        "POST",
        "/admin/login/?next=/admin/",
        urlencode(form),
        Cookie=page.cookie("csrftoken").split(";")[0],
        Origin=f"https://{compose.DOMAIN}",
        Content_Type="application/x-www-form-urlencoded",
    )


@pytest.mark.parametrize(
    ("length", "status"), [("abc", 400), ("-1", 400), ("700000000", 413), ("9" * 30, 400)]
)
@pytest.mark.parametrize("path", ["/admin/login/", "/payouts/wechat"])
def test_a_body_of_unknown_or_great_length_is_refused_unread(
    web: Process, proxy: Proxy, path: str, length: str, status: int
) -> None:
    before = len(web.output())
    with socket.create_connection(("127.0.0.1", proxy.port), timeout=20) as line:
        line.sendall(
            f"POST {path} HTTP/1.1\r\nHost: {compose.DOMAIN}\r\nX-Forwarded-Proto: https\r\n"
            "Content-Type: multipart/form-data; boundary=b\r\n"
            f"Content-Length: {length}\r\nConnection: close\r\n\r\n--b\r\n".encode()
        )
        answer = line.recv(4096).decode()
    assert answer.split()[1] == str(status)
    assert "Traceback" not in answer + web.output()[before:]


def test_neither_searches_nor_monitoring_are_logged(
    deployment: Deployment, web: Process, proxy: Proxy
) -> None:
    token = f"Bearer {deployment.status_token()}"
    inside = {"Host": "127.0.0.1", "X_Forwarded_Proto": "", "Authorization": token}
    written = web.err.stat().st_size
    for path in ("/healthz", "/readyz", "/metrics"):
        assert proxy.get(path, **inside).status == 200
    assert web.err.stat().st_size == written

    proxy.get("/admin/members/member/?q=13800001111")
    assert any(line.get("request") == "GET /admin/members/member/" for line in web.journal())
    assert "13800001111" not in web.output()


def test_the_request_id_is_returned_and_logged(web: Process, proxy: Proxy) -> None:
    answer = proxy.get("/admin/login/?x=1", X_Request_ID="from-the-proxy_1")
    assert answer.headers["X-Request-ID"] == "from-the-proxy_1"
    events = [line["event"] for line in web.logged(request_id="from-the-proxy_1")]
    assert "request_finished" in events


def test_every_log_line_is_json_without_secrets(
    deployment: Deployment, web: Process, proxy: Proxy
) -> None:
    proxy.get("/admin/login/")
    journal = web.journal()
    assert journal
    assert all({"event", "level", "timestamp"} <= line.keys() for line in journal)
    assert web.out.read_text() == ""
    for name in SECRETS:
        assert (deployment.secrets / name).read_text().strip() not in web.output()


def test_the_checks_for_deployment_ask_for_a_tax_regime_and_then_find_nothing(
    deployment: Deployment, proxy: Proxy
) -> None:
    command = "python manage.py check --deploy --fail-level WARNING --database default"
    check = deployment.run(command.split(), "web")
    assert check.finish() == 1, check.output()
    assert "config.E009" in check.output()
    assert "config.E008" not in check.output()

    regime = (
        "from common import clock; from members.models import User;"
        "from withdrawals.services import change_policy;"
        "change_policy(by=User.objects.first(), at=clock.now(), regime='labor_per_payment')"
    )
    change = deployment.run(["python", "manage.py", "shell", "--no-imports", "-c", regime], "web")
    assert change.finish() == 0, change.output()
    check = deployment.run(command.split(), "web")
    assert check.finish() == 0, check.output()
    assert "no issues" in check.output()


def test_nothing_was_written_beside_the_static_files(deployment: Deployment, proxy: Proxy) -> None:
    """The root file system can be read-only, and no embedded server created a folder."""
    proxy.get("/admin/login/")
    compiled = {"__pycache__", "staticfiles"}
    files = {
        path.relative_to(deployment.app) for path in deployment.app.rglob("*") if path.is_file()
    }
    new = {path for path in files if not compiled & set(path.parts)}
    assert not [path for path in new if not (compose.ROOT / path).exists()]
    assert not (deployment.app / ".data").exists()
    assert not list(deployment.folder.glob("twotier-*"))

"""Sessions: who may sign in, what the cookie is like, and when it is over."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import create_engine, text

from api.sessions import SessionDesk, operator_id_of
from assistant.settings import Settings
from assistant.store.dialogs import DialogStore
from assistant.store.rows import format_stamp
from tests.api.conftest import API_KEYS, KEYS, client_of, is_problem
from tests.conftest import REPO, Clock, Server

NAMES = ["Ольга", "  ольга ", "Анна  Петровна", "Zoë O'Neil", "ΣΊΣΥΦΟΣ", "a\u00a0b\ufeff", "💛 Ira"]


def sign_in(client: httpx.Client, name: str = "Ольга", key: str | None = None) -> dict[str, Any]:
    """Sign in; from then on the client sends the cookie and the token beside it."""
    body = {"name": name} | ({"key": key} if key else {})
    response = client.post("/v1/sessions", json=body)
    assert response.status_code == 201, response.text
    session: dict[str, Any] = response.json()
    client.headers["X-CSRF-Token"] = session["csrf_token"]
    return session


@pytest.fixture
def browser(guarded_server: Server) -> Iterator[httpx.Client]:
    """Somebody without a key in his headers, who keeps cookies."""
    with client_of(guarded_server) as client:
        yield client


def test_operator_signs_in_with_his_key_and_then_needs_none(browser: httpx.Client) -> None:
    is_problem(browser.get("/v1/dialogs"), 401, "unauthorized")
    session = sign_in(browser, "Ольга", KEYS["operator"])
    assert session["name"] == "Ольга"
    assert session["role"] == "operator"
    assert session["operator_id"] == operator_id_of("Ольга")
    assert browser.get("/v1/dialogs").status_code == 200
    current = browser.get("/v1/sessions/current").json()
    assert current == session


def test_cookie_is_out_of_reach_of_scripts_and_other_sites(browser: httpx.Client) -> None:
    response = browser.post("/v1/sessions", json={"name": "Ольга", "key": KEYS["operator"]})
    cookie = SimpleCookie(response.headers["Set-Cookie"])["souffleur_session"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "strict"
    assert cookie["path"] == "/"
    assert not cookie["secure"]  # over plain http a browser would drop it
    assert len(cookie.value) >= 43  # 32 bytes
    assert cookie.value not in response.text
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("key", "status", "code"),
    [
        ("", 401, "unauthorized"),
        ("nonsense", 401, "unauthorized"),
        (KEYS["widget"], 403, "forbidden"),
    ],
)
def test_who_has_no_operators_key_cannot_sign_in(
    browser: httpx.Client, key: str, status: int, code: str
) -> None:
    response = browser.post("/v1/sessions", json={"name": "Ольга", "key": key})
    is_problem(response, status, code)
    assert "Set-Cookie" not in response.headers


@pytest.mark.parametrize("name", [None, "", " ", "a\u0000b", 7])
def test_name_that_is_none_is_422(browser: httpx.Client, name: object) -> None:
    response = browser.post("/v1/sessions", json={"name": name, "key": KEYS["operator"]})
    is_problem(response, 422, "invalid_request")


def test_signing_in_again_makes_a_new_token_and_ends_the_old_session(browser: httpx.Client) -> None:
    sign_in(browser, "Ольга", KEYS["operator"])
    before = browser.cookies["souffleur_session"]
    sign_in(browser, "Пётр", KEYS["operator"])
    assert browser.cookies["souffleur_session"] != before
    browser.cookies.set("souffleur_session", before)
    is_problem(browser.get("/v1/sessions/current"), 401, "unauthorized")


def test_cookie_that_somebody_planted_is_not_taken_over(browser: httpx.Client) -> None:
    browser.cookies.set("souffleur_session", "planted")
    response = browser.post("/v1/sessions", json={"name": "Ольга", "key": KEYS["operator"]})
    assert SimpleCookie(response.headers["Set-Cookie"])["souffleur_session"].value != "planted"
    browser.cookies.clear()
    browser.cookies.set("souffleur_session", "planted")
    is_problem(browser.get("/v1/dialogs"), 401, "unauthorized")


def test_signing_out_ends_the_session_in_every_process(
    start_server: Callable[..., Server], tmp_path: Path
) -> None:
    settings = {"SOUFFLEUR_API_KEYS": API_KEYS}
    url = f"sqlite:///{tmp_path / 'shared.db'}"
    servers = [start_server(tmp_path, SOUFFLEUR_DATABASE_URL=url, **settings) for _ in range(2)]
    with client_of(servers[0]) as here, client_of(servers[1]) as there:
        sign_in(here, "Ольга", KEYS["operator"])
        there.cookies.set("souffleur_session", here.cookies["souffleur_session"])
        assert there.get("/v1/dialogs").status_code == 200
        out = here.delete("/v1/sessions/current")
        assert out.status_code == 204
        assert SimpleCookie(out.headers["Set-Cookie"])["souffleur_session"].value == ""
        is_problem(there.get("/v1/dialogs"), 401, "unauthorized")


def test_key_that_is_taken_away_ends_its_sessions(
    start_server: Callable[..., Server], tmp_path: Path
) -> None:
    first = start_server(tmp_path, SOUFFLEUR_API_KEYS=API_KEYS)
    with client_of(first) as client:
        sign_in(client, "Ольга", KEYS["operator"])
        token = client.cookies["souffleur_session"]
    keys = API_KEYS.replace(KEYS["operator"], "another-operator-key")
    second = start_server(tmp_path, SOUFFLEUR_API_KEYS=keys)
    with client_of(second) as client:
        client.cookies.set("souffleur_session", token)
        is_problem(client.get("/v1/dialogs"), 401, "unauthorized")


def test_only_the_digest_of_the_cookie_is_kept(
    start_server: Callable[..., Server], tmp_path: Path
) -> None:
    server = start_server(tmp_path, SOUFFLEUR_API_KEYS=API_KEYS)
    with client_of(server) as client:
        session = sign_in(client, "Ольга", KEYS["operator"])
        secrets = (client.cookies["souffleur_session"], session["csrf_token"], KEYS["operator"])
    engine = create_engine(f"sqlite:///{tmp_path / 'souffleur.db'}")
    with engine.connect() as connection:
        kept = str(connection.execute(text("select * from operator_sessions")).all())
        assert "operator-0" not in kept
        assert not [secret for secret in secrets if secret in kept]
        trail = connection.execute(text("select caller, action, operator_id from audit")).all()
    assert ("operator-1", "session.open", operator_id_of("Ольга")) in [tuple(row) for row in trail]
    assert not [secret for secret in secrets if secret in server.said()]


def test_tries_of_one_address_are_limited(
    start_server: Callable[..., Server], tmp_path: Path
) -> None:
    server = start_server(tmp_path, SOUFFLEUR_API_KEYS=API_KEYS)
    wrong, right = ({"name": "О", "key": key} for key in ("wrong-key", KEYS["operator"]))
    with client_of(server) as client:
        for _ in range(9):
            assert client.post("/v1/sessions", json=wrong).status_code == 401
        assert client.post("/v1/sessions", json=right).status_code == 201
        for number in range(10):  # what fits begins the count anew
            forwarded = {"X-Forwarded-For": f"192.0.2.{number}"}  # believed of nobody
            assert client.post("/v1/sessions", json=wrong, headers=forwarded).status_code == 401
        refused = client.post("/v1/sessions", json=right)
    is_problem(refused, 429, "too_many")
    assert 1 <= int(refused.headers["Retry-After"]) <= 60


@pytest.mark.parametrize(("trusted", "is_secure"), [("", False), ("127.0.0.1", True)])
def test_word_of_a_proxy_counts_where_the_deployment_says_so(
    start_server: Callable[..., Server], tmp_path: Path, trusted: str, is_secure: bool
) -> None:
    server = start_server(tmp_path, SOUFFLEUR_API_KEYS=API_KEYS, SOUFFLEUR_TRUSTED_PROXIES=trusted)
    headers = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.1"}
    body = {"name": "Ольга", "key": KEYS["operator"]}
    with client_of(server) as client:
        response = client.post("/v1/sessions", json=body, headers=headers)
    cookie = SimpleCookie(response.headers["Set-Cookie"])["souffleur_session"]
    assert bool(cookie["secure"]) is is_secure


def test_without_keys_one_signs_in_by_name_alone(client: httpx.Client) -> None:
    session = sign_in(client, "Ольга")
    assert client.get("/v1/sessions/current").json() == session
    assert client.delete("/v1/sessions/current").status_code == 204
    is_problem(client.get("/v1/sessions/current"), 401, "unauthorized")


def test_cookie_of_another_server_on_this_machine_shuts_nobody_out(client: httpx.Client) -> None:
    client.cookies.set("souffleur_session", "of-another-port")
    assert client.post("/v1/messages", json={"text": "Как удалить аккаунт?"}).status_code == 200
    claims = client.post("/v1/messages", json={"text": "а"}, headers={"X-CSRF-Token": "old"})
    is_problem(claims, 401, "unauthorized")


def test_bearer_goes_on_without_cookies(browser: httpx.Client) -> None:
    sign_in(browser, "Ольга", KEYS["operator"])
    key = {"Authorization": f"Bearer {KEYS['widget']}"}
    is_problem(browser.get("/v1/dialogs", headers=key), 403, "forbidden")
    is_problem(browser.get("/v1/sessions/current", headers=key), 401, "unauthorized")


ACTING = [
    ("POST", "/v1/dialogs/{id}/take", {}),
    ("POST", "/v1/dialogs/{id}/release", {}),
    ("POST", "/v1/dialogs/{id}/resolve", {}),
    ("POST", "/v1/dialogs/{id}/reopen", {}),
    ("POST", "/v1/dialogs/{id}/operator-messages", {"text": "да"}),
    ("POST", "/v1/dialogs/{id}/verdicts", {"message_id": "m", "right": True}),
    ("POST", "/v1/dialogs/{id}/ticket", {"subject": "x"}),
    ("PATCH", "/v1/tickets/S-1", {"status": "solved"}),
    ("POST", "/v1/dialogs/{id}/transfer", {"to_queue": "general"}),
    ("POST", "/v1/dialogs/{id}/notes", {"text": "да"}),
    ("POST", "/v1/dialogs/{id}/typing", {}),
    ("POST", "/v1/learning/verdicts/1/review", {"review": "approved"}),
]


@pytest.mark.parametrize(("method", "path", "body"), ACTING)
def test_whoever_is_signed_in_acts_for_himself_only(
    browser: httpx.Client, method: str, path: str, body: dict[str, Any]
) -> None:
    sign_in(browser, "Ольга", KEYS["operator"])
    place = path.format(id="d-nowhere")
    response = browser.request(method, place, json=body | {"operator_id": "op-somebody"})
    is_problem(response, 403, "not_you")


def test_presence_and_header_name_nobody_else_either(browser: httpx.Client) -> None:
    own = sign_in(browser, "Ольга", KEYS["operator"])["operator_id"]
    body = {"name": "Ольга"}
    assert browser.put(f"/v1/operators/{own}/presence", json=body).status_code == 200
    is_problem(browser.put("/v1/operators/op-2/presence", json=body), 403, "not_you")
    is_problem(browser.get("/v1/dialogs", headers={"X-Operator-Id": "op-2"}), 403, "not_you")
    assert browser.get("/v1/dialogs", headers={"X-Operator-Id": own}).status_code == 200


# --- time ---------------------------------------------------------------------------------------


@pytest.fixture
def desk(store: DialogStore) -> SessionDesk:
    """Sessions of two hours, over after ten minutes without use."""
    fields = {"session_hours": 2, "session_idle_minutes": 10, "api_keys": API_KEYS}
    return SessionDesk(store, Settings(**fields, _env_file=None))  # type: ignore[call-arg]


def test_session_is_over_after_its_hours_however_busy(desk: SessionDesk, clock: Clock) -> None:
    token = desk.open("Ольга", "operator", KEYS["operator"]).token
    for _ in range(23):
        clock.turn(minutes=5)
        assert desk.find(token, renew=True) is not None
    clock.turn(minutes=5)
    assert desk.find(token, renew=True) is None


def test_session_is_over_when_it_is_not_used(desk: SessionDesk, clock: Clock) -> None:
    token = desk.open("Ольга", "operator", KEYS["operator"]).token
    clock.turn(minutes=9)
    assert desk.find(token) is not None  # looking is no use
    clock.turn(minutes=2)
    assert desk.find(token) is None


def test_sweeping_deletes_what_is_over_and_nothing_else(
    desk: SessionDesk, store: DialogStore, clock: Clock
) -> None:
    desk.open("Ольга", "operator", KEYS["operator"])
    clock.turn(minutes=8)
    fresh = desk.open("Пётр", "operator", KEYS["operator"]).token
    clock.turn(minutes=3)
    assert store.sweep_sessions(600) == 1
    assert desk.find(fresh) is not None
    assert store.sweep_sessions(600) == 0


@pytest.mark.parametrize(
    ("headers", "is_use"),
    [
        ({}, True),
        ({"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors"}, True),
        ({"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "no-cors"}, False),
        ({"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "cors"}, False),
        ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}, False),
        ({"Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate"}, False),
    ],
)
def test_only_our_own_page_keeps_a_session_alive_by_asking_who_is_signed_in(
    start_server: Callable[..., Server], tmp_path: Path, headers: dict[str, str], *, is_use: bool
) -> None:
    server = start_server(tmp_path, SOUFFLEUR_API_KEYS=API_KEYS)
    engine = create_engine(f"sqlite:///{tmp_path / 'souffleur.db'}")
    half_an_hour_ago = format_stamp(datetime.now(UTC) - timedelta(minutes=30))
    with client_of(server) as client:
        sign_in(client, "Ольга", KEYS["operator"])
        with engine.begin() as connection:
            connection.execute(
                text("update operator_sessions set used_at = :at"), {"at": half_an_hour_ago}
            )
        assert client.get("/v1/sessions/current", headers=headers).status_code == 200
    with engine.connect() as connection:
        used_at = connection.execute(text("select used_at from operator_sessions")).scalar_one()
    assert (used_at != half_an_hour_ago) is is_use


def test_two_sessions_have_nothing_in_common(desk: SessionDesk) -> None:
    one, two = (desk.open("Ольга", "operator", KEYS["operator"]) for _ in range(2))
    assert one.token != two.token
    assert one.csrf_token != two.csrf_token
    assert one.operator_id == two.operator_id
    assert one.admits(one.csrf_token)
    assert not one.admits(two.csrf_token)
    assert not one.admits(None)


# --- ids ----------------------------------------------------------------------------------------

SCRIPT = """
const operatorId = (name) => {
  const plain = name.trim().toLowerCase().replace(/\\s+/g, " ");
  const hash = (seed) => {
    let value = seed;
    for (const byte of new TextEncoder().encode(plain))
      value = Math.imul(value ^ byte, 16777619) >>> 0;
    return value.toString(16).padStart(8, "0");
  };
  return `op-${hash(2166136261)}${hash(0x9747b28c)}`;
};
console.log(JSON.parse(process.argv[1]).map(operatorId).join("\\n"));
"""


def test_ids_are_those_that_the_console_made_before() -> None:
    assert operator_id_of("Ольга") == "op-deb6fa4640fee883"
    assert operator_id_of(" ольга ") == operator_id_of("Ольга")


@pytest.mark.skipif(shutil.which("node") is None, reason="node is absent")
def test_ids_are_those_of_the_consoles_old_script() -> None:
    import json

    command = ["node", "-e", SCRIPT, json.dumps(NAMES)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=REPO)
    assert done.stdout.split() == [operator_id_of(name) for name in NAMES]

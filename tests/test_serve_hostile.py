"""`showtell serve` among clients that want it to fail: others are served, and it ends in time."""

from __future__ import annotations

import io
import signal
import socket
import struct
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from showtell_lib.captioner import Captioner
from showtell_lib.photos import ORIENTATION, sample_photo
from tests.captioning_service import Service, started
from tests.gated_captioner import GatedCaptioner
from tests.web_server import Server

pytest.importorskip("fastapi_offline", reason="needs showtell_lib[serve]")
httpx = pytest.importorskip("httpx", reason="needs httpx")

from showtell_lib.serve import Limits  # noqa: E402
from showtell_lib.serve.clients import Shares, client_of  # noqa: E402
from showtell_lib.serve.connections import SaidOnce  # noqa: E402
from showtell_lib.serve.problems import Problem  # noqa: E402
from tests.test_photos_hostile import progressive  # noqa: E402
from tests.test_serve import (  # noqa: E402
    CAPTIONS,
    PATIENCE,
    PHOTOS,
    connection,
    expect_problem,
    metric,
    png,
    running,
    send,
    wait_until,
)

# In the place of what opens photos: a process that never answers a photo of this size.
NEVER = 77


def replace_opener(folder: Path, monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """Lets the service open photos with a module that changes how that is done."""
    start = "import time\nfrom showtell_lib.photos import apart, decoding\n"
    (folder / "slow_opener.py").write_text(f"{start}{code}apart.main()\n")
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.setattr("showtell_lib.serve.openers.MODULE", "slow_opener")


@pytest.fixture
def slow_photos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> bytes:
    """A photo that takes for ever to open, with any Pillow."""
    code = (
        "def slow(name, label, data, usual=decoding.from_bytes):\n"
        f"    time.sleep(10_000 if len(data) == {NEVER} else 0)\n"
        "    return usual(name, label, data)\n"
        "apart.from_bytes = slow\n"
    )
    replace_opener(tmp_path, monkeypatch, code)
    return bytes(NEVER)


@pytest.fixture
def slow_large_photos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> bytes:
    """A photo of a few bytes and many pixels, and all such photos take for ever to decode."""
    code = (
        "def slow(begun, usual=decoding.Undecoded.decode_for_graph):\n"
        "    time.sleep(10_000 if begun.pixel_count > 6_000_000 else 0)\n"
        "    return usual(begun)\n"
        "decoding.Undecoded.decode_for_graph = slow\n"
    )
    replace_opener(tmp_path, monkeypatch, code)
    return png(Image.new("L", (3000, 2100)))


def test_a_jpeg_of_thousands_of_scans_is_refused_while_others_are_answered() -> None:
    bomb = progressive(20_000, size=5000)
    with running(Limits(), GatedCaptioner()) as client, ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda photo: send(client, photo), [bomb, PHOTOS[0]] * 4))
        for answer in answers[::2]:
            expect_problem(answer, 422, "scans")
        assert {answer.status_code for answer in answers[1::2]} == {200}


def test_a_photo_that_takes_too_long_ends_with_its_process(slow_photos: bytes) -> None:
    limits = Limits(open_seconds=2.0, stuck_seconds=0.2)
    with running(limits, GatedCaptioner()) as client, ThreadPoolExecutor(8) as pool:
        wait_until(lambda: send(client).status_code == 200)
        held = [pool.submit(send, client, slow_photos) for _ in range(8)]
        wait_until(lambda: client.get("/readyz").status_code == 503)
        assert client.get("/healthz").status_code == 200
        for one in held:
            expect_problem(one.result(), 422, "2 seconds")
        wait_until(lambda: client.get("/readyz").status_code == 200)
        assert send(client).status_code == 200


def test_small_photos_do_not_wait_for_large_ones(slow_large_photos: bytes) -> None:
    limits = Limits(open_seconds=10_000, answer_seconds=10_000)
    with running(limits, GatedCaptioner()) as client, ThreadPoolExecutor(4) as pool:
        size = len(slow_large_photos)
        held = [connection(client, size, slow_large_photos) for _ in range(8)]
        wait_until(lambda: metric(client, "showtell_requests_inside") == 8)
        for _ in range(3):
            answers = list(pool.map(lambda photo: send(client, photo), PHOTOS[:4]))
            assert {answer.status_code for answer in answers} == {200}
        assert metric(client, "showtell_requests_inside") == 8
        for one in held:
            one.close()


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """`showtell serve` with the bundled model, in a process of its own."""
    with started(tmp_path_factory.mktemp("service") / "log.txt") as running:
        yield running


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "16 bit", "turned"])
def test_a_large_photo_is_opened_apart_as_the_library_opens_it(
    kind: str, captioner: Captioner, service: Service
) -> None:
    photo = large(kind)
    with httpx.Client(base_url=service.address, timeout=PATIENCE) as client:
        answer = send(client, photo).json()
    wanted = captioner.caption(photo)
    assert answer["captions"][0]["text"] == wanted[0].text
    assert answer["captions"][0]["log_prob"] == pytest.approx(wanted[0].log_prob, abs=1e-4)


def large(kind: str) -> bytes:
    """A photo of 6.3 million pixels, in a kind that is handed over in its own way."""
    picture = sample_photo("chelsea").as_image().resize((3000, 2100))
    exif, buffer = Image.Exif(), io.BytesIO()
    exif[ORIENTATION] = 6
    if kind == "16 bit":
        picture = Image.fromarray(np.asarray(picture.convert("L"), np.uint16) * 257)
    if kind == "turned":
        picture.save(buffer, "JPEG", exif=exif)
    else:
        picture.save(buffer, "JPEG" if kind == "JPEG" else "PNG", compress_level=1)
    return buffer.getvalue()


def test_a_client_that_has_gone_costs_nothing_more(slow_photos: bytes) -> None:
    limits = Limits(open_seconds=10_000, answer_seconds=10_000, stuck_seconds=0.2)
    with running(limits, GatedCaptioner()) as client:
        wait_until(lambda: send(client).status_code == 200)
        held = [connection(client, NEVER, slow_photos) for _ in range(8)]
        wait_until(lambda: client.get("/readyz").status_code == 503)
        for one in held:
            one.close()
        assert send(client).status_code == 200


def test_the_end_waits_for_no_photo(slow_photos: bytes) -> None:
    limits = Limits(open_seconds=10_000, answer_seconds=10_000, stuck_seconds=0.2, end_seconds=0.5)
    with running(limits, GatedCaptioner()) as client:
        held = [connection(client, NEVER, slow_photos) for _ in range(8)]
        wait_until(lambda: client.get("/readyz").status_code == 503)
    # That the server's thread ended, `running` has seen.
    for one in held:
        one.close()


@contextmanager
def half_headers(client: Any, count: int) -> Iterator[list[socket.socket]]:
    with ExitStack() as stack:
        opened = []
        for _ in range(count):
            address = (client.base_url.host, client.base_url.port)
            one = stack.enter_context(socket.create_connection(address, PATIENCE))
            one.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Half: ")
            opened.append(one)
        yield opened


def closed(one: socket.socket) -> bool:
    try:
        return one.recv(1) == b""
    except ConnectionResetError:
        return True


def hung_up_on_another_byte(one: socket.socket) -> bool:
    try:
        one.sendall(b"G")
    except OSError:
        return True
    return False


def test_connections_that_bring_no_request_are_closed() -> None:
    with (
        running(Limits(header_seconds=0.5), GatedCaptioner()) as client,
        half_headers(client, 20) as opened,
    ):
        assert all(closed(one) for one in opened)
        assert client.get("/healthz").status_code == 200


def test_not_even_if_they_go_on_sending_bytes_or_had_an_answer_before() -> None:
    with (
        running(Limits(header_seconds=0.5), GatedCaptioner()) as client,
        half_headers(client, 1) as (one,),
    ):
        one.sendall(b"x\r\n\r\n")
        assert b"200" in one.recv(4096)
        wait_until(lambda: hung_up_on_another_byte(one))


def test_one_client_holds_only_its_share_of_the_connections() -> None:
    limits = Limits(connections_of_one=10, header_seconds=10_000)
    with running(limits, GatedCaptioner()) as client, half_headers(client, 30) as opened:
        # The client of `running` may hold one.
        assert sum(closed(one) for one in opened[10:]) == 20
        opened[0].sendall(b"x\r\n\r\n")
        assert b"200" in opened[0].recv(4096)


def test_one_client_sends_only_its_share_of_the_photos() -> None:
    with running(Limits(uploads_of_one=2), GatedCaptioner()) as client:
        held = [connection(client, 1000, b"a few bytes") for _ in range(2)]
        wait_until(lambda: metric(client, "showtell_requests_inside") == 2)
        expect_problem(send(client), 429, "2 photos already")
        for one in held:
            one.close()
        wait_until(lambda: send(client).status_code == 200)


def test_a_client_is_an_address_or_a_network_of_ipv6() -> None:
    assert client_of("2001:db8::1") == client_of("2001:db8::ffff:1") != client_of("2001:db8:0:1::1")
    assert client_of("192.0.2.1") != client_of("192.0.2.2")
    shares = Shares(1)
    with ExitStack() as held:
        for address in ("192.0.2.1", "192.0.2.2"):
            held.enter_context(shares.one_more(address))
        with pytest.raises(Problem):
            held.enter_context(shares.one_more("192.0.2.2"))
    with shares.one_more("192.0.2.2"):
        pass


def test_only_its_own_names_and_pages_are_answered() -> None:
    with running(Limits(), GatedCaptioner()) as client:
        port = client.base_url.port
        for host in ("evil.example", f"evil.example:{port}", "localhost.evil.example", "", "[::1"):
            expect_problem(client.get("/healthz", headers={"Host": host}), 421, "--allow-host")
        for host in ("localhost", f"LOCALHOST:{port}", f"127.0.0.1:{port}", f"[::1]:{port}"):
            assert client.get("/healthz", headers={"Host": host}).status_code == 200
        for origin in ("https://evil.example", "null", "http://127.0.0.1.evil.example"):
            expect_problem(client.get("/healthz", headers={"Origin": origin}), 403)
        own = {"Origin": f"http://localhost:{port}"}
        assert client.get("/healthz", headers=own).status_code == 200


def test_the_service_fetches_no_address(server: Server) -> None:
    """It has no check of addresses, so no name can slip past one by changing its address."""
    server.files = {"a.png": PHOTOS[0]}
    address = f"{server.url}a.png"
    with running(Limits(), GatedCaptioner()) as client:
        for body in (address, f"file://{__file__}", __file__):
            expect_problem(send(client, body.encode()), 415)
        form = {"photo": ("a.png", address)}
        expect_problem(client.post(CAPTIONS, files=form), 415)
        expect_problem(send(client, photo=address, url=address), 422)
    assert not server.asked


def test_no_answer_sends_a_client_to_a_host_that_it_named() -> None:
    with running(Limits(), GatedCaptioner()) as client:
        for path in ("/docs/", "/static-offline-docs", f"{CAPTIONS}/", "/readyz/"):
            answer = client.get(path)
            assert answer.status_code in (200, 404, 405)
            assert "location" not in answer.headers


def test_other_names_are_told_by_option_and_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    from showtell_lib import cli, serve

    hosts: list[list[str]] = []
    monkeypatch.setattr(serve, "run", lambda *_, hosts=(), to=hosts, **__: to.append(hosts))
    monkeypatch.setenv("SHOWTELL_ALLOWED_HOSTS", "a.example, b.example,")
    assert cli.main(["serve", "--allow-host", "c.example", "--allow-host", "*"]) == 0
    assert hosts == [["c.example", "*", "a.example", "b.example"]]


def test_an_event_loop_s_fault_is_told_once_a_minute() -> None:
    told: list[str] = []

    class Loop:
        def default_exception_handler(self, fault: dict[str, Any]) -> None:
            told.append(fault["message"])

    handler = SaidOnce()
    with pytest.MonkeyPatch.context() as patch:
        for seconds in (0.0, 1.0, 59.0, 61.0):
            patch.setattr(time, "monotonic", lambda now=seconds: now)
            for message in ("out of descriptors", "another"):
                handler(Loop(), {"message": message})  # type: ignore[arg-type]
    assert told == ["out of descriptors", "another"] * 2


def test_told_to_end_it_ends_while_connections_and_uploads_are_open(tmp_path: Path) -> None:
    with started(tmp_path / "log.txt") as service:
        with httpx.Client(base_url=service.address, timeout=PATIENCE) as client:
            held = [connection(client, 1000, b"a few bytes") for _ in range(3)]
            wait_until(lambda: metric(client, "showtell_requests_inside") == 3)
        # The end of a connection in the middle of the end, as a reset.
        linger = struct.pack("ii", 1, 0)
        held[0].setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        service.process.send_signal(signal.SIGTERM)
        held[0].close()
        begun = time.monotonic()
        assert service.process.wait(PATIENCE) in (0, 128 + signal.SIGTERM)
        print(f"ended after {time.monotonic() - begun:.1f} s")
        for one in held:
            one.close()

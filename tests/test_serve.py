"""`showtell serve`: its answers are the library's, whatever the clients do."""

from __future__ import annotations

import asyncio
import base64
import io
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, fields
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from showtell_lib import cli, plots, search
from showtell_lib.captioner import Captioner
from showtell_lib.photos import open_photo, sample_photo
from showtell_lib.scenes import Scene
from tests.captioning_service import Service, started
from tests.examples import examples
from tests.gated_captioner import GatedCaptioner

pytest.importorskip("fastapi_offline", reason="needs showtell_lib[serve]")
httpx = pytest.importorskip("httpx", reason="needs httpx")
uvicorn = pytest.importorskip("uvicorn", reason="needs showtell_lib[serve]")

from showtell_lib.serve import Limits, create_app, run, take_group  # noqa: E402
from showtell_lib.serve.batching import Batcher  # noqa: E402
from showtell_lib.serve.server import configured  # noqa: E402

CAPTIONS = "/v1/captions"
PATIENCE = 60.0
TEXT = b"no photo at all, but some text"


def png(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


PHOTOS = [png(Scene.random(seed).draw()) for seed in range(12)]
PNG = {"Content-Type": "image/png"}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """`showtell serve` with the bundled model, in a process of its own."""
    with started(tmp_path_factory.mktemp("service") / "log.txt") as running:
        yield running


@pytest.fixture
def client(service: Service) -> Iterator[Any]:
    with httpx.Client(base_url=service.address, timeout=PATIENCE) as client:
        yield client


@contextmanager
def running(limits: Limits, captioner: GatedCaptioner) -> Iterator[Any]:
    """A client of a service in a thread of this process, with a gate and limits of its own."""
    server = uvicorn.Server(
        configured(create_app(captioner, limits), limits)  # type: ignore[arg-type]
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    wait_until(lambda: server.started)
    host, port = server.servers[0].sockets[0].getsockname()
    try:
        with httpx.Client(base_url=f"http://{host}:{port}", timeout=PATIENCE) as client:
            yield client
    finally:
        captioner.gate.set()
        server.should_exit = True
        thread.join(PATIENCE)
    assert not thread.is_alive()


def wait_until(holds: Callable[[], bool]) -> None:
    ends = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < ends, "it never happened"
        time.sleep(0.05)  # Most of what is waited for is asked of a service, which has to work.


def send(client: Any, photo: bytes = PHOTOS[0], **query: Any) -> Any:
    return client.post(CAPTIONS, content=photo, headers=PNG, params=query)


def metric(client: Any, name: str) -> float:
    lines = client.get("/metrics").text.splitlines()
    return float(next(line.split()[-1] for line in lines if line.startswith(name)))


def expect_problem(response: Any, status: int, *words: str) -> None:
    """Every error has the one shape, and says what was wrong."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert problem.keys() == {"title", "status", "detail"}
    assert problem["status"] == status
    for word in words:
        assert word in problem["detail"]


# The grouping and the batcher.


@dataclass(frozen=True)
class Waiting:
    """Who waits, and for what."""

    number: int
    settings: str


@given(st.lists(st.sampled_from("abc"), min_size=1, max_size=20), st.integers(1, 6))
def test_a_group_is_led_by_who_waits_longest_and_loses_nobody(kinds: list[str], most: int) -> None:
    waiting = [Waiting(number, kind) for number, kind in enumerate(kinds)]
    group, others = take_group(waiting, most)
    assert sorted([*group, *others], key=lambda job: job.number) == waiting
    assert group[0] == waiting[0]
    assert len(group) == min(most, kinds.count(kinds[0]))
    assert {job.settings for job in group} == {kinds[0]}
    for part in (group, others):
        assert [job.number for job in part] == sorted(job.number for job in part)


def test_a_failing_group_does_not_take_others_with_it() -> None:
    worked: list[list[int]] = []

    def work(items: list[int], settings: Any) -> list[int]:
        worked.append(items)
        return [100 // item for item in items]

    async def use() -> list[Any]:
        batcher: Batcher[int, int] = Batcher(work, most=2, wait_seconds=0.05)
        waiting = [asyncio.create_task(batcher.submit(item, "same")) for item in (1, 0, 5, 7, 4)]
        await asyncio.sleep(0)
        waiting[3].cancel()
        running = asyncio.create_task(batcher.run())
        found = await asyncio.gather(*waiting, return_exceptions=True)
        running.cancel()
        batcher.close()
        return found

    failed, also, twenty, cancelled, twenty_five = asyncio.run(use())
    assert isinstance(failed, ZeroDivisionError)
    assert isinstance(also, ZeroDivisionError)
    assert isinstance(cancelled, asyncio.CancelledError)
    assert (twenty, twenty_five) == (20, 25)
    assert worked == [[1, 0], [5, 4]]


# The answers.


def test_many_clients_at_once_get_the_library_s_captions_from_few_calls(
    client: Any, captioner: Captioner
) -> None:
    before = metric(client, "showtell_batch_photos_count")
    with ThreadPoolExecutor(24) as pool:
        responses = list(pool.map(lambda photo: send(client, photo), PHOTOS * 4))
    expected = [ranked[:3] for ranked in captioner.caption_batch([open_photo(p) for p in PHOTOS])]
    for response, captions in zip(responses, expected * 4, strict=True):
        found = response.json()["captions"]
        assert [one["text"] for one in found] == [caption.text for caption in captions]
        for one, caption in zip(found, captions, strict=True):
            assert one["log_prob"] == pytest.approx(caption.log_prob, abs=1e-4)
            assert [word["word"] for word in one["words"]] == [word for word, _ in caption.words]
    assert metric(client, "showtell_batch_photos_count") - before <= len(responses) / 2


def test_bytes_and_forms_get_the_same_answer(client: Any, captioner: Captioner) -> None:
    raw = send(client).json()
    files = {"photo": ("anything.png", PHOTOS[0])}
    assert client.post(CAPTIONS, files=files).json() == raw
    assert raw["model"] == {"name": "mini", "sha256": captioner.files.sha256}


def test_settings_are_the_library_s(client: Any, captioner: Captioner) -> None:
    answer = send(client, beam_width=5, length_penalty=0.7, captions=2).json()
    expected = captioner.caption(open_photo(PHOTOS[0]), beam_width=5, length_penalty=0.7)
    assert (answer["beam_width"], answer["length_penalty"]) == (5, 0.7)
    assert [one["text"] for one in answer["captions"]] == [c.text for c in expected[:2]]
    scores = [one["score"] for one in answer["captions"]]
    assert scores == pytest.approx([c.score for c in expected[:2]], abs=1e-4)


def test_the_tree_is_drawn_with_its_alt_text(client: Any, captioner: Captioner) -> None:
    tree = send(client, tree=True).json()["tree"]
    state = captioner.encode(open_photo(PHOTOS[0]))
    own = {
        "beam_width": captioner.files.beam_width,
        "length_penalty": captioner.files.length_penalty,
    }
    _, trace = search.beam(captioner, state, **own, trace=True)
    assert tree["alt"] == plots.search_tree(trace).alt
    image = Image.open(io.BytesIO(base64.b64decode(tree["png"])))
    assert image.text["Description"] == tree["alt"]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"beam_width": 0}, ["beam_width"]),
        ({"beam_width": 21}, ["beam_width", "20"]),
        ({"length_penalty": "nan"}, ["length_penalty"]),
        ({"captions": "many"}, ["captions"]),
        ({"url": "http://127.0.0.1/photo.png"}, ["url"]),
    ],
)
def test_bad_settings_are_named(client: Any, query: dict[str, Any], words: list[str]) -> None:
    expect_problem(send(client, **query), 422, *words)


def test_what_is_no_photo_is_refused(client: Any) -> None:
    expect_problem(send(client, TEXT), 415, "not a photo")
    expect_problem(send(client, b""), 422, "no bytes")
    expect_problem(send(client, PHOTOS[0][:3000]), 422, "cut short")
    address = b'{"url": "http://127.0.0.1/photo.png"}'
    json = {"Content-Type": "application/json"}
    expect_problem(client.post(CAPTIONS, content=address, headers=json), 415, "application/json")
    expect_problem(client.post(CAPTIONS, content=PHOTOS[0]), 415, "missing")


def test_a_form_has_one_file_and_nothing_else(client: Any) -> None:
    for files, data in (
        ({"image": PHOTOS[0]}, None),
        ({"photo": PHOTOS[0]}, {"beam_width": "5"}),
        (None, {"photo": "text"}),
        ([("photo", PHOTOS[0]), ("photo", PHOTOS[1])], None),
    ):
        response = client.post(CAPTIONS, files=files or {}, data=data)
        expect_problem(response, 422 if files else 415)
    broken = {"Content-Type": "multipart/form-data; boundary=x"}
    expect_problem(client.post(CAPTIONS, content=b"--y\r\n", headers=broken), 422, "photo")
    no_boundary = {"Content-Type": "multipart/form-data"}
    expect_problem(client.post(CAPTIONS, content=PHOTOS[0], headers=no_boundary), 422, "photo")


def test_unknown_addresses_and_methods_have_the_same_shape(client: Any) -> None:
    expect_problem(client.get("/nowhere"), 404)
    expect_problem(client.get(CAPTIONS), 405)


@pytest.mark.parametrize("address", ["/", "/healthz", "/readyz", "/metrics"])
def test_whoever_asks_for_the_head_alone_gets_it(client: Any, address: str) -> None:
    head, whole = client.head(address), client.get(address)
    assert head.status_code == whole.status_code == 200
    assert head.headers["content-type"] == whole.headers["content-type"]
    assert head.content == b""
    assert whole.content


def test_a_slash_at_the_end_does_no_harm(client: Any) -> None:
    answer = client.post(f"{CAPTIONS}/", content=PHOTOS[0], headers=PNG)
    assert answer.status_code == 200
    assert answer.json()["captions"] == send(client).json()["captions"]
    assert client.get("/healthz/").json() == {"status": "alive"}


def test_it_is_alive_ready_and_described_without_a_network(client: Any) -> None:
    assert client.get("/healthz").json() == {"status": "alive"}
    assert client.get("/readyz").json() == {"status": "ready"}
    docs = client.get("/docs").text
    assert "http://" not in docs
    assert "https://" not in docs
    for address in (
        "/static-offline-docs/swagger-ui-bundle.js",
        "/static-offline-docs/swagger-ui.css",
    ):
        assert address in docs
        assert client.get(address).status_code == 200
    operation = client.get("/openapi.json").json()["paths"][CAPTIONS]["post"]
    assert {"200", "408", "413", "415", "422", "429", "503"} == operation["responses"].keys()
    assert {"multipart/form-data", "image/jpeg"} <= operation["requestBody"]["content"].keys()


# The limits.


def test_too_many_bytes_are_refused_announced_or_not(client: Any) -> None:
    too_many = bytes(Limits().photo_bytes + 1)
    expect_problem(send(client, too_many), 413, "10.0 MB")
    pieces = (too_many[first : first + 100_000] for first in range(0, len(too_many), 100_000))
    expect_problem(client.post(CAPTIONS, content=pieces, headers=PNG), 413, "10.0 MB")
    expect_problem(client.post(CAPTIONS, files={"photo": too_many}), 413)


def test_a_small_file_with_too_many_pixels_is_refused(client: Any) -> None:
    bomb = png(Image.new("1", (6000, 6000)))
    assert len(bomb) < 100_000
    expect_problem(send(client, bomb), 413, "25 million pixels")
    expect_problem(send(client, png(Image.new("1", (20_000, 20_000)))), 413, "million pixels")


def test_a_full_service_turns_clients_away_and_recovers() -> None:
    captioner = GatedCaptioner()
    limits = Limits(requests=3)
    with running(limits, captioner) as client, ThreadPoolExecutor(3) as pool:
        captioner.gate.clear()
        waiting = [pool.submit(send, client) for _ in range(3)]
        wait_until(lambda: metric(client, "showtell_requests_inside") == 3)
        response = send(client)
        expect_problem(response, 429, "try again")
        assert int(response.headers["retry-after"]) > 0
        expect_problem(client.get("/readyz"), 503)
        captioner.gate.set()
        assert [one.result().status_code for one in waiting] == [200] * 3
        assert send(client).status_code == 200
        assert client.get("/readyz").status_code == 200
        # A request that is turned away takes no time: it must not hide how long the others take.
        timed = 'showtell_request_seconds_count{{path="/v1/captions",status="{}"}}'
        for status, count in ((200, 4), (429, 1)):
            wait_until(lambda: metric(client, timed.format(status)) == count)  # noqa: B023


def test_what_waits_is_captioned_in_one_call_per_setting() -> None:
    captioner = GatedCaptioner()
    with running(Limits(batch=4), captioner) as client, ThreadPoolExecutor(9) as pool:
        captioner.gate.clear()
        first = pool.submit(send, client, beam_width=2)
        wait_until(lambda: metric(client, "showtell_batch_photos_count") == 1)
        captioner.batches.clear()
        later = [pool.submit(send, client, beam_width=1 + i // 5) for i in range(8)]
        wait_until(lambda: metric(client, "showtell_requests_inside") == 9)
        time.sleep(0.2)
        captioner.gate.set()
        assert {one.result().status_code for one in (first, *later)} == {200}
    assert sorted(captioner.batches) == [1, 1, 3, 4]


def test_an_answer_that_takes_too_long_is_given_up() -> None:
    captioner = GatedCaptioner()
    with running(Limits(answer_seconds=0.3), captioner) as client:
        captioner.gate.clear()
        response = send(client)
        expect_problem(response, 503, "0.3 seconds")
        assert "retry-after" in response.headers
        captioner.gate.set()
        wait_until(lambda: send(client).status_code == 200)


def test_a_fault_of_the_service_is_told_as_such_and_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    captioner = GatedCaptioner()
    with running(Limits(), captioner) as client:
        with monkeypatch.context() as broken:
            broken.setattr(GatedCaptioner, "encode_pixels", lambda *_: 1 / 0)
            response = send(client)
            expect_problem(response, 500, "not of your request")
            assert "division" not in response.text
            # Else the client's next request may meet a connection that is being closed.
            assert response.headers["connection"] == "close"
        assert send(client).status_code == 200
        counted = 'showtell_requests_total{path="/v1/captions",status="500"}'
        assert metric(client, counted) == 1


def connection(client: Any, length: int, body: bytes) -> socket.socket:
    """A request whose body is not sent to its end."""
    opened = socket.create_connection((client.base_url.host, client.base_url.port), PATIENCE)
    head = f"POST {CAPTIONS} HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/png\r\n"
    opened.sendall(head.encode() + f"Content-Length: {length}\r\n\r\n".encode() + body)
    return opened


def test_a_slow_client_is_told_so_while_others_are_served() -> None:
    captioner = GatedCaptioner()
    with running(Limits(upload_seconds=0.5), captioner) as client:
        slow = connection(client, 1000, b"a few bytes")
        wait_until(lambda: metric(client, "showtell_requests_inside") == 1)
        assert send(client).status_code == 200
        with slow, slow.makefile("rb") as answer:
            assert b"408" in answer.readline()
            assert b'"status":408' in answer.read()


def test_clients_that_leave_give_their_place_back() -> None:
    captioner = GatedCaptioner()
    with running(Limits(requests=4), captioner) as client:
        captioner.gate.clear()
        while_sending = connection(client, 1000, b"a few bytes")
        while_waiting = [connection(client, len(PHOTOS[0]), PHOTOS[0]) for _ in range(3)]
        wait_until(lambda: metric(client, "showtell_requests_inside") == 4)
        for one in (while_sending, *while_waiting):
            one.close()
        wait_until(lambda: metric(client, "showtell_requests_inside") == 0)
        captioner.gate.set()
        assert send(client).status_code == 200


def test_a_request_that_is_no_http_does_not_disturb(client: Any, service: Service) -> None:
    host, port = client.base_url.host, client.base_url.port
    for noise in (b"\x00\xff" * 500, b"GET\r\n\r\n", b"POST / HTTP/9.9\r\n\r\n"):
        with socket.create_connection((host, port), PATIENCE) as opened:
            opened.sendall(noise)
    assert send(client).status_code == 200
    assert service.process.poll() is None


def test_no_photo_touches_the_disk_or_the_log(
    service: Service, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    large = png(Image.effect_noise((1800, 1200), 60))
    assert len(large) > 1_500_000  # Beyond what Starlette keeps in memory by itself.

    def fail(*_: Any) -> None:
        raise AssertionError("written to the disk")

    monkeypatch.setattr("tempfile.SpooledTemporaryFile.rollover", fail)
    with running(Limits(), GatedCaptioner()) as inside:
        files = {"photo": ("secret-name.png", large)}
        assert inside.post(CAPTIONS, files=files).status_code == 200
    client.post(CAPTIONS, files={"photo": ("secret-name.png", TEXT)})
    line = f"Serving mini at {service.address} (API: {service.address}/docs). Ctrl-C ends it.\n"
    assert service.log.read_text() == line


def test_from_a_notebook_cell_it_serves_until_the_cell_is_interrupted(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """A cell runs inside an event loop, in the main thread, and Jupyter interrupts that thread."""
    monkeypatch.setattr("showtell_lib.serve.server.load", lambda _: GatedCaptioner())
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    answers: list[int] = []

    def client() -> None:
        deadline = time.monotonic() + 60
        while not answers and time.monotonic() < deadline:
            with suppress(httpx.TransportError):
                answers.append(httpx.get(f"http://127.0.0.1:{port}/healthz").status_code)
            time.sleep(0.1)
        signal.raise_signal(signal.SIGINT)

    async def cell() -> None:
        threading.Thread(target=client).start()
        run("mini", "127.0.0.1", port, Limits())

    # As a kernel has it; what is started in the background has it ignored.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    loop = asyncio.new_event_loop()
    try:
        loop.run_until_complete(cell())
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        loop.close()
        signal.signal(signal.SIGINT, before)
    assert answers == [HTTPStatus.OK]
    assert "Interrupting the cell ends it." in capfd.readouterr().out
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"http://127.0.0.1:{port}/healthz")


# Fuzzing.


def test_fuzzed_from_its_own_description_it_never_fails(service: Service) -> None:
    schemathesis = pytest.importorskip("schemathesis", reason="needs schemathesis")
    from hypothesis import HealthCheck, settings

    schema = schemathesis.openapi.from_url(f"{service.address}/openapi.json")
    checks = schemathesis.checks
    chosen = [
        checks.not_a_server_error,
        *checks.CHECKS.get_by_names(["status_code_conformance", "content_type_conformance"]),
        *checks.CHECKS.get_by_names(["response_schema_conformance"]),
    ]
    for operation in schema.get_all_operations():

        @given(case=operation.ok().as_strategy())
        @settings(examples(15), database=None, suppress_health_check=HealthCheck)
        def fuzz(case: Any) -> None:
            case.call_and_validate(checks=chosen, timeout=PATIENCE)

        fuzz()


# The command.


def test_a_request_in_work_is_answered_before_the_end(tmp_path: Path) -> None:
    with started(tmp_path / "log.txt") as service:
        assert service.address.startswith("http://127.0.0.1:")
        host, port = service.address.removeprefix("http://").split(":")
        with httpx.Client(base_url=service.address, timeout=PATIENCE) as client:
            opened = connection(client, len(PHOTOS[0]), PHOTOS[0][:100])
            wait_until(lambda: metric(client, "showtell_requests_inside") == 1)
        service.process.send_signal(signal.SIGTERM)
        wait_until(lambda: _refuses(host, int(port)))
        opened.sendall(PHOTOS[0][100:])
        with opened, opened.makefile("rb") as answer:
            assert b"200" in answer.readline()
            assert b'"captions"' in answer.read()
        assert service.process.wait(PATIENCE) == 0


def _refuses(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), 5).close()
    except OSError:
        return True
    return False


def test_limits_are_options_and_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    """An option counts for more than a variable, a variable for more than what is usual."""
    taken: list[Limits] = []
    monkeypatch.setattr("showtell_lib.serve.run", lambda *_, limits, **__: taken.append(limits))
    monkeypatch.setenv("SHOWTELL_BATCH", "8")
    monkeypatch.setenv("SHOWTELL_REQUESTS", "500")
    monkeypatch.setenv("SHOWTELL_WAIT_SECONDS", "0.01")
    assert cli.main(["serve", "--batch", "32", "--photo-bytes", "2000000"]) == 0
    assert taken == [Limits(batch=32, photo_bytes=2_000_000, requests=500, wait_seconds=0.01)]


@pytest.mark.parametrize(
    ("option", "variable", "words"),
    [
        ([], "many", "SHOWTELL_BATCH must be a number, not 'many'"),
        ([], "0", "batch must be 1 or more, not 0"),
        (["--answer-seconds", "nan"], "", "answer_seconds must be 0 or more, not nan"),
    ],
)
def test_a_limit_that_is_none(
    option: list[str],
    variable: str,
    words: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("SHOWTELL_BATCH", variable)
    assert cli.main(["serve", *option]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert words in line


def test_help_says_every_limit(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["serve", "--help"])
    said = capsys.readouterr().out
    for limit in fields(Limits):
        assert f"--{limit.name.replace('_', '-')} N" in said


def test_a_taken_port_is_told_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert cli.main(["serve", "--port", str(port)]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert f"port {port}" in error
    assert cli.main(["serve", "--port", "70000"]) == 2


def test_without_the_extra_one_line_says_how_to_get_it() -> None:
    code = "import sys; sys.modules['fastapi'] = None; from showtell_lib import cli; "
    code += "sys.exit(cli.main(['serve']))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert run.returncode == 2
    assert run.stderr.count("\n") == 1
    assert "pip install 'showtell_lib[serve]'" in run.stderr


def test_nothing_of_it_is_imported_before_it_is_needed() -> None:
    code = "import sys, showtell_lib.cli; print({'fastapi', 'uvicorn'} & set(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "set()\n"


def test_it_knows_the_sample_photos_too(client: Any, captioner: Captioner) -> None:
    """Photos as they are, not only drawn ones: JPEG, with their original bytes."""
    photo = sample_photo("rocket")
    assert photo.original
    found = send(client, photo.original).json()["captions"]
    assert [one["text"] for one in found] == [c.text for c in captioner.caption(photo)[:3]]

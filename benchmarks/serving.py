"""How the service stands load and abuse, against the library in the same run.

    pip install locust
    python benchmarks/serving.py

Round after round: the same photos by `caption_many`, by one client, and by 32 clients at once, who
compare every answer with the library's. Then clients that misbehave, while the memory is watched.
Writes `benchmarks/results/serving.json`.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import showtell_lib as st

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results" / "serving.json"
CLIENTS, REQUESTS, ALONE, PHOTOS, ROUNDS = 32, 250, 50, 50, 4
ABUSES, ABUSE_ROUNDS = 40, 4


def main() -> None:
    """Measures, prints and writes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--requests", type=int, default=REQUESTS, help="in each round")
    args = parser.parse_args()
    captioner = st.load()
    with tempfile.TemporaryDirectory() as temporary, served() as address:
        folder = Path(temporary)
        photos = write_photos(folder, captioner)
        rounds = [
            one_round(folder, photos, captioner, address, args.requests)
            for _ in range(args.rounds + 1)
        ]
        document = {**summary(rounds[1:]), "abuse": abuse(address, photos[0])}
    RESULTS.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(document, indent=2))


@contextmanager
def served() -> Iterator[str]:
    """The address of a service in a process of its own."""
    command = [sys.executable, "-m", "showtell_lib", "serve", "--port", "0"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert server.stdout
    found = re.search(r"http://[\w.:]+", server.stdout.readline())
    try:
        assert found, "the service did not start"
        yield found[0]
    finally:
        server.terminate()
        server.wait()


def write_photos(folder: Path, captioner: Any) -> list[bytes]:
    """Draws scenes as JPEG files, with the library's captions of them."""
    photos, captions = [], {}
    for seed in range(PHOTOS):
        buffer = io.BytesIO()
        st.Scene.random(seed).draw(448).save(buffer, "JPEG", quality=90)
        photos.append(buffer.getvalue())
        (folder / f"{seed}.jpg").write_bytes(photos[-1])
        found = captioner.caption(photos[-1])
        captions[f"{seed}.jpg"] = [(caption.text, caption.log_prob) for caption in found[:3]]
    (folder / "captions.json").write_text(json.dumps(captions), encoding="utf-8")
    return photos


def one_round(
    folder: Path, photos: list[bytes], captioner: Any, address: str, requests: int
) -> dict[str, Any]:
    """The same photos in three ways."""
    many = (photos * requests)[:requests]
    started, cpu = time.perf_counter(), time.process_time()
    for _ in captioner.caption_many(many, progress=False):
        pass
    rate = requests / (time.perf_counter() - started)
    library = {"per_second": rate, "cpu_seconds": (time.process_time() - cpu) / requests}
    alone = load(folder, address, clients=1, requests=ALONE)
    together = load(folder, address, CLIENTS, requests)
    return {"library": library, "alone": alone, "together": together}


def load(folder: Path, address: str, clients: int, requests: int) -> dict[str, Any]:
    """What so many clients see who send so many requests in all."""
    captions = json.loads((folder / "captions.json").read_text(encoding="utf-8"))
    plan = json.dumps({"requests": requests, "captions": captions})
    (folder / "plan.json").write_text(plan, encoding="utf-8")
    before = metric(address, "process_cpu_seconds_total")
    command = ["locust", "--headless", "--only-summary", "--host", address, "--loglevel", "WARNING"]
    command += ["--users", str(clients), "--spawn-rate", str(clients)]
    subprocess.run(
        [sys.executable, "-m", *command, "--locustfile", str(HERE / "serving_load.py")],
        env={**os.environ, "SHOWTELL_LOAD": str(folder)},
        capture_output=True,
        timeout=900,
    )
    found: dict[str, Any] = json.loads((folder / "load.json").read_text(encoding="utf-8"))
    (folder / "load.json").unlink()
    cpu = metric(address, "process_cpu_seconds_total") - before
    return {**found, "cpu_seconds": cpu / requests}


def summary(rounds: list[dict[str, Any]]) -> dict[str, Any]:
    """Counts over all rounds, medians of the rest."""
    together = [one["together"] for one in rounds]
    rates = [
        (r["together"]["requests_per_second"], r["alone"]["requests_per_second"], r["library"])
        for r in rounds
    ]
    return {
        "clients": CLIENTS,
        "requests": sum(one["requests"] for one in together),
        "failed_or_wrong": sum(one["failures"] for one in together),
        "times_one_at_a_time": statistics.median(a / b for a, b, _ in rates),
        "of_caption_many": statistics.median(a / c["per_second"] for a, _, c in rates),
        "cpu_of_caption_many": statistics.median(
            one["together"]["cpu_seconds"] / one["library"]["cpu_seconds"] for one in rounds
        ),
        "p50_milliseconds": statistics.median(one["p50_milliseconds"] for one in together),
        "p99_milliseconds": statistics.median(one["p99_milliseconds"] for one in together),
        "rounds": rounds,
    }


def metric(address: str, name: str) -> float:
    """One of the service's metrics."""
    with urllib.request.urlopen(f"{address}/metrics") as answer:
        lines = answer.read().decode().splitlines()
    return float(next(line.split()[-1] for line in lines if line.startswith(f"{name} ")))


def abuse(address: str, photo: bytes) -> dict[str, Any]:
    """Memory over rounds of misbehaviour, in megabytes; a proper request is answered after each."""
    memory = []
    for _ in range(ABUSE_ROUNDS):
        for _ in range(ABUSES):
            malformed(address)
            oversized(address)
            leaving(address, photo)
        waiting = [begin(address, photo, len(photo) // 2) for _ in range(ABUSES)]
        assert post(address, photo) == 200
        for connection in waiting:
            connection.close()
        memory.append(metric(address, "process_resident_memory_bytes") / 1e6)
    return {"requests_per_round": 4 * ABUSES, "megabytes_after_each_round": memory}


def post(address: str, body: bytes) -> int:
    """The status that a body gets."""
    request = urllib.request.Request(f"{address}/v1/captions", body, {"Content-Type": "image/jpeg"})
    try:
        with urllib.request.urlopen(request) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def malformed(address: str) -> None:
    """Bytes that are no photo."""
    assert post(address, b"\xff\xd8" + os.urandom(5000)) in (415, 422)


def oversized(address: str) -> None:
    """More bytes than may be."""
    with begin(address, bytes(1_000_000), 1_000_000, length=11_000_000) as connection:
        assert b"413" in connection.recv(100)


def leaving(address: str, photo: bytes) -> None:
    """A client that does not wait for its answer."""
    begin(address, photo, len(photo)).close()


def begin(address: str, photo: bytes, sent: int, length: int | None = None) -> socket.socket:
    """A connection on which only so many bytes of a photo were sent."""
    host, port = address.removeprefix("http://").split(":")
    connection = socket.create_connection((host, int(port)), 60)
    head = "POST /v1/captions HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/jpeg\r\n"
    head += f"Content-Length: {length or len(photo)}\r\n\r\n"
    connection.sendall(head.encode() + photo[:sent])
    return connection


if __name__ == "__main__":
    main()

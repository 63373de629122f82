"""Builds both container images and tries them, on a machine without Docker.

Needs Linux, root, and (on Debian) `apt install buildah debootstrap iproute2`; the network for
the package registries, but no image registry: the base image is made of Debian's packages.

    python -m tests.container.build_and_try                  # about 20 minutes, 8 GB of disk
    python -m tests.container.build_and_try --mirror DIR     # also bakes `2m` from files in DIR
    python -m tests.container.build_and_try --keep           # leaves the images in buildah's store

Says what it found, one line each; the exit code is 1 if anything was not as it should be. The
containers run in a network of their own, which reaches nothing else.
"""

from __future__ import annotations

import argparse
import functools
import http.server
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.container.image import ROOT, Image, buildah, make_base
from tests.container.trial import Findings, try_api, try_baked, try_lab

BASE = "localhost/python:3.11-slim"
LAB, API, BAKED = "localhost/showtell:lab", "localhost/showtell:api", "localhost/showtell:2m"
TOOLS = ("buildah", "debootstrap", "unshare", "ip")
# Notebook 11 shows what Ray does, which is not in the image: there it runs with other outputs.
NOTEBOOKS = [
    str(path.relative_to(ROOT))
    for path in sorted((ROOT / "notebooks").glob("*.ipynb"))
    if not path.name.startswith("11")
]


def main() -> int:
    """Builds, then tries; returns the exit code."""
    args = _parse()
    if args.only_try:
        return _try(args)
    if problem := _what_is_missing():
        print(problem, file=sys.stderr)
        return 2
    try:
        _build_all(args)
        return _in_own_network([*sys.argv[1:], "--only-try"])
    finally:
        if not args.keep:
            for name in (LAB, API, BAKED, BASE):
                subprocess.run(["buildah", "rmi", "--force", name], capture_output=True)
            buildah("rmi", "--prune", "--force")


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--base", help="a base image to use instead of making one")
    parser.add_argument("--mirror", type=Path, help="folder with the published files of `2m`")
    parser.add_argument("--notebooks", nargs="+", default=NOTEBOOKS, help="which to run")
    parser.add_argument("--keep", action="store_true", help="keep the images")
    parser.add_argument("--only-try", action="store_true", help="images that were kept")
    return parser.parse_args()


def _what_is_missing() -> str:
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing:
        return f"not found: {', '.join(missing)}; apt install buildah debootstrap iproute2"
    return "" if os.geteuid() == 0 else "run it as root: buildah and debootstrap change roots"


def _build_all(args: argparse.Namespace) -> None:
    base = args.base or BASE
    if not args.base:
        with _timed("base image made"):
            make_base(base)
    for name, target in ((LAB, "lab"), (API, "api")):
        with _timed(f"{target} built"):
            image = Image.build(name, base, target)
        unpacked, packed = image.sizes()
        print(f"{target}: {unpacked:,.0f} MB, {packed:,.0f} MB compressed", flush=True)
    if args.mirror:
        with _served(args.mirror) as url, _timed("lab with 2m built"):
            Image.build(BAKED, base, "lab", MODEL="2m", MODEL_URL=url)


def _try(args: argparse.Namespace) -> int:
    findings = Findings()
    try_lab(Image(LAB), args.notebooks, findings)
    try_api(Image(API), findings)
    if args.mirror:
        try_baked(Image(BAKED), "2m", findings)
    print(f"{len(findings.failed)} failed" if findings.failed else "all as it should be")
    return 1 if findings.failed else 0


def _in_own_network(arguments: list[str]) -> int:
    """Runs this script again where only the loopback device exists."""
    script = [sys.executable, "-m", "tests.container.build_and_try", *arguments]
    loopback = ["sh", "-c", 'ip link set lo up && exec "$@"', "sh"]
    return subprocess.run(["unshare", "--net", *loopback, *script], cwd=ROOT).returncode


@contextmanager
def _timed(what: str) -> Iterator[None]:
    start = time.monotonic()
    yield
    print(f"{what} in {time.monotonic() - start:.0f} s", flush=True)


@contextmanager
def _served(folder: Path) -> Iterator[str]:
    """The address of a web server over a folder."""
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


if __name__ == "__main__":
    sys.exit(main())

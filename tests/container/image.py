"""Container images by `buildah`, which needs no engine: build, run, look inside."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
DEBIAN = "bookworm"
DEBIAN_PACKAGES = "python3,python3-venv,python3-pip,ca-certificates"


def buildah(*arguments: str, **options: Any) -> str:
    """Runs buildah to its end; returns what it printed.

    Raises:
        subprocess.CalledProcessError: it failed.
    """
    command = ["buildah", *arguments]
    options = {"check": True, "text": True, "stdout": subprocess.PIPE, **options}
    return str(subprocess.run(command, env=_environment(), **options).stdout or "").strip()


def _environment() -> dict[str, str]:
    return {**os.environ, "BUILDAH_ISOLATION": "chroot"}


def make_base(name: str) -> None:
    """Makes a base image with Debian's own Python, as `python:slim` is made of Debian.

    It gets this machine's certificates, so that packages can also be had through a proxy.
    """
    with tempfile.TemporaryDirectory() as folder:
        include = f"--include={DEBIAN_PACKAGES}"
        subprocess.run(
            ["debootstrap", "--variant=minbase", include, DEBIAN, folder],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        for junk in ("var/cache/apt/archives", "var/lib/apt/lists"):
            shutil.rmtree(Path(folder, junk))
        for needed in ("var/cache/apt/archives/partial", "var/lib/apt/lists/partial"):
            Path(folder, needed).mkdir(parents=True)
        shutil.copy(CERTIFICATES, folder + str(CERTIFICATES))
        container = buildah("from", "scratch")
        buildah("copy", "--quiet", container, folder, "/")
        path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        buildah("config", "--env", path, container)
        buildah("commit", "--quiet", "--rm", container, name)


# Of a command that ends at once, buildah's chroot isolation loses what it printed now and then.
UNHURRIED = ("sh", "-c", '"$@"; code=$?; sleep 0.2; exit $code', "sh")


@dataclass(frozen=True)
class Image:
    """An image in buildah's store.

    Attributes:
        name: its tag.
    """

    name: str

    @classmethod
    def build(cls, name: str, base: str, target: str, **build_args: str) -> Image:
        """Builds a target of the Dockerfile."""
        arguments = {"BASE_IMAGE": base, **build_args}
        flags = [f"--build-arg={key}={value}" for key, value in arguments.items()]
        # OCI's own format knows no health checks.
        command = ["build", "--layers", "--format=docker", f"--target={target}", f"--tag={name}"]
        buildah(*command, *flags, str(ROOT))
        return cls(name)

    @cached_property
    def _record(self) -> dict[str, Any]:
        return dict(json.loads(buildah("inspect", "--type=image", self.name)))

    @cached_property
    def config(self) -> dict[str, Any]:
        """What Docker would show of it: `Cmd`, `User`, `Healthcheck`, ..."""
        return dict(self._record["Docker"]["config"])

    def sizes(self) -> tuple[float, float]:
        """Megabytes of its layers: unpacked, and as a registry would keep them (gzip)."""
        with tempfile.TemporaryDirectory() as folder:
            plain, packed = f"dir:{folder}/plain", f"oci:{folder}/packed:latest"
            buildah("push", "--quiet", "--disable-compression", self.name, plain)
            buildah("push", "--quiet", self.name, packed)
            return _megabytes(Path(folder, "plain")), _megabytes(Path(folder, "packed"))

    @contextmanager
    def container(self) -> Iterator[Container]:
        """A container of it, removed afterwards."""
        name = buildah("from", self.name)
        try:
            yield Container(name, self)
        finally:
            buildah("rm", name)


def _megabytes(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


@dataclass(frozen=True)
class Container:
    """A container: a place to run commands in, as the image's user.

    Attributes:
        name: buildah's name of it.
        image: what it was made from.
    """

    name: str
    image: Image

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Runs a command in it to its end; what it prints to stderr is joined to stdout."""
        return subprocess.run(
            ["buildah", "run", self.name, "--", *UNHURRIED, *command],
            env=_environment(),
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

    def healthy(self) -> bool:
        """Whether the image's health check, run in it, says so."""
        kind, *command = self.image.config["Healthcheck"]["Test"]
        if kind != "CMD":
            raise ValueError(f"a health check of kind {kind!r}; expected CMD")
        return self.run(*command).returncode == 0

    @contextmanager
    def started(self, **environment: str) -> Iterator[subprocess.Popen[str]]:
        """Its own command running, as `docker run --env ...` starts it; stopped afterwards."""
        flags = [f"--env={key}={value}" for key, value in environment.items()]
        command: Sequence[str] = self.image.config["Cmd"]
        with tempfile.TemporaryFile("w+") as log:
            process = subprocess.Popen(
                ["buildah", "run", *flags, self.name, "--", *command],
                env=_environment(),
                text=True,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            try:
                yield process
            except BaseException:
                log.seek(0)
                print(log.read()[-4000:])
                raise
            finally:
                _stop(process)


def _stop(process: subprocess.Popen[str]) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=20)
            return

"""What is asked of the two images, in a network of their own that reaches nothing but itself."""

from __future__ import annotations

import time
import urllib.error
import urllib.request
from pathlib import Path

from tests.container.image import ROOT, Container, Image

TOKEN = "correct-horse-battery-staple"
PATIENCE = 180
BUILD_TOOLS = "pip hatchling strip gcc c++ make"
PHOTO = ROOT / "data" / "scenes.jpg"


class Findings:
    """What was found, printed as it is found.

    Attributes:
        failed: what was not as it should be.
    """

    def __init__(self) -> None:
        self.failed: list[str] = []

    def check(self, what: str, well: bool, detail: str = "") -> None:
        """Notes whether something is as it should be."""
        print(f"{'ok    ' if well else 'FAILED'}  {what}", flush=True)
        if not well:
            self.failed.append(what)
            print(detail[-2000:], flush=True)


def try_lab(image: Image, notebooks: list[str], findings: Findings) -> None:
    """JupyterLab answers, and notebooks and commands run, as a user who is not root."""
    with image.container() as container:
        _try_user(container, findings)
        findings.check("lab: health check fails before the start", not container.healthy())
        start = time.monotonic()
        with container.started(JUPYTER_TOKEN=TOKEN):
            seconds = _wait("http://127.0.0.1:8888/api", start)
            findings.check(f"lab: JupyterLab answered 200 on /api after {seconds:.1f} s", True)
            _try_jupyter(findings)
            findings.check("lab: health check passes", container.healthy())
        _try_commands(container, notebooks, findings)


def try_api(image: Image, findings: Findings) -> None:
    """The REST API answers and captions, as a user who is not root."""
    with image.container() as container:
        _try_user(container, findings)
        findings.check("api: health check fails before the start", not container.healthy())
        start = time.monotonic()
        with container.started():
            alive = _wait("http://127.0.0.1:8000/healthz", start)
            ready = _wait("http://127.0.0.1:8000/readyz", start)
            findings.check(f"api: /healthz after {alive:.1f} s, /readyz after {ready:.1f} s", True)
            photo, kind = PHOTO.read_bytes(), {"Content-Type": "image/jpeg"}
            status, answer = _get("http://127.0.0.1:8000/v1/captions", photo, kind)
            findings.check("api: a photo is captioned", status == 200 and "text" in answer, answer)
            findings.check("api: health check passes", container.healthy())


def _try_user(container: Container, findings: Findings) -> None:
    name = container.image.name
    user = container.run("id", "-u").stdout.strip()
    findings.check(f"{name}: runs as user {user}, not root", user not in ("0", ""))
    written = container.run("sh", "-c", "touch /opt/showtell/x || touch /etc/x").returncode
    findings.check(f"{name}: the user cannot change the packages or the system", written != 0)
    found = container.run("sh", "-c", f"ls /opt/showtell/bin; command -v {BUILD_TOOLS[4:]}").stdout
    left = set(BUILD_TOOLS.split()) & {Path(line).name for line in found.split()}
    findings.check(f"{name}: no build tools", not left, str(left))


def _try_jupyter(findings: Findings) -> None:
    contents = "http://127.0.0.1:8888/api/contents/notebooks"
    status, answer = _get(contents, headers={"Authorization": f"token {TOKEN}"})
    listed = status == 200 and "00_caption_a_photo.ipynb" in answer
    findings.check("lab: with the token, the notebooks are listed", listed, answer)
    status, answer = _get(contents)
    findings.check("lab: without the token, they are refused", status == 403, answer)
    status, answer = _get(f"http://127.0.0.1:8888/?token={TOKEN}")
    findings.check("lab: its page opens", status == 200 and "JupyterLab" in answer, answer)


def _try_commands(container: Container, notebooks: list[str], findings: Findings) -> None:
    done = container.run("showtell", "caption", "--sample", "chelsea")
    well = done.returncode == 0 and "Captions for image chelsea.png:" in done.stdout
    findings.check("lab: `showtell caption --sample chelsea`", well, done.stdout)
    for notebook in notebooks:
        nbval = ["--nbval", "--nbval-sanitize-with", "notebooks/sanitize.cfg", notebook]
        flags = ["-q", "-p", "no:cacheprovider"]
        done = container.run("python", "-m", "pytest", *flags, *nbval)
        findings.check(f"lab: {notebook} runs, same outputs", done.returncode == 0, done.stdout)


def _wait(url: str, start: float) -> float:
    """Seconds from `start` until an address answers 200.

    Raises:
        TimeoutError: it did not in time.
    """
    while time.monotonic() < start + PATIENCE:
        try:
            if _get(url)[0] == 200:
                return time.monotonic() - start
        except OSError:
            pass
        time.sleep(0.2)
    raise TimeoutError(f"{url} did not answer 200 within {PATIENCE} s")


def _get(
    url: str, body: bytes | None = None, headers: dict[str, str] | None = None
) -> tuple[int, str]:
    """Status and text of an answer."""
    request = urllib.request.Request(url, body, headers or {})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def try_baked(image: Image, model: str, findings: Findings) -> None:
    """A full-size model that was baked in captions a photo, with no network."""
    with image.container() as container:
        command = ["showtell", "caption", "--sample", "chelsea", "--model", model]
        done = container.run(*command)
        findings.check(f"`{' '.join(command)}`", done.returncode == 0, done.stdout)

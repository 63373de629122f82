"""Photos by address: a server that misbehaves costs a clear message and a little time, no more."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import requests

from showtell_lib.cli import main
from showtell_lib.errors import PhotoError
from showtell_lib.photos import addresses, find_photos, open_photo, sample_photo
from showtell_lib.photos.names import is_address
from tests.web_server import PAGE, Fault, Server

NAME = "a cat.png"
PHOTO = sample_photo("chelsea").as_png()


@pytest.fixture
def address(server: Server, monkeypatch: pytest.MonkeyPatch) -> str:
    """Where the server has a photo; whoever asks for it is in a hurry."""
    monkeypatch.setattr(addresses, "SECONDS", 1.5)
    monkeypatch.setattr(addresses, "SILENT_SECONDS", 0.5)
    server.files = {"a%20cat.png": PHOTO}
    return server.url + "a%20cat.png"


def message_of(address: str) -> str:
    with pytest.raises(PhotoError) as error:
        open_photo(address)
    message = str(error.value)
    assert message.startswith(f"{address}: ")
    assert "\n" not in message
    return message


def redirect(target: str, status: int = 302) -> Fault:
    return Fault(status, headers=(("Location", target),))


def test_a_photo_comes_as_it_is(address: str) -> None:
    photo = open_photo(f" {address}\n")  # As it is pasted.
    assert photo.name == NAME
    assert photo.original == PHOTO
    np.testing.assert_array_equal(photo.pixels, sample_photo("chelsea").pixels)


def test_a_password_goes_to_no_host_that_a_redirect_leads_to(
    address: str, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    passwords, answer = [], server.answer

    def watched(handler: Any) -> None:
        passwords.append(handler.headers.get("Authorization"))
        answer(handler)

    monkeypatch.setattr(server, "answer", watched)
    server.faults = {"a%20cat.png": [redirect(address.replace("127.0.0.1", "localhost"))]}
    assert open_photo(address.replace("://", "://anna:secret@")).name == NAME
    assert passwords == [requests.auth._basic_auth_str("anna", "secret"), None]


@pytest.mark.parametrize(
    "source", ["http://a/b.jpg", "HTTPS://a", "ftp://a/b", "file:///a", " s3://a"]
)
def test_addresses_are_told_from_paths(source: str) -> None:
    assert is_address(source)


@pytest.mark.parametrize(
    "source", ["photo.jpg", "C:\\a.jpg", "/a//b.jpg", "a?b=http://c", b"http://a"]
)
def test_paths_are_told_from_addresses(source: object) -> None:
    assert not is_address(source)


@pytest.mark.parametrize("scheme", ["file", "ftp", "s3", "data"])
def test_other_schemes_are_refused(scheme: str) -> None:
    assert f"not {scheme}://" in message_of(f"{scheme}:///etc/hostname")


def test_a_redirect_is_followed(address: str, server: Server) -> None:
    server.faults = {"moved": [redirect("/files/a%20cat.png", 301), redirect(address, 307)]}
    for _ in range(2):
        assert open_photo(server.url + "moved").original == PHOTO


@pytest.mark.parametrize("target", ["file:///etc/hostname", "ftp://127.0.0.1/a.png"])
def test_a_redirect_to_another_scheme_is_refused(target: str, address: str, server: Server) -> None:
    server.faults = {"moved": [redirect(target)]}
    assert f"it leads to {target}: only http" in message_of(server.url + "moved")


def test_redirects_are_bounded(address: str, server: Server) -> None:
    server.faults = {"circle": [redirect("circle")] * 99}
    assert "redirected more than 5 times" in message_of(server.url + "circle")
    assert server.names_asked == ["circle"] * 6


def test_a_web_page_is_explained(address: str, server: Server) -> None:
    server.files["page.jpg"] = b"\n  " + PAGE
    assert "a web page, not a photo" in message_of(server.url + "page.jpg")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"only words\n", "not a photo that can be read"),
        (b"", "empty"),
        (PHOTO[:20_000], "cut short"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not a photo that can be read"),
    ],
)
def test_what_is_no_photo_is_refused(body: bytes, words: str, address: str, server: Server) -> None:
    server.files["other.png"] = body
    assert words in message_of(server.url + "other.png")


@pytest.mark.parametrize("status", [403, 404, 500, 503])
def test_what_the_server_says_is_passed_on(status: int, address: str, server: Server) -> None:
    server.faults = {"a%20cat.png": [Fault(status)]}
    assert f"the server says {status}" in message_of(address)


def test_a_connection_that_breaks(address: str, server: Server) -> None:
    server.faults = {"a%20cat.png": [Fault(cut=0.5)]}
    assert f"broke off after {round(len(PHOTO) * 0.5):,} of {len(PHOTO):,} bytes" in message_of(
        address
    )


@pytest.mark.parametrize(
    "fault",
    [Fault(body=PHOTO, promise=600.0), Fault(body=bytes(60_000_000))],
    ids=["promised", "sent"],
)
def test_too_large(fault: Fault, address: str, server: Server) -> None:
    server.faults = {"a%20cat.png": [fault]}
    assert "larger than 50 million bytes" in message_of(address)


def test_a_body_without_a_length_is_cut_off(
    address: str, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(addresses, "MAX_BYTES", len(PHOTO) - 1)
    server.faults = {"a%20cat.png": [Fault(unmeasured=True)]}
    assert "larger than" in message_of(address)


@pytest.mark.parametrize(
    "fault", [Fault(drip=0.1), Fault(header_drip=0.1), Fault(drip=1.0)], ids=str
)
def test_too_slow(fault: Fault, address: str, server: Server) -> None:
    server.faults = {"a%20cat.png": [fault]}
    assert "too slow" in message_of(address)


def test_a_host_that_is_not_there() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    message = message_of(f"http://127.0.0.1:{port}/cat.jpg")
    assert "whether this computer is online" in message
    assert "refused" in message


def test_offline(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_names(*_: object, **__: object) -> None:
        raise socket.gaierror(-3, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", no_names)
    message = message_of("https://photos.example/cat.jpg")
    assert "Temporary failure in name resolution" in message
    assert "whether this computer is online" in message


@pytest.mark.parametrize(
    "bad", ["http://", "http://[::1", "http://a b/c", "https://.x/", "http://a:99999/"]
)
def test_what_is_no_address_at_all(bad: str) -> None:
    assert "cannot fetch it" in message_of(bad)


def test_an_address_stands_for_itself_among_files(tmp_path: Path) -> None:
    (tmp_path / "cat.png").write_bytes(PHOTO)
    names = [str(tmp_path), "https://photos.example/*.jpg"]
    assert find_photos(names) == [tmp_path / "cat.png", names[1]]


def test_the_command_line(address: str, server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    missing = server.url + "missing.jpg"
    assert main(["caption", address, missing, "--json"]) == 2
    good, bad = json.loads(capsys.readouterr().out)["photos"]
    assert (good["photo"], good["name"]) == (address, NAME)
    assert bad["photo"] == missing
    assert bad["error"].startswith(f"{missing}: the server says 404")
    # Photos are fetched side by side, so either may be asked for first.
    assert sorted(server.names_asked) == ["a%20cat.png", "missing.jpg"]

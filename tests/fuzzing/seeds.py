"""Small files of ours, of every kind that somebody else may hand in."""

from __future__ import annotations

import io
import json
import tarfile
import zipfile
from collections.abc import Sequence
from contextlib import suppress
from functools import cache, partial
from typing import Any

import numpy as np
from PIL import Image

from showtell_lib.photos.formats import known_formats
from showtell_lib.scenes import Scene
from showtell_lib.store import bundled_folder
from showtell_lib.training.options import TrainingOptions
from tests.fuzzing.edits import Seed, png_with_checksums, tar_with_checksums

# How a picture is saved in each format, once for each way that a decoder goes.
SAVED: dict[str, tuple[tuple[str, dict[str, Any]], ...]] = {
    "JPEG": (
        *(("RGB", {}), ("L", {"progressive": True}), ("CMYK", {"quality": 60})),
        ("RGB", {"progressive": True, "restart_marker_blocks": 2, "exif": b"Exif\0\0II*\0\x08\0"}),
    ),
    "MPO": (("RGB", {"frames": 2}),),
    "PNG": (("RGB", {}), ("RGBA", {}), ("P", {"transparency": 3}), ("I;16", {}), ("1", {})),
    "GIF": (("P", {}), ("P", {"frames": 3, "transparency": 0, "disposal": 2})),
    "BMP": (("RGB", {}), ("P", {}), ("RGBA", {})),
    "DIB": (("RGB", {}),),
    "WEBP": (("RGB", {}), ("RGBA", {"lossless": True}), ("RGBA", {"frames": 2})),
    "TIFF": (
        *(("RGB", {"compression": name}) for name in ("raw", "tiff_lzw", "packbits", "jpeg")),
        *(("I;16", {"compression": "tiff_adobe_deflate"}), ("1", {"compression": "group4"})),
        *(("CMYK", {}), ("F", {}), ("RGB", {"tile": (16, 16), "compression": "tiff_lzw"})),
    ),
    "PPM": (("RGB", {}), ("L", {}), ("1", {}), ("F", {})),
    "AVIF": (("RGB", {}), ("RGBA", {"frames": 2})),
    "HEIF": (("RGB", {}), ("RGBA", {})),
    "JPEG2000": (("RGB", {}), ("RGBA", {"tile_size": (16, 16)}), ("L", {"no_jp2": True})),
}
PLAIN_PPM = (b"P3\n2 2\n255\n1 2 3 4 5 6 7 8 9 10 11 12\n", b"P2 # a comment\n3 1 15 1 2 3\n")
SIDE = 24


def _picture(mode: str, number: int = 0) -> Image.Image:
    image = Scene.random(number).draw(4 * SIDE).resize((SIDE + number, SIDE))
    if mode in ("I;16", "F"):
        numbers = np.asarray(image.convert("L"))
        return Image.fromarray(numbers.astype({"I;16": np.uint16, "F": np.float32}[mode]))
    return image.convert(mode)


def _saved(name: str, mode: str, options: dict[str, Any]) -> bytes:
    buffer, options = io.BytesIO(), dict(options)
    others = [_picture(mode, 0) for _ in range(options.pop("frames", 1) - 1)]
    more = {"save_all": True, "append_images": others} if others else {}
    _picture(mode).save(buffer, name, **options, **more)
    return buffer.getvalue()


@cache
def photos() -> tuple[Seed, ...]:
    """Small photos in every format that is opened here, in several modes."""
    known_formats()  # Brings HEIC to Pillow; MPO is not among them, it is opened as a JPEG.
    files = [*PLAIN_PPM, *(data for name in SAVED for data in saved_in(name))]
    return (*map(Seed, files), *_pngs(files))


def saved_in(name: str) -> list[bytes]:
    """Small photos in one format, as far as this Pillow writes it."""
    files = []
    for mode, options in SAVED[name]:
        with suppress(OSError, KeyError, ValueError):
            files.append(_saved(name, mode, options))
    return files


def _pngs(files: Sequence[bytes]) -> list[Seed]:
    return [Seed(data, png_with_checksums) for data in files if data.startswith(b"\x89PNG")]


@cache
def for_graphs() -> tuple[Seed, ...]:
    """Photos whose bytes a graph's own decoder gets."""
    saved = [("JPEG", mode, options) for mode, options in SAVED["JPEG"] if mode != "CMYK"]
    saved += [("PNG", "RGB", {}), ("PNG", "L", {}), ("GIF", "P", {}), ("BMP", "RGB", {})]
    files = [_saved(*one) for one in saved]
    return (*map(Seed, files), *_pngs(files))


@cache
def graphs() -> tuple[Seed, ...]:
    """The tiny model's graph."""
    from tests.tiny_graph import tiny_graph

    return (Seed(tiny_graph().SerializeToString(deterministic=True)),)


FLICKR8K = {
    "Flicker8k_Dataset/a.jpg": b"a photo",
    "Flicker8k_Dataset/b.jpg": b"another",
    "c.jpg": b"a third",
    "Flickr8k.token.txt": b"".join(b"%c.jpg#0\tA dog runs .\n" % c for c in b"abc"),
    "Flickr_8k.trainImages.txt": b"a.jpg\n",
    "Flickr_8k.devImages.txt": b"b.jpg\n",
    "Flickr_8k.testImages.txt": b"c.jpg\n",
}


@cache
def zips() -> tuple[Seed, ...]:
    """Zips of a dataset and of a model, packed in every way that Python unpacks."""
    return tuple(
        Seed(_zipped(files, packing))
        for packing in (
            zipfile.ZIP_STORED,
            zipfile.ZIP_DEFLATED,
            zipfile.ZIP_BZIP2,
            zipfile.ZIP_LZMA,
        )
        for files in (FLICKR8K, {"im2txt/show-and-tell.pb": b"a graph" * 9})
    )


def _zipped(files: dict[str, bytes], packing: int = zipfile.ZIP_STORED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", packing) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


@cache
def tars() -> tuple[Seed, ...]:
    """Tars of a dataset, in every format, plain and packed."""
    formats = (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT)
    plain = [_tarred(layout, "") for layout in formats]
    packed = [_tarred(tarfile.PAX_FORMAT, packing) for packing in ("gz", "bz2", "xz")]
    return (
        *(Seed(data, tar_with_checksums) for data in plain),
        *(Seed(data) for data in (*plain, *packed)),
    )


def _tarred(layout: int, packing: str) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(None, f"w:{packing}", buffer, format=layout) as archive:  # type: ignore[call-overload]
        for name, data in {**FLICKR8K, "long/" * 30 + "é.jpg": b"long"}.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return buffer.getvalue()


def _in_npz(name: str, others: dict[str, bytes], data: bytes) -> bytes:
    return _zipped({**others, name: data})


def _npz(arrays: dict[str, Any]) -> tuple[Seed, ...]:
    """An archive of arrays, broken from outside, and each of its arrays broken inside it."""
    members = {}
    for name, array in arrays.items():
        buffer = io.BytesIO()
        np.save(buffer, array)
        members[f"{name}.npy"] = buffer.getvalue()
    inside = [Seed(data, partial(_in_npz, name, members)) for name, data in members.items()]
    return (Seed(_zipped(members)), *inside)


@cache
def embeddings() -> tuple[Seed, ...]:
    """Three embedded photos."""
    return _npz(
        {
            "names": np.array(["a.jpg", "b.jpg", "c.jpg"]),
            "captions": np.array(["a cat", "a dog", ""]),
            "embeddings": np.zeros((3, 4), np.float16),
            "model": np.array("mini"),
        }
    )


@cache
def studies() -> tuple[Seed, ...]:
    """A search study of two photos."""
    table = np.zeros((2, 3))
    return _npz(
        {
            **{name: table.astype(np.float32) for name in ("log_probs", "cider")},
            **{name: table.astype(np.int16) for name in ("words", "first_to_say")},
            "proved": np.array([True, False]),
            "widths": np.array([1, 3]),
            "names": np.array(["a.jpg", "b.jpg"]),
            "model": np.array("mini"),
        }
    )


VOCABULARY = '<S> 9\n</S> 9\na 7\n"s" 3\ncafé 2\n'
CAPTIONS = (
    'image,caption\na.jpg,A dog runs .\nb.jpg,"A cat, and ""more"""\n',
    "a.jpg#0\tA dog .\na.jpg#1\tA cat .\n",
    "image_name| comment_number| comment\na.jpg| 0| A dog .\nb.jpg| 1| A cat\n",
)
TRACE = {
    "algorithm": "beam",
    "settings": {"beam_width": 3},
    "expansions": [],
    "ranking": [1, 2],
}


def _texts(*texts: str) -> tuple[Seed, ...]:
    """Texts as editors save them."""
    return tuple(
        Seed(text.encode(encoding))
        for text in texts
        for encoding in ("utf-8", "utf-8-sig", "utf-16")
    )


@cache
def texts() -> tuple[Seed, ...]:
    """A vocabulary, captions in the forms in which they are published, and a training log."""
    log = (bundled_folder() / "mini" / "training_log.csv").read_text(encoding="utf-8")
    return _texts(VOCABULARY, *CAPTIONS, log)


@cache
def documents() -> tuple[Seed, ...]:
    """JSON of every kind that is read."""
    folder = bundled_folder() / "mini"
    stored = json.loads((folder / "captions.json").read_text(encoding="utf-8"))
    stored["captions"] = dict(list(stored["captions"].items())[:2])
    report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    report["sections"] = report["sections"][:2]
    options = TrainingOptions()
    written = [stored, report, vars(options), TRACE, {"files": {"a": "0"}, "date": "2026-01-01"}]
    texts = [json.dumps(one, default=str) for one in written]
    return _texts(*texts, Scene.random(1).to_json())


@cache
def photo_lists() -> tuple[Seed, ...]:
    """The list of photos that a batch keeps, in several layouts of Parquet."""
    import pyarrow as pa
    from pyarrow import parquet

    seeds = []
    for paths in ([b"a.jpg", b"\xff/b.jpg"], ["a.jpg", "b/c.jpg"]):
        for options in ({}, {"compression": "zstd"}, {"use_dictionary": False, "version": "1.0"}):
            buffer = io.BytesIO()
            parquet.write_table(pa.table({"shard": [0, 1], "path": paths}), buffer, **options)
            seeds.append(Seed(buffer.getvalue()))
    return tuple(seeds)


@cache
def requests() -> tuple[Seed, ...]:
    """Requests to the service, byte by byte."""
    photo = _saved("JPEG", "RGB", {})
    part = b'--x\r\nContent-Disposition: form-data; name="photo"; filename="a.jpg"\r\n\r\n'
    bodies = {
        b"image/jpeg": photo,
        b"multipart/form-data; boundary=x": part + photo + b"\r\n--x--\r\n",
    }
    head = (
        b"POST /v1/captions?beam_width=3&tree=false HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
    )
    whole = [
        b"%s%s\r\nContent-Length: %d\r\n\r\n%s" % (head, kind, len(body), body)
        for kind, body in bodies.items()
    ]
    chunked = b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(photo), photo)
    whole.append(head + b"image/jpeg\r\n" + chunked)
    return (*map(Seed, whole), *(Seed(one, with_length) for one in whole[:2]))


def with_length(request: bytes) -> bytes:
    """A request whose head says how long its body is, as far as it has both."""
    head, blank, body = request.partition(b"\r\n\r\n")
    lines = [line for line in head.split(b"\r\n") if not line.startswith(b"Content-Length")]
    return b"\r\n".join([*lines, b"Content-Length: %d" % len(body)]) + blank + body

"""Kinds of files that are photos: by Pillow's names, by suffix, and by their first bytes."""

from __future__ import annotations

import re
from functools import cache

from PIL import Image

# Formats of photos. Others that Pillow knows run outside programs (EPS) or are no photos.
FORMATS = tuple("JPEG MPO PNG GIF BMP DIB WEBP TIFF PPM AVIF HEIF JPEG2000".split())
NAMES = "JPEG, PNG, GIF, BMP, WebP, TIFF, HEIC, AVIF"
EXTENSIONS = frozenset(
    ".jpg .jpeg .jpe .jfif .mpo .png .apng .gif .bmp .dib .webp .tif .tiff .avif .avifs "
    ".heic .heif .hif .heics .heifs .jp2 .j2k .j2c .jpc .jpf .jpx .pbm .pgm .ppm .pnm .pfm".split()
)
# Files that lie beside photos and are no photos. Their names are enough, since in an object store
# each look inside costs a request. Raw files begin as TIFF does, and lie beside a JPEG.
OTHER_EXTENSIONS = frozenset(
    ".txt .md .csv .tsv .json .jsonl .xml .xmp .aae .html .htm .pdf .doc .docx .xls .xlsx .log "
    ".ini .db .lnk .py .ipynb .yaml .yml .npy .npz .parquet .zip .tar .gz .tgz .7z .rar .mp4 .mov "
    ".m4v .avi .mkv .webm .mp3 .m4a .wav .svg .dng .nef .cr2 .cr3 .arw .orf .rw2 .raf .pef .srw "
    ".part .tmp".split()
)
HEAD_BYTES = 64
_BRANDS = {"AVIF": "avif|avis", "HEIF": "hei[cxmsf]|hev[cxms]|mif1|msf1"}
_BOX = rb"....ftyp.{0,40}?(?:%s)"
_ISO = {name: re.compile(_BOX % brands.encode(), re.DOTALL) for name, brands in _BRANDS.items()}
_STARTS = re.compile(
    rb"\xff\xd8\xff|\x89PNG\r\n\x1a\n|GIF8[79]a|RIFF....WEBP|II\*\0|MM\0\*"
    rb"|\0\0\0\x0cjP  \r\n\x87\n|\xff\x4f\xff\x51"
    rb"|BM.{4}\0{4}.{4}[\x0c\x28\x34\x38\x40\x6c\x7c]\0{3}",
    re.DOTALL,
)
_REMEDIES = {
    "AVIF": "this Pillow cannot read AVIF; a newer one does: pip install --upgrade pillow",
    "HEIF": "HEIC photos are read by the package pillow-heif: pip install pillow-heif",
}


def starts_as_a_photo(head: bytes) -> bool:
    """Whether a file that begins with these bytes is a photo.

    Args:
        head: the file's first `HEAD_BYTES`, or all of it.
    """
    return _STARTS.match(head) is not None or _iso_format(head) is not None


def known_formats() -> list[str]:
    """Those of `FORMATS` that this Pillow can open."""
    _register_heif()
    Image.init()
    return [name for name in FORMATS if name in Image.OPEN]


@cache
def _register_heif() -> None:
    """Lets Pillow open HEIC, the format of phones, if pillow-heif is installed."""
    try:
        import pillow_heif
    except ImportError:
        return
    pillow_heif.register_heif_opener()


def missing_reader(data: bytes) -> str | None:
    """What has to be installed to read this photo; None if nothing is known to help."""
    name = _iso_format(data[:HEAD_BYTES])
    if name is None or name in known_formats():
        return None
    return _REMEDIES[name]


def _iso_format(head: bytes) -> str | None:
    """AVIF or HEIF: both are boxes of MPEG-4, which a brand tells apart; None if it is neither."""
    return next((name for name, brand in _ISO.items() if brand.match(head)), None)

"""Opening what organisations send in bulk, and looking it over before anything is taken in."""

import codecs
import gzip
import hashlib
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

BLOCK = 1 << 20
ENDINGS = {".csv": "csv", ".xlsx": "xlsx", ".jsonl": "jsonl", ".ndjson": "jsonl"}
AUTO = "auto"
_MARKS = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}

Decoders = dict[str, codecs.IncrementalDecoder]


class BulkFileError(ValueError):
    """The file as a whole cannot be read; the message names it and says what to do."""


@dataclass(frozen=True)
class Survey:
    """What one pass over a file tells: SHA-256 and size unpacked, its kind and its encoding.

    `encoding` is empty for a workbook.
    """

    digest: str
    size: int
    kind: str
    encoding: str


def kind_of(path: Path) -> str:
    """`csv`, `xlsx` or `jsonl`, by the name.

    Raises:
        BulkFileError: It is none of these.
    """
    name = path.name.lower().removesuffix(".gz")
    for ending, kind in ENDINGS.items():
        if name.endswith(ending):
            return kind
    raise BulkFileError(
        f"{path}: not .csv, .xlsx or .jsonl (or one of them with .gz); save it as one of these"
    )


def survey(path: Path, encoding: str) -> Survey:
    """Read the whole file once, so that a damaged one is refused before it changes anything.

    Args:
        path: The file.
        encoding: A codec's name, or `auto`: UTF-8, UTF-16 if marked as such, or else GB 18030.

    Raises:
        BulkFileError: Missing, empty, a cut or damaged archive, or text in no such encoding.
    """
    kind = kind_of(path)
    digest, size = hashlib.sha256(), 0
    decoders: Decoders = {} if kind == "xlsx" else _decoders(path, encoding)
    for block in _blocks(path):
        if not size and encoding == AUTO and kind != "xlsx":
            decoders = _marked(block) or decoders
        digest.update(block)
        size += len(block)
        decoders = {name: each for name, each in decoders.items() if _accepts(each, block)}
    if not size:
        raise BulkFileError(f"{path}: the file is empty")
    fitting = [name for name, each in decoders.items() if _accepts(each, b"", final=True)]
    if not fitting and kind != "xlsx":
        tried = "UTF-8 or GB 18030" if encoding == AUTO else encoding
        raise BulkFileError(f"{path}: not text in {tried}; name its encoding with --encoding")
    return Survey(digest.hexdigest(), size, kind, fitting[0] if fitting else "")


@contextmanager
def unpacked(path: Path) -> Iterator[IO[bytes]]:
    """The file's bytes, gunzipped if its name says so.

    Raises:
        BulkFileError: It cannot be opened.
    """
    try:
        packed = path.open("rb")
    except OSError as error:
        raise BulkFileError(f"{path}: {error.strerror}") from None
    with packed:
        if path.name.lower().endswith(".gz"):
            with gzip.GzipFile(fileobj=packed) as plain:
                yield cast(IO[bytes], plain)
        else:
            yield packed


def _blocks(path: Path) -> Iterator[bytes]:
    with unpacked(path) as file:
        try:
            while block := file.read(BLOCK):
                yield block
        except gzip.BadGzipFile:
            raise BulkFileError(f"{path}: not a gzip file, or damaged; send it again") from None
        except (EOFError, zlib.error):
            raise BulkFileError(f"{path}: the archive is cut short or damaged; send it again") from None
        except OSError as error:
            raise BulkFileError(f"{path}: {error.strerror}") from None


def _decoders(path: Path, encoding: str) -> Decoders:
    names = ("utf-8-sig", "gb18030") if encoding == AUTO else (encoding,)
    try:
        return {name: codecs.getincrementaldecoder(name)() for name in names}
    except LookupError:
        raise BulkFileError(f"{path}: there is no encoding {encoding!r}; try utf-8 or gb18030") from None


def _marked(block: bytes) -> Decoders:
    names = [name for mark, name in _MARKS.items() if block.startswith(mark)]
    return {name: codecs.getincrementaldecoder(name)() for name in names}


def _accepts(decoder: codecs.IncrementalDecoder, block: bytes, final: bool = False) -> bool:
    try:
        decoder.decode(block, final)
    except UnicodeDecodeError:
        return False
    return True

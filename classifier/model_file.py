"""A learned model as one file: arrays and names, no code, so that reading it cannot run anything."""

import hashlib
import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from classifier.reader import Reader

FORMAT = 1
_ARRAYS = ("vocabulary", "idf", "whole_bias", "span", "span_bias", "evidence", "joined", "certainty")


class ModelFileError(ValueError):
    """A model cannot be read; the message says what is wrong and what to do."""


def packed(reader: Reader, story: dict[str, Any]) -> bytes:
    """The model as bytes of an npz file; the same model always gives the same bytes.

    Args:
        reader: The model; weights of whole messages are kept to one byte each.
        story: What it was learned from, by JSON values.
    """
    scale = np.maximum(np.abs(reader.whole).max(axis=0), 1e-6) / 127
    arrays = {name: getattr(reader, name) for name in _ARRAYS}
    arrays["span"] = reader.span.astype(np.float16)
    arrays["idf"] = reader.idf.astype(np.float16)
    arrays["whole"] = np.round(reader.whole / scale).astype(np.int8)
    arrays["whole_scale"] = scale.astype(np.float32)
    told = {
        "format": FORMAT,
        "names": reader.names,
        "owners": reader.owners,
        "sure": reader.sure,
        "maybe": reader.maybe,
        "story": story,
    }
    arrays["told"] = np.frombuffer(json.dumps(told, sort_keys=True).encode(), dtype=np.uint8)
    return _zipped(arrays)


def unpacked(content: bytes, name: str) -> tuple[Reader, dict[str, Any]]:
    """The model in `content`, with its story.

    Args:
        content: What `packed` gave.
        name: Where it came from, for the error.

    Raises:
        ModelFileError: It is not such a file, or of another format.
    """
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            told = json.loads(arrays["told"].tobytes())
            found = {each: arrays[each] for each in (*_ARRAYS, "whole", "whole_scale")}
    except (ValueError, KeyError, OSError, zipfile.BadZipFile, EOFError) as error:
        raise ModelFileError(f"{name}: is not a model of this desk ({type(error).__name__}); train it again") from None
    if told.get("format") != FORMAT:
        raise ModelFileError(f"{name}: format {told.get('format')} is not {FORMAT}; train it again with this release")
    whole = found.pop("whole").astype(np.float32) * found.pop("whole_scale")
    reader = Reader(
        **{each: array if each == "vocabulary" else array.astype(np.float32) for each, array in found.items()},
        whole=whole,
        names=tuple(told["names"]),
        owners=tuple(told["owners"]),
        sure=float(told["sure"]),
        maybe=float(told["maybe"]),
        digest=digest_of_model(content),
    )
    return reader, told["story"]


def as_delivered(reader: Reader, story: dict[str, Any]) -> Reader:
    """`reader` as it will be after it was stored and read: rounded, and with its digest."""
    return replace(unpacked(packed(reader, story), "model")[0])


def digest_of_model(content: bytes) -> str:
    """SHA-256 of a packed model, in hex."""
    return hashlib.sha256(content).hexdigest()


def read_model(path: Path) -> tuple[Reader, dict[str, Any]]:
    """The model in a file, with its story.

    Raises:
        ModelFileError: There is none, or it cannot be read.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ModelFileError(f"{path}: cannot be read ({error.strerror}); run `whistle classifier train`") from None
    return unpacked(content, str(path))


def _zipped(arrays: dict[str, Any]) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in sorted(arrays):
            part = io.BytesIO()
            np.save(part, np.ascontiguousarray(arrays[name]), allow_pickle=False)
            # A fixed date, so that the digest depends on the content only.
            archive.writestr(zipfile.ZipInfo(f"{name}.npy", (1980, 1, 1, 0, 0, 0)), part.getvalue(), zipfile.ZIP_DEFLATED, 9)
    return whole.getvalue()

"""A drawing as an enhanced metafile: what Word, WPS and LibreOffice show where they do not show SVG.

A metafile names its fonts and leaves drawing them to the reader, so the bytes depend on no machine's fonts; a raster
would either lack all text or need a font here. Layout: [MS-EMF], Windows' own format of 32-bit records.
"""

import struct
from collections.abc import Iterator, Sequence

from analysis.charts.drawing import COLOURS, Anchor, Area, Box, Dot, Drawing, Line, Role, Shape, Words
from analysis.charts.text_width import advance_of

_FINE = 20
"""Logical units in a pixel."""
_MICRONS = 26.4583
"""Hundredths of a millimetre in a pixel of 1/96 inch."""
_HEADER, _WINDOW_EXTENT, _WINDOW_ORIGIN, _VIEWPORT_EXTENT, _VIEWPORT_ORIGIN = 1, 9, 10, 11, 12
_END, _MAP_MODE, _BACKGROUND_MODE, _TEXT_ALIGN, _TEXT_COLOUR = 14, 17, 18, 22, 24
_SELECT, _CREATE_PEN, _CREATE_BRUSH, _DELETE, _ELLIPSE, _RECTANGLE = 37, 38, 39, 40, 42, 43
_FONT, _TEXT, _POLYGON, _POLYLINE = 82, 84, 86, 87
_NULL_PEN = 0x80000008
_BASELINE = 24
_ALIGN = {Anchor.START: _BASELINE, Anchor.END: _BASELINE | 2, Anchor.MIDDLE: _BASELINE | 6}
_FACES = {"zh": "SimHei", "en": "Arial"}
_PEN, _BRUSH, _FACE = 1, 2, 3
"""Places in the table of objects, each used for one thing at a time."""


def emf_of(drawing: Drawing) -> bytes:
    """The picture's file."""
    records = [
        *_opening(drawing),
        *(each for shape in drawing.shapes for each in _records(shape, drawing.language)),
    ]
    records.append(_record(_END, struct.pack("<III", 0, 16, 20)))
    header = _header(drawing, sum(map(len, records)), len(records))
    return header + b"".join(records)


def _header(drawing: Drawing, size: int, count: int) -> bytes:
    width, height = round(drawing.width), round(drawing.height)
    title = f"Whistle\0{drawing.title}\0\0".encode("utf-16-le")
    padded = title + b"\0" * (-len(title) % 4)
    length = 108 + len(padded)
    body = struct.pack(
        "<4i4i", 0, 0, width - 1, height - 1, 0, 0, round(width * _MICRONS), round(height * _MICRONS)
    )
    body += struct.pack(
        "<4sIIIHHIII", b" EMF", 0x10000, length + size, count + 1, 4, 0, len(title) // 2, 108, 0
    )
    # A device of 1920 × 1080 pixels at 96 to the inch.
    body += struct.pack("<2i2i3I2I", 1920, 1080, 508, 286, 0, 0, 0, 508_000, 285_750)
    return _record(_HEADER, body + padded)


def _opening(drawing: Drawing) -> Iterator[bytes]:
    yield _record(_MAP_MODE, struct.pack("<I", 8))
    yield _record(_WINDOW_ORIGIN, struct.pack("<2i", 0, 0))
    yield _record(_WINDOW_EXTENT, struct.pack("<2i", _fine(drawing.width), _fine(drawing.height)))
    yield _record(_VIEWPORT_ORIGIN, struct.pack("<2i", 0, 0))
    yield _record(_VIEWPORT_EXTENT, struct.pack("<2i", round(drawing.width), round(drawing.height)))
    yield _record(_BACKGROUND_MODE, struct.pack("<I", 1))


def _records(shape: Shape, language: str) -> Iterator[bytes]:
    match shape:
        case Line():
            for part in _dashes(shape) if shape.dashed else (((shape.x1, shape.y1), (shape.x2, shape.y2)),):
                yield from _stroked(shape.role, shape.width, _points(_POLYLINE, part))
        case Box():
            corners = (shape.x, shape.y, shape.x + shape.width, shape.y + shape.height)
            yield from _filled(shape.role, _record(_RECTANGLE, struct.pack("<4i", *map(_fine, corners))))
        case Area():
            yield from _filled(shape.role, _points(_POLYGON, shape.points))
        case Dot():
            corners = (
                shape.x - shape.radius,
                shape.y - shape.radius,
                shape.x + shape.radius,
                shape.y + shape.radius,
            )
            yield from _filled(shape.role, _record(_ELLIPSE, struct.pack("<4i", *map(_fine, corners))))
        case Words():
            yield from _text(shape, language)


def _stroked(role: Role, width: float, shape: bytes) -> Iterator[bytes]:
    yield _record(_CREATE_PEN, struct.pack("<IIiiI", _PEN, 0, max(1, _fine(width)), 0, _colour(role)))
    yield _record(_SELECT, struct.pack("<I", _PEN))
    yield shape
    yield _record(_SELECT, struct.pack("<I", _NULL_PEN))
    yield _record(_DELETE, struct.pack("<I", _PEN))


def _filled(role: Role, shape: bytes) -> Iterator[bytes]:
    yield _record(_CREATE_BRUSH, struct.pack("<IIII", _BRUSH, 0, _colour(role), 0))
    yield _record(_SELECT, struct.pack("<I", _BRUSH))
    yield _record(_SELECT, struct.pack("<I", _NULL_PEN))
    yield shape
    yield _record(_SELECT, struct.pack("<I", 0x80000000))
    yield _record(_DELETE, struct.pack("<I", _BRUSH))


def _text(words: Words, language: str) -> Iterator[bytes]:
    face = _FACES.get(language, "Arial").encode("utf-16-le")
    # Height and weight first, then the name, and as many zeros as the longer form of the record has.
    font = struct.pack("<Iiiiii8B", _FACE, -_fine(words.size), 0, 0, 0, 400, 0, 0, 0, 1, 0, 0, 0, 0)
    yield _record(_FONT, font + face.ljust(64, b"\0") + bytes(320 - 92))
    yield _record(_SELECT, struct.pack("<I", _FACE))
    yield _record(_TEXT_COLOUR, struct.pack("<I", _colour(words.role)))
    yield _record(_TEXT_ALIGN, struct.pack("<I", _ALIGN[words.anchor]))
    yield _letters(words, language)
    yield _record(_SELECT, struct.pack("<I", 0x8000000D))
    yield _record(_DELETE, struct.pack("<I", _FACE))


def _letters(words: Words, language: str) -> bytes:
    text = "".join(each for each in words.text if each.isprintable() and ord(each) < 0x10000)
    coded = text.encode("utf-16-le")
    padded = coded + b"\0" * (-len(coded) % 4)
    # In the named Chinese fonts every Latin letter is half as wide as a Chinese one.
    advances = [0.5 if language == "zh" and ord(each) < 0x2E80 else advance_of(each) for each in text]
    gaps = struct.pack(f"<{len(text)}I", *(round(each * words.size * _FINE) for each in advances))
    at = struct.pack("<2i", _fine(words.x), _fine(words.y))
    start = 76
    body = struct.pack("<4iIff", 0, 0, -1, -1, 1, 1.0, 1.0) + at
    body += struct.pack("<III4iI", len(text), start, 0, 0, 0, -1, -1, start + len(padded))
    return _record(_TEXT, body + padded + gaps)


def _dashes(line: Line) -> Iterator[tuple[tuple[float, float], tuple[float, float]]]:
    """Strokes of five and gaps of three pixels: wide pens know no dashes in this format."""
    across, down = line.x2 - line.x1, line.y2 - line.y1
    length = (across**2 + down**2) ** 0.5
    at = 0.0
    while at < length:
        end = min(at + 5, length)
        yield (
            (line.x1 + across * at / length, line.y1 + down * at / length),
            (line.x1 + across * end / length, line.y1 + down * end / length),
        )
        at += 8


def _points(kind: int, points: Sequence[tuple[float, float]]) -> bytes:
    flat = [_fine(each) for point in points for each in point]
    return _record(
        kind, struct.pack("<4iI", 0, 0, -1, -1, len(points)) + struct.pack(f"<{len(flat)}h", *flat)
    )


def _record(kind: int, body: bytes) -> bytes:
    return struct.pack("<II", kind, len(body) + 8) + body


def _fine(value: float) -> int:
    return round(value * _FINE)


def _colour(role: Role) -> int:
    red, green, blue = (int(COLOURS[role][at : at + 2], 16) for at in (1, 3, 5))
    return red | green << 8 | blue << 16

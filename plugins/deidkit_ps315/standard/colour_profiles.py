"""ICC profiles that say nothing but a colour space (ICC.1:2001-04), and which of them means what a given one means.

The tags of a profile hold text: descriptions, copyrights, device models, whatever a vendor puts into private ones.
"""

from __future__ import annotations

import io
from functools import cache, lru_cache
from struct import pack

import numpy as np
from numpy.typing import NDArray

GREY = "GREY"
SRGB = "SRGB"
D50 = (0.9642, 1.0, 0.8249)
COLORANTS = {
    SRGB: ((0.43607, 0.22249, 0.01392), (0.38515, 0.71687, 0.09708), (0.14307, 0.06061, 0.71410)),
    "ADOBERGB": ((0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457)),
    "ROMMRGB": ((0.79767, 0.28804, 0.0), (0.13519, 0.71187, 0.0), (0.03135, 0.00009, 0.82491)),
    "DISPLAYP3": ((0.51512, 0.24120, -0.00105), (0.29198, 0.69225, 0.04189), (0.15710, 0.06657, 0.78407)),
}
"""XYZ of red, green and blue, adapted to D50, by the defined terms of Color Space (0028,2002) where PS3.3 C.11.15 has one."""

GAMMAS = {"ADOBERGB": 563 / 256, "ROMMRGB": 1.8, GREY: 2.2}
"""Of the rest the curve of sRGB (IEC 61966-2-1)."""

STEPS = 6
TOLERANCE = 3
"""Of 255 in L*, a* and b*: rounding of tables and matrices, and not more."""

LARGEST = 1 << 22


@cache
def profile(name: str) -> bytes:
    """The bytes of the profile called ``name``: an input profile of version 2.1, made of numbers and that name."""
    text = name.encode()
    description = pack(">4sLL", b"desc", 0, len(text) + 1) + text + b"\0" + bytes(78)
    tags = {b"desc": description, b"cprt": pack(">4sL", b"text", 0) + b"CC0\0", b"wtpt": _xyz(D50)}
    if name == GREY:
        tags[b"kTRC"] = _curve(name)
    else:
        tags |= {letter + b"XYZ": _xyz(xyz) for letter, xyz in zip((b"r", b"g", b"b"), COLORANTS[name], strict=True)}
        tags |= dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), _curve(name))
    return _assembled(b"GRAY" if name == GREY else b"RGB ", tags)


def names() -> tuple[str, ...]:
    return (*COLORANTS, GREY)


def is_plain(value: bytes) -> bool:
    """Whether this is one of the profiles made here, padded or not."""
    return value.rstrip(b"\0") in {profile(name).rstrip(b"\0") for name in names()}


@lru_cache(maxsize=64)
def meaning(value: bytes) -> tuple[str, bool]:
    """The name of the profile that may stand for ``value``, and whether colours stay the same with it.

    Where no profile means the same, or ``value`` is none, it is the usual one for its kind of samples.
    """
    valid = value[36:40] == b"acsp" and len(value) <= LARGEST
    grey = valid and value[16:20] == b"GRAY"
    mode = "L" if grey else "RGB"
    seen = _colours(value, mode) if valid and value[16:20] in {b"GRAY", b"RGB "} else None
    if seen is not None:
        for name in (GREY,) if grey else COLORANTS:
            meant = _colours(profile(name), mode)
            if meant is not None and np.abs(seen - meant).max() <= TOLERANCE:
                return name, True
    return (GREY if grey else SRGB), False


def _colours(value: bytes, mode: str) -> NDArray[np.int16] | None:
    """L*, a* and b* of a grid of colours under a profile; None where it cannot be used."""
    from PIL import Image, ImageCms

    levels = np.linspace(0, 255, STEPS).round().astype(np.uint8)
    grid = levels[None] if mode == "L" else np.stack(np.meshgrid(levels, levels, levels), -1).reshape(1, -1, 3)
    try:
        given, lab = ImageCms.ImageCmsProfile(io.BytesIO(value)), ImageCms.createProfile("LAB")
        transform = ImageCms.buildTransform(given, lab, mode, "LAB", ImageCms.Intent.RELATIVE_COLORIMETRIC)
        image = ImageCms.applyTransform(Image.fromarray(grid), transform)
    except (OSError, ValueError, TypeError, ImageCms.PyCMSError):
        return None
    if image is None:
        return None
    made = np.asarray(image).astype(np.int16)
    made[..., 1:] = (made[..., 1:] + 128) % 256
    return made


def _xyz(value: tuple[float, float, float]) -> bytes:
    return pack(">4sL3l", b"XYZ ", 0, *(round(one * 65536) for one in value))


def _curve(name: str) -> bytes:
    gamma = GAMMAS.get(name)
    if gamma is not None:
        return pack(">4sLLH", b"curv", 0, 1, round(gamma * 256))
    x = np.linspace(0, 1, 1024)
    y = np.where(x <= 0.04045, x / 12.92, ((x + 0.055) / 1.055) ** 2.4)
    return pack(f">4sLL{len(x)}H", b"curv", 0, len(x), *(round(one * 65535) for one in y.tolist()))


def _assembled(space: bytes, tags: dict[bytes, bytes]) -> bytes:
    """Header (6.1), table of tags (6.2) and their data, equal data once, each at a multiple of four bytes."""
    start = 128 + 4 + 12 * len(tags)
    places: dict[bytes, int] = {}
    data = b""
    for value in tags.values():
        if value not in places:
            places[value] = start + len(data)
            data += value + bytes(-len(value) % 4)
    table = b"".join(pack(">4sLL", tag, places[value], len(value)) for tag, value in tags.items())
    size = start + len(data)
    head = pack(">L4sL4s4s4s12s4s", size, bytes(4), 0x02100000, b"scnr", space, b"XYZ ", bytes(12), b"acsp").ljust(68, b"\0")
    head += pack(">3l", *(round(one * 65536) for one in D50))
    return b"".join((head.ljust(128, b"\0"), pack(">L", len(tags)), table, data))

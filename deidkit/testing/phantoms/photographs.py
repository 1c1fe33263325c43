"""An endoscopy still in colour and a screen shot of a viewer, stored as a secondary capture."""

from __future__ import annotations

import numpy as np

from deidkit.testing.phantoms.fields import Field, blur, cloud, ellipse, grid, soft
from deidkit.testing.phantoms.scene import Facts, Scene


def _mucosa(rng: np.random.Generator, rows: int, columns: int) -> Field:
    """RGB in [0, 1], (rows, columns, 3): a tube seen along its axis, with folds, vessels and wet highlights."""
    x, y = grid(rows, columns)
    radius = np.hypot(x - 0.08, y + 0.05)
    turn = np.arctan2(y + 0.05, x - 0.08)
    uneven = 0.16 * cloud(rng, x.shape, 2.3)
    depth = np.log(radius + 0.06) + uneven + 0.10 * np.cos(3 * turn + 0.6)
    folds = 0.5 + 0.5 * np.cos(5.2 * depth)
    light = np.clip(0.16 + 0.72 * np.clip(radius * 1.35, 0, 1) ** 0.8, 0, 1) * (0.62 + 0.38 * folds)
    veins = np.clip(1 - np.abs(cloud(rng, x.shape, 1.75)) * 9, 0, None) * 0.16
    bumps = cloud(rng, x.shape, 1.2)
    colour = np.stack([0.96 - 0.25 * veins, 0.50 - 0.9 * veins + 0.05 * bumps, 0.40 - 0.6 * veins + 0.04 * bumps], -1)
    picture = colour * (light + 0.03 * bumps)[..., None]
    shine = np.clip(cloud(rng, x.shape, 1.3) + 0.9 * folds - 2.55, 0, 1) * (radius > 0.3)
    picture = picture + blur(np.clip(shine * 5, 0, 1).astype(np.float32), 0.8)[..., None] * 0.9
    return picture.astype(np.float32)


def endoscopy(seed: int, facts: Facts) -> Scene:
    """ES, RGB, 8 bits: the round field of the scope beside a column of text."""
    rng = np.random.default_rng(seed)
    rows, columns = 480, 640
    square = 470
    x, y = grid(square, square)
    octagon = np.maximum(np.maximum(np.abs(x), np.abs(y)), (np.abs(x) + np.abs(y)) / 1.32)
    field = soft((octagon - 0.97).astype(np.float32), 0.015)
    picture = _mucosa(rng, square, square) * field[..., None]
    frame = np.zeros((rows, columns, 3), np.uint8)
    frame[5 : 5 + square, 165 : 165 + square] = np.rint(np.clip(picture, 0, 1) ** 0.9 * 255)
    scene = Scene(
        "ES", "1.2.840.10008.5.1.4.1.1.77.1.1", frame[None], "RGB", 8, (235, 235, 235), {"ImageType": ["ORIGINAL", "PRIMARY"]}
    )
    family, _, given = facts.name.partition("^")
    lines = [
        family,
        given,
        f"ID {facts.patient_id}",
        f"D.O.B. {facts.european(facts.birth_date)}",
        facts.european(facts.study_date),
        facts.clock,
    ]
    for number, line in enumerate(lines):
        scene.write(line, (10, 26 + 27 * number), 15)
    scene.write("CT:N  Eh:A5", (10, 400), 15, "technical")
    scene.write("Ce:0  Zm:1.0", (10, 424), 15, "technical")
    return scene


def capture(seed: int, facts: Facts) -> Scene:
    """OT, RGB, 8 bits, Secondary Capture: a work-list window with a thumbnail and a report line."""
    rng = np.random.default_rng(seed)
    rows, columns = 600, 800
    frame = np.empty((rows, columns, 3), np.uint8)
    frame[:] = (38, 42, 50)
    frame[:34] = (24, 92, 140)
    frame[58:300, 20:520] = (248, 248, 246)
    frame[58:86, 20:520] = (214, 222, 230)
    for line in range(1, 6):
        frame[86 + 36 * line, 20:520] = (225, 225, 225)
    frame[122:158, 20:520] = (205, 226, 245)
    frame[58:300, 540:780] = _thumbnail(rng)
    frame[330:570, 20:780] = (252, 252, 250)
    scene = Scene("OT", "1.2.840.10008.5.1.4.1.1.7", frame[None], "RGB", 8, (25, 28, 34), {"ConversionType": "WSD"})
    white = (240, 244, 248)
    scene.write("Worklist", (14, 9), 18, "technical", ink=white)
    scene.write(facts.hospital, (786, 10), 17, right=True, ink=white)
    for column, title in ((32, "Patient"), (270, "ID"), (410, "Born")):
        scene.write(title, (column, 66), 15, "technical")
    scene.write(facts.shown_name, (32, 133), 15)
    scene.write(facts.patient_id, (270, 133), 15)
    scene.write(facts.iso(facts.birth_date), (410, 133), 15)
    scene.write("Findings", (40, 348), 20, "technical")
    scene.write("No focal lesion. Normal size of liver and spleen.", (40, 384), 16, "technical")
    scene.write(f"Signed for {facts.name.replace('^', ' ')}", (40, 420), 16)
    scene.write(f"on {facts.european(facts.study_date)} at {facts.clock}", (40, 448), 16)
    return scene


def _thumbnail(rng: np.random.Generator) -> Field:
    rows, columns = 242, 240
    x, y = grid(rows, columns)
    shade = 25 + 130 * ellipse(x, y, (0, 0), (0.85, 0.66)) + 60 * ellipse(x, y, (-0.3, -0.05), (0.35, 0.36), 0.05)
    shade = shade - 60 * ellipse(x, y, (0.3, -0.15), (0.2, 0.16)) + 90 * ellipse(x, y, (0, 0.36), (0.14, 0.12))
    shade = shade * ellipse(x, y, (0, 0), (0.87, 0.68)) + 6 * cloud(rng, x.shape, 0.7)
    return np.repeat(np.clip(shade, 0, 255)[..., None], 3, axis=-1).astype(np.float32)

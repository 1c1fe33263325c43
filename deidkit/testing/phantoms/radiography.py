"""A chest radiograph stored as MONOCHROME1 and a mammogram stored as MONOCHROME2."""

from __future__ import annotations

import numpy as np

from deidkit.testing.phantoms.fields import Field, blur, cloud, dome, ellipse, grid, single, soft, tube
from deidkit.testing.phantoms.scene import Facts, Scene


def _ribs(x: Field, y: Field) -> Field:
    bones = np.zeros_like(x)
    for number in range(9):
        top = -0.78 + 0.165 * number
        reach = 0.50 + 0.30 * np.sin(min(1.0, (number + 2) / 8) * np.pi / 2)
        turn = np.linspace(0.12, 1.0, 18)
        for side in (-1, 1):
            back = np.stack([side * reach * np.sin(turn * np.pi / 2), top + 0.30 * turn**2 * (0.55 + 0.06 * number)], 1)
            bones += 0.15 * tube(x, y, back, 0.034)
            front = np.stack([side * reach * np.sin((1 - 0.45 * turn) * np.pi / 2), top + 0.165 + 0.35 * turn], 1)
            bones += 0.06 * tube(x, y, front, 0.03)
    return bones


def _chest(rng: np.random.Generator, rows: int, columns: int) -> Field:
    """Optical density of the body along each ray; larger is whiter on a viewer."""
    x, y = grid(rows, columns)
    body = dome(x, y, (0, 0.35), (1.02, 1.75)) * 1.05 + 0.5 * ellipse(x, y, (0, -1.35), (0.36, 0.55), 0.1)
    shoulders = sum(dome(x, y, (side * 0.78, -0.98), (0.52, 0.30)) for side in (-1, 1))
    lungs = dome(x, y, (-0.42, -0.10), (0.37, 0.80)) + dome(x, y, (0.43, -0.12), (0.35, 0.78))
    vessels = np.clip(cloud(rng, x.shape, 1.35), 0, None) * 0.055 * lungs * np.exp(-((np.abs(x) - 0.25) ** 2) / 0.08)
    heart = dome(x, y, (0.16, 0.34), (0.36, 0.36)) * 0.42 + dome(x, y, (0.10, -0.35), (0.14, 0.25)) * 0.20
    spine = np.exp(-((x / 0.10) ** 2)) * (0.34 + 0.06 * np.sin(y * 34))
    diaphragm = soft((0.62 + 0.18 * (np.abs(x) - 0.42) ** 2 * 4 - y).astype(np.float32), 0.05) * 0.55
    collar = sum(
        tube(x, y, np.array([(side * 0.10, -0.80), (side * 0.38, -0.88), (side * 0.80, -1.02)]), 0.045) for side in (-1, 1)
    )
    density = body + 0.35 * shoulders - 0.78 * lungs * (1 - diaphragm) + vessels + heart + spine * (y > -1.3) + diaphragm * 0.5
    density = density + _ribs(x, y) + 0.16 * collar
    return single(blur(density.astype(np.float32), 1.2) + 0.012 * rng.standard_normal(x.shape))


def chest(seed: int, facts: Facts) -> Scene:
    """CR, MONOCHROME1, 12 of 16 bits: the stored value 0 is white, so blanking with 0 would be wrong."""
    rng = np.random.default_rng(seed)
    density = np.clip(_chest(rng, 880, 760) / 2.0, 0, 1)
    stored = np.rint(4095 * (1 - 0.04 - 0.86 * density)).astype(np.uint16)[None]
    attributes = {"ViewPosition": "PA", "BodyPartExamined": "CHEST", "WindowCenter": "2048", "WindowWidth": "4096"}
    scene = Scene("CR", "1.2.840.10008.5.1.4.1.1.1", stored, "MONOCHROME1", 12, 60, attributes | {"Laterality": ""})
    scene.write(facts.shown_name, (24, 22), 22)
    scene.write(f"{facts.patient_id}   *{facts.european(facts.birth_date)}", (24, 50), 18)
    scene.write(facts.hospital, (736, 22), 18, right=True)
    scene.write(f"{facts.european(facts.study_date)} {facts.clock}", (736, 46), 17, right=True)
    scene.write("L", (690, 130), 48, "marker")
    scene.write("PA 125 kV 2 mAs", (24, 846), 16, "technical")
    return scene


def mammogram(seed: int, facts: Facts) -> Scene:
    """MG, MONOCHROME2, 12 of 16 bits, a right medio-lateral oblique view."""
    rng = np.random.default_rng(seed)
    rows, columns = 1000, 780
    x, y = grid(rows, columns)
    wall = columns / min(rows, columns)
    reach = np.hypot((x + wall) / 1.52, (y - 0.10) / (1.02 + 0.10 * (x + wall)))
    breast = soft((reach - 1).astype(np.float32), 0.07)
    gland = np.clip(0.55 + 0.55 * cloud(rng, x.shape, 1.75), 0, None) * ellipse(x, y, (-wall + 0.66, 0.10), (0.62, 0.66), 0.7)
    strands = np.clip(1 - np.abs(cloud(rng, x.shape, 1.5)) * 5, 0, None) * breast
    muscle = soft((x + wall + 0.62 * (y + 1.28) - 0.98).astype(np.float32), 0.06) * (y < 0.5)
    picture = breast * (0.24 + 0.10 * (1 - reach)) + 0.34 * gland * breast + 0.05 * strands
    picture = picture + muscle * breast * (0.16 + 0.03 * cloud(rng, x.shape, 1.3))
    for _ in range(7):
        spot = rng.uniform(-0.12, 0.12, 2)
        picture += 0.25 * ellipse(x, y, (-wall + 0.72 + spot[0], 0.05 + spot[1]), (0.008, 0.008), 0.01)
    noise = 0.008 * rng.standard_normal(x.shape)
    stored = np.rint(np.clip(blur(picture, 0.9) + noise * (picture > 0.02), 0, 1) * 4095).astype(np.uint16)[None]
    attributes = {
        "ViewPosition": "MLO",
        "ImageLaterality": "R",
        "BodyPartExamined": "BREAST",
        "PresentationIntentType": "FOR PRESENTATION",
        "WindowCenter": "1700",
        "WindowWidth": "3400",
    }
    scene = Scene("MG", "1.2.840.10008.5.1.4.1.1.1.2", stored, "MONOCHROME2", 12, 3600, attributes)
    scene.write(facts.shown_name, (756, 28), 20, right=True)
    scene.write(f"DOB {facts.iso(facts.birth_date)}", (756, 56), 18, right=True)
    scene.write(facts.hospital, (756, 82), 18, right=True)
    scene.write(f"ACC {facts.accession}", (756, 108), 17, right=True)
    scene.write("RMLO", (756, 190), 36, "marker", right=True)
    scene.write("29 kV 84 mAs 11.2 daN", (756, 962), 16, "technical", right=True)
    return scene

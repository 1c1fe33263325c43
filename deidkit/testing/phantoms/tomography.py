"""One axial CT slice through the upper abdomen and one axial MR slice through the brain."""

from __future__ import annotations

import numpy as np

from deidkit.testing.phantoms.fields import Field, blur, cloud, ellipse, grid, single
from deidkit.testing.phantoms.scene import Facts, Scene

PADDING = -2000


def _over(base: Field, mask: Field, value: float | Field) -> Field:
    return single(base * (1 - mask) + mask * value)


def _abdomen(rng: np.random.Generator, size: int) -> Field:
    """Hounsfield units."""
    x, y = grid(size, size)
    wobble = 0.02 * cloud(rng, x.shape, 2.4)
    x, y = x + wobble, y + 0.02 * cloud(rng, x.shape, 2.4)
    mottle = cloud(rng, x.shape, 1.0)
    field = np.full(x.shape, -1000, np.float32)
    field = _over(field, ellipse(x, y, (0, 0), (0.80, 0.58)), 40)
    field = _over(field, ellipse(x, y, (0, 0), (0.785, 0.565)), -95 + 6 * mottle)
    field = _over(field, ellipse(x, y, (0, 0.01), (0.69, 0.485)), 52 + 8 * mottle)
    field = _over(field, ellipse(x, y, (0, -0.03), (0.645, 0.425)), -75 + 12 * mottle)
    field = _over(field, ellipse(x, y, (-0.30, -0.06), (0.345, 0.345), 0.03), 112 + 6 * mottle)
    field = _over(field, ellipse(x, y, (0.06, -0.21), (0.21, 0.15), 0.03), 106 + 6 * mottle)
    field = _over(field, ellipse(x, y, (0.33, -0.16), (0.24, 0.17), 0.03), 45 + 10 * mottle)
    field = _over(field, ellipse(x, y, (0.36, -0.24), (0.13, 0.06), 0.02), -900)
    field = _over(field, ellipse(x, y, (0.50, 0.12), (0.12, 0.20), 0.03), 125 + 5 * mottle)
    for side in (-1, 1):
        field = _over(field, ellipse(x, y, (side * 0.29, 0.24), (0.105, 0.135), 0.02), 170 + 10 * mottle)
        field = _over(field, ellipse(x, y, (side * 0.27, 0.24), (0.045, 0.06), 0.03), -60)
    field = _over(field, ellipse(x, y, (0.05, 0.11), (0.058, 0.058), 0.015), 210)
    field = _over(field, ellipse(x, y, (-0.07, 0.09), (0.065, 0.045), 0.015), 150)
    for cx, cy in ((-0.36, -0.12), (-0.22, 0.03), (-0.42, 0.05), (-0.30, -0.22)):
        field = _over(field, ellipse(x, y, (cx, cy), (0.028, 0.016), 0.012), 165)
    return _bones(field, x, y, mottle)


def _bones(field: Field, x: Field, y: Field, mottle: Field) -> Field:
    field = _over(field, ellipse(x, y, (0, 0.29), (0.125, 0.105), 0.02), 430)
    field = _over(field, ellipse(x, y, (0, 0.29), (0.10, 0.08), 0.03), 230 + 40 * mottle)
    field = _over(field, ellipse(x, y, (0, 0.415), (0.05, 0.04), 0.01), 30)
    field = _over(field, ellipse(x, y, (0, 0.485), (0.022, 0.06), 0.015), 520)
    for angle in np.linspace(0.25, np.pi - 0.25, 6):
        for side in (-1, 1):
            centre = (side * 0.668 * np.sin(angle), -0.455 * np.cos(angle))
            field = _over(field, ellipse(x, y, centre, (0.038, 0.024), 0.012), 560)
    return field


def abdomen(seed: int, facts: Facts) -> Scene:
    """CT, 16-bit signed, padded with -2000 outside the circle of reconstruction."""
    rng = np.random.default_rng(seed)
    size = 512
    field = blur(_abdomen(rng, size), 0.9)
    x, y = grid(size, size)
    table = np.abs(y - 0.66 - 0.10 * (1 - (x / 0.9) ** 2)) < 0.008
    field[table & (np.abs(x) < 0.72)] = -250
    grain = blur(rng.standard_normal((size, size)).astype(np.float32), 0.8)
    field += 14 * grain / grain.std()
    stored = np.where(np.hypot(x, y) < 0.995, np.rint(field), PADDING).astype(np.int16)[None]
    attributes = {
        "RescaleIntercept": "0", "RescaleSlope": "1", "RescaleType": "HU", "WindowCenter": "50", "WindowWidth": "400",
        "PixelPaddingValue": PADDING, "BodyPartExamined": "ABDOMEN", "PatientPosition": "HFS",
        "KVP": "120", "SliceThickness": "3",
        "ImageOrientationPatient": ["1", "0", "0", "0", "1", "0"], "ImagePositionPatient": ["-180", "-180", "42"],
        "PixelSpacing": ["0.703125", "0.703125"], "ImageType": ["ORIGINAL", "PRIMARY", "AXIAL"],
    }  # fmt: skip
    scene = Scene("CT", "1.2.840.10008.5.1.4.1.1.2", stored, "MONOCHROME2", 16, 1200, attributes, signed=True)
    scene.write(facts.shown_name, (8, 8), 15)
    scene.write(facts.patient_id, (8, 28), 15)
    scene.write(facts.hospital, (504, 8), 15, right=True)
    scene.write(facts.iso(facts.study_date), (504, 28), 14, right=True)
    scene.write("kV 120  mAs 210", (8, 490), 14, "technical")
    scene.write("R", (8, 244), 26, "marker")
    return scene


def _brain(rng: np.random.Generator, size: int) -> Field:
    """T2-weighted signal."""
    x, y = grid(size, size)
    y = (y - 0.05) * 1.08
    inner = np.hypot(x / 0.60, y / 0.74)
    winding = blur(rng.standard_normal(x.shape), 8)
    sulci = np.clip(1.15 - np.abs(winding / winding.std()) * 5.5, 0, 1) * np.clip((inner - 0.50) * 3.5, 0, 1)
    field = 30 + 900 * (ellipse(x, y, (0, 0), (0.73, 0.88)) - ellipse(x, y, (0, 0), (0.69, 0.84)))
    field += 120 * (ellipse(x, y, (0, 0), (0.69, 0.84)) - ellipse(x, y, (0, 0), (0.635, 0.78)))
    field = _over(field, ellipse(x, y, (0, 0), (0.63, 0.775)), 1500)
    cortex = ellipse(x, y, (0, 0), (0.60, 0.745), 0.04)
    field = _over(field, cortex, 560 + 330 * np.clip((inner - 0.72) * 5, 0, 1) + 40 * cloud(rng, x.shape, 1.6))
    field = _over(field, (sulci * cortex).astype(np.float32), 1450)
    for side in (-1, 1):
        field = _over(field, ellipse(x, y, (side * 0.25, 0.06), (0.13, 0.17), 0.05), 700)
        horn = ellipse(x - side * 0.05 * np.abs(y), y, (side * 0.085, -0.10), (0.055, 0.19), 0.03)
        field = _over(field, horn, 1650)
        field = _over(field, ellipse(x, y, (side * 0.19, 0.33), (0.05, 0.12), 0.03), 1650)
    gap = (np.exp(-((x / 0.012) ** 2)) * (np.abs(y) < 0.70) * (np.abs(y + 0.02) > 0.30)).astype(np.float32)
    field = _over(field, gap * cortex, 1300)
    return single(field * (1 + 0.10 * x - 0.07 * y))


def brain(seed: int, facts: Facts) -> Scene:
    """MR, 16-bit unsigned, T2 weighted; stored in Implicit VR Little Endian."""
    rng = np.random.default_rng(seed)
    size = 448
    field = _brain(rng, size)
    noisy = np.hypot(blur(field, 0.8) + rng.normal(0, 18, field.shape), rng.normal(0, 18, field.shape))
    stored = np.rint(np.clip(noisy, 0, 4095)).astype(np.uint16)[None]
    attributes = {
        "WindowCenter": "900", "WindowWidth": "1800", "BodyPartExamined": "BRAIN", "PatientPosition": "HFS",
        "ScanningSequence": "SE", "SequenceVariant": "SK",
        "ScanOptions": "", "MRAcquisitionType": "2D", "EchoTime": "98", "RepetitionTime": "4200", "MagneticFieldStrength": "3",
        "ImageOrientationPatient": ["1", "0", "0", "0", "1", "0"], "ImagePositionPatient": ["-115", "-115", "18"],
        "PixelSpacing": ["0.5134", "0.5134"], "SliceThickness": "4", "ImageType": ["ORIGINAL", "PRIMARY", "M", "SE"],
        "EchoTrainLength": "12",
    }  # fmt: skip
    scene = Scene("MR", "1.2.840.10008.5.1.4.1.1.4", stored, "MONOCHROME2", 16, 2400, attributes, implicit=True)
    scene.write(facts.shown_name, (8, 8), 15)
    scene.write(f"{facts.european(facts.birth_date)}  F", (8, 28), 14)
    scene.write(facts.hospital, (440, 8), 14, right=True)
    scene.write(facts.american(facts.study_date), (440, 28), 14, right=True)
    scene.write("TR 4200 TE 98", (8, 426), 14, "technical")
    scene.write("A", (216, 8), 22, "marker")
    return scene

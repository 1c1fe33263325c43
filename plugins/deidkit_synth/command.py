"""``deidkit synth``: writes synthetic sets with truth."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from deidkit.components import read_options
from deidkit.errors import UsageError
from deidkit_synth.options import SceneOptions

if TYPE_CHECKING:
    from deidkit_synth.fonts import Origin
    from deidkit_synth.writing import Order


@click.command("synth")
@click.option("--output", type=click.Path(path_type=Path, file_okay=False), help="Output folder; must be empty.")
@click.option("--count", default=100, show_default=True, type=click.IntRange(1), help="Number of images.")
@click.option("--seed", default=0, show_default=True, type=click.IntRange(0), help="Seed; the same seed writes the same set.")
@click.option(
    "--control",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="YAML control file; docs/synth.md lists its fields.",
)
@click.option(
    "--format",
    "suffix",
    default="png",
    show_default=True,
    type=click.Choice(["png", "dcm", "jpg"]),
    help="Image format.",
)
@click.option(
    "--truth",
    "formats",
    multiple=True,
    default=("json",),
    type=click.Choice(["json", "csv", "voc", "yolo", "coco"]),
    help="Format of the ground truth; may be repeated.",
)
@click.option("--strokes", is_flag=True, help="Also write a mask of the text strokes of every frame.")
@click.option(
    "--held-out", is_flag=True, help="Use only fonts, backgrounds and phantoms that the shipped networks were not trained on."
)
@click.option(
    "--pool",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder of images for training, with manifest.csv and images/.",
)
@click.option(
    "--fonts",
    default="all",
    show_default=True,
    type=click.Choice(["all", "wheels", "system"]),
    help="Font families: of installed wheels (the same everywhere), of this machine, or both.",
)
@click.option(
    "--backgrounds",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder of images without text, used as backgrounds.",
)
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="Worker processes.")
@click.option("--frames", type=click.IntRange(1, 200), help="Frames of each image.")
@click.option("--bits", type=click.IntRange(8, 16), help="Bits Stored.")
@click.option(
    "--photometric",
    type=click.Choice(["MONOCHROME1", "MONOCHROME2", "RGB", "YBR_FULL", "PALETTE COLOR"]),
    help="Photometric Interpretation.",
)
@click.option("--without-text", is_flag=True, help="Write the same images without text.")
@click.option(
    "--preview", type=click.Path(path_type=Path, dir_okay=False), help="Write only a contact sheet of 16 images to this file."
)
def synth(
    output: Path | None, count: int, seed: int, control: Path | None, suffix: str, formats: tuple[str, ...], strokes: bool,
    held_out: bool, pool: Path | None, fonts: Origin, backgrounds: Path | None, workers: int, frames: int | None,
    bits: int | None, photometric: str | None, without_text: bool, preview: Path | None,
) -> None:  # fmt: skip
    """Create images with synthetic text and its ground truth, on clean or procedural backgrounds."""
    from deidkit_synth.writing import Order, write_set

    if output is None and preview is None:
        raise click.UsageError("give --output or --preview")
    text = False if without_text else None
    given = {"frames": frames, "bits": bits, "photometric": photometric, "text": text}
    options = read_options(SceneOptions, control, given, "the control file")
    if suffix != "dcm" and preview is None and (options.bits > 8 or options.photometric not in ("MONOCHROME2", "RGB")):
        raise UsageError("more than 8 bits and photometric interpretations other than MONOCHROME2 and RGB need --format dcm")
    order = Order(output or Path(), options, seed, f".{suffix}", strokes, held_out, pool, backgrounds, fonts)
    if preview is not None:
        _preview(order, count, preview)
        return
    records = write_set(order, count, formats, workers)
    click.echo(f"{len(records)} frames, {sum(len(r.instances) for r in records)} instances of text", err=True)
    if left_out := sum(record.left_out for record in records):
        click.echo(f"{left_out} lines were left out: no room for them, or no font with their letters", err=True)


def _preview(order: Order, count: int, path: Path) -> None:
    """A contact sheet of at most 16 scenes.

    Raises:
        UsageError: it cannot be written there.
    """
    import cv2

    from deidkit_synth.writing import contact_sheet, maker

    make = maker(order)
    sheet = contact_sheet(make.make(i) for i in range(min(count, 16)))
    try:
        written = cv2.imwrite(str(path), sheet[..., ::-1])
    except cv2.error:
        written = False
    if not written:
        raise UsageError("the preview cannot be written; its folder has to be there, its name has to end in .png or .jpg")

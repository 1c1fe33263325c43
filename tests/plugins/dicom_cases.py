"""The cells of the matrix, and the table of them for docs/conformance.md."""

from __future__ import annotations

from dicom_objects import Case

from deidkit_dicom.part10 import syntaxes as s

NATIVE = (s.EXPLICIT_LE, s.IMPLICIT_LE, s.EXPLICIT_BE, s.DEFLATED_LE)
LAYOUTS = (*((a, b, c) for a, b in ((8, 8), (16, 12), (16, 16)) for c in (False, True)), (32, 32, False))


def _native() -> list[Case]:
    found = []
    for syntax in NATIVE:
        for frames in (1, 3):
            found += [Case(syntax, "MONOCHROME2", a, b, c, 0, frames) for a, b, c in LAYOUTS]
            found += [
                Case(syntax, "MONOCHROME2", 1, 1, False, 0, frames),
                Case(syntax, "MONOCHROME1", 16, 12, False, 0, frames),
            ]
            found += [Case(syntax, "MONOCHROME1", frames=frames), Case(syntax, "PALETTE COLOR", frames=frames)]
            found += [Case(syntax, "PALETTE COLOR", 16, 16, False, 0, frames), Case(syntax, "YBR_FULL_422", frames=frames)]
            found += [Case(syntax, colour, planar=p, frames=frames) for colour in ("RGB", "YBR_FULL") for p in (0, 1)]
            found.append(Case(syntax, "RGB", 16, 16, False, 0, frames))
    return found


def _compressed() -> list[Case]:
    found = []
    for frames in (1, 3):
        for syntax in (s.RLE, s.JPEGLS, s.J2K_LOSSLESS, s.JPEG_LOSSLESS_SV1):
            layouts = [layout for layout in LAYOUTS[:6] if not (syntax == s.JPEG_LOSSLESS_SV1 and layout[2])]
            found += [Case(syntax, "MONOCHROME2", a, b, c, 0, frames) for a, b, c in layouts]
            found += [Case(syntax, "MONOCHROME1", 16, 12, False, 0, frames), Case(syntax, "RGB", frames=frames)]
        found += [Case(s.RLE, "PALETTE COLOR", frames=frames), Case(s.RLE, "YBR_FULL", planar=1, frames=frames)]
        found += [Case(s.RLE, "RGB", 16, 16, False, 0, frames), Case(s.JPEGLS, "YBR_FULL", frames=frames)]
        found += [Case(s.J2K_LOSSLESS, "YBR_RCT", frames=frames), Case(s.J2K, "YBR_ICT", frames=frames)]
        found += [Case(s.J2K, "MONOCHROME2", 16, 12, signed, 0, frames) for signed in (False, True)]
        found += [Case(s.JPEGLS_NEAR, "MONOCHROME2", 16, 12, False, 0, frames), Case(s.JPEGLS_NEAR, "RGB", frames=frames)]
        found += [Case(s.JPEG_BASELINE, "MONOCHROME2", frames=frames), Case(s.JPEG_BASELINE, "MONOCHROME1", frames=frames)]
        found += [Case(s.JPEG_BASELINE, "YBR_FULL_422", frames=frames, sampling=kind) for kind in ("4:4:4", "4:2:2", "4:2:0")]
        found += [Case(s.JPEG_BASELINE, "RGB", frames=frames), Case(s.JPEG_EXTENDED, "MONOCHROME2", frames=frames)]
        found.append(Case(s.JPEG_EXTENDED, "MONOCHROME2", 16, 12, False, 0, frames))
    for syntax in (s.HTJ2K_LOSSLESS, s.HTJ2K_RPCL, s.HTJ2K):
        found += [Case(syntax, "MONOCHROME2"), Case(syntax, "YBR_RCT")]
    return found


CASES = _native() + _compressed()


def written_as(case: Case) -> str:
    """UID of the transfer syntax that an edited object of this kind leaves in, with default options."""
    syntax = s.SYNTAXES[case.syntax]
    if syntax.native or (case.syntax in (s.JPEG_BASELINE, s.JPEG_EXTENDED) and case.allocated == 8):
        return case.syntax
    if case.photometric == "YBR_ICT":
        return s.EXPLICIT_LE
    return syntax.same or s.EXPLICIT_LE


def table() -> str:
    """The matrix as Markdown: one row for each transfer syntax and photometric interpretation."""
    rows: dict[tuple[str, str, str], list[Case]] = {}
    for case in CASES:
        rows.setdefault((case.syntax, case.photometric, written_as(case)), []).append(case)
    titles = (
        "transfer syntax",
        "photometric interpretation",
        "stored in allocated bits",
        "frames",
        "planar",
        "edited, leaves as",
    )
    lines = [f"| {' | '.join(titles)} |", "|---|---|---|---|---|---|"]
    for (syntax, photometric, target), cases in rows.items():
        bits = dict.fromkeys(f"{c.stored} in {c.allocated}{' signed' if c.signed else ''}" for c in cases)
        kinds = dict.fromkeys(c.sampling for c in cases if c.sampling)
        shown = photometric + (f" ({', '.join(kinds)})" if kinds else "")
        frames = "1 and 3" if {c.frames for c in cases} == {1, 3} else "1"
        planes = " and ".join(sorted({str(c.planar) for c in cases})) if cases[0].samples > 1 else ""
        target_name = "the same" if target == syntax else s.SYNTAXES[target].name
        lines.append(f"| {s.SYNTAXES[syntax].name} | {shown} | {', '.join(bits)} | {frames} | {planes} | {target_name} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    from pathlib import Path

    page = Path(__file__).parents[2] / "docs" / "conformance.md"
    head, _, rest = page.read_text().partition("<!-- matrix -->\n")
    page.write_text(
        f"{head}<!-- matrix -->\n{table()}<!-- end of matrix -->\n{rest.partition('<!-- end of matrix -->' + chr(10))[2]}"
    )

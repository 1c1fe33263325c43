"""What reading, scrubbing, blanking and writing cost. Run: python benchmarks/pixels.py [headers|dct|cine|memory ...]

headers  500 header-only objects: open, scrub and save against pydicom's read and write of the same files (budget: 2x)
dct      JPEG Baseline frames of 1024x768 at quality 85, blanked in the DCT domain, a second of one core (aim: 20)
bare     following a 1024x768 frame of each kind to the last byte that it needs, beside decoding it
cine     pictures that a detector is shown for an 87-frame cine with static text and a name in frame 40 (budget: 8)
memory   peak of opening, planning, blanking and writing a 600-frame 1024x768 RGB cine (budget: 400 MB)
run      peak of a worker of `deidkit run` over the same cine, native and JPEG Baseline, all models loaded (budget: 400 MB above
         the same run over one small frame); not part of the default, because it takes half an hour and 2 GB of disk
"""

from __future__ import annotations

import contextlib
import io
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import jpeg_ls
import numpy as np
import openjpeg
from PIL import Image
from pydicom import Dataset, dcmread, dcmwrite
from pydicom.dataset import FileMetaDataset
from pydicom.uid import (
    ComprehensiveSRStorage,
    ExplicitVRLittleEndian,
    JPEGBaseline8Bit,
    UltrasoundMultiFrameImageStorage,
    generate_uid,
)

from deidkit.headers.working_copy import working_copy
from deidkit.image import Frame
from deidkit.imaging.cine.plan import detect_over_time
from deidkit.jpeg.bare import bare_jpeg
from deidkit.keys import Keys
from deidkit.limits import Limits
from deidkit.registry import installed
from deidkit.types import Context, Deadline, Edit, Labels, Patch, Region
from deidkit_dicom.codestream.dct import blank
from deidkit_dicom.codestream.j2k import bare_j2k
from deidkit_dicom.codestream.jpeg_ls import bare_jpegls
from deidkit_dicom.part10.fragments import ITEM, SEQUENCE_END

FILES = 500
BOXES = [(10, 10, 300, 40), (700, 700, 1000, 760)]


def base(sop_class: str) -> Dataset:
    ds = Dataset()
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.SOPClassUID, ds.SOPInstanceUID = sop_class, generate_uid()
    ds.file_meta.MediaStorageSOPClassUID, ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPClassUID, ds.SOPInstanceUID
    ds.StudyInstanceUID, ds.SeriesInstanceUID = generate_uid(), generate_uid()
    ds.PatientName, ds.PatientID, ds.PatientBirthDate = "Doe^Jane", "4711", "19500101"
    ds.StudyDate, ds.StudyTime, ds.Modality, ds.Manufacturer = "20200101", "101010", "SR", "Benchmark"
    return ds


def headers() -> None:
    """Process time of both ways over the same files, interleaved so that a busy machine slows both."""
    component, keys = installed().build("format", "dicom"), Keys(bytes(32))
    scrubber = installed().build("scrubber", "ps315")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for index in range(FILES):
            ds = base(ComprehensiveSRStorage)
            for number in range(80):
                ds.add_new(0x00180000 + 0x1000 + number, "LO" if number % 3 else "DS", "1.5")
            ds.ReferencedStudySequence = [Dataset() for _ in range(3)]
            for item in ds.ReferencedStudySequence:
                item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = ds.SOPClassUID, generate_uid()
            ds.save_as(folder / f"{index}.dcm", enforce_file_format=True)
        spent = {"pydicom": 0.0, "deidkit": 0.0, "deidkit without scrub": 0.0}
        for index in range(FILES):
            path = folder / f"{index}.dcm"
            began = time.process_time()
            dcmwrite(folder / "p.dcm", dcmread(path), enforce_file_format=True)
            middle = time.process_time()
            image = component.open(path, Limits())
            component.save(image, working_copy(image.header), [], folder / f"a{index}.dcm")
            without = time.process_time()
            image = component.open(path, Limits())
            header = working_copy(image.header)
            scrubber.scrub(header, Context(Labels(), "benchmark", (), keys, Deadline.after(60), image.header))
            component.save(image, header, [], folder / f"b{index}.dcm")
            done = time.process_time()
            spent["pydicom"] += middle - began
            spent["deidkit without scrub"] += without - middle
            spent["deidkit"] += done - without
    for way, seconds in spent.items():
        print(f"headers  {way:22} {1000 * seconds / FILES:6.2f} ms a file, {seconds / spent['pydicom']:.2f}x")


def natural(rng: np.random.Generator, rows: int = 768, columns: int = 1024) -> np.ndarray:
    shape = (rows, columns, 3)
    coarse, fine = (cv2.GaussianBlur(rng.normal(size=shape).astype(np.float32), (0, 0), width) for width in (9, 2))
    return np.clip(110 + 400 * coarse + 60 * fine + 4 * rng.normal(size=shape), 0, 255).astype(np.uint8)


def dct() -> None:
    for sampling, name in ((2, "4:2:0"), (1, "4:2:2"), (0, "4:4:4")):
        buffer = io.BytesIO()
        Image.fromarray(natural(np.random.default_rng(0))).save(buffer, "JPEG", quality=85, subsampling=sampling)
        data, count = buffer.getvalue(), 20
        blank(data, BOXES, ("low", "middle", "middle"))
        spent = []
        for _ in range(count):
            began = time.process_time()
            blank(data, BOXES, ("low", "middle", "middle"))
            spent.append(time.process_time() - began)
        rates = f"{1 / float(np.median(spent)):5.1f} frames a second of one core (median), {1 / min(spent):5.1f} (best)"
        print(f"dct      {name} of {len(data) // 1024} kB: {rates}")


class Cine:
    """Frames made on demand, so that the benchmark itself needs no memory."""

    frame_count = 87

    def frame(self, index: int) -> Frame:
        made = natural(np.random.default_rng(index), 240, 320)[..., 0].copy()
        cv2.putText(made, "DOE JANE", (10, 20), cv2.FONT_HERSHEY_SIMPLEX, 0.6, 255, 1, cv2.LINE_AA)
        if index == 40:
            cv2.putText(made, "SMITH 1961", (100, 150), cv2.FONT_HERSHEY_SIMPLEX, 0.6, 255, 1, cv2.LINE_AA)
        return Frame(index, (240, 320), lambda: made, {"default": np.asarray}, lambda _: (0,))


def bare() -> None:
    picture = natural(np.random.default_rng(5))
    grey = np.ascontiguousarray(picture[..., 0])
    kinds: dict[str, tuple[Callable[[bytes], object], bytes]] = {
        "JPEG grey": (bare_jpeg, jpeg(grey)),
        "JPEG grey, tables of its own": (bare_jpeg, jpeg(grey, optimize=True)),
        "JPEG 4:2:0": (bare_jpeg, jpeg(picture, subsampling=2)),
        "JPEG 4:4:4": (bare_jpeg, jpeg(picture, subsampling=0)),
        "JPEG 4:2:0, progressive": (bare_jpeg, jpeg(picture, subsampling=2, progressive=True)),
        "JPEG-LS grey": (bare_jpegls, bytes(jpeg_ls.encode(grey))),
        "J2K grey, lossless": (bare_j2k, openjpeg.encode(grey)),
        "J2K RGB, lossless": (bare_j2k, openjpeg.encode(picture, photometric_interpretation=1)),
    }
    for name, (follow, data) in kinds.items():
        decode = jpeg_ls.decode_buffer if follow is bare_jpegls else openjpeg.decode if follow is bare_j2k else pillow
        assert follow(data) is data
        followed, decoded = fastest(follow, data), fastest(decode, data)
        print(f"bare     {name:28}  {followed:6.1f} ms, decoding it {decoded:6.1f} ms")


def jpeg(picture: np.ndarray, **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "JPEG", quality=85, **options)
    return buffer.getvalue()


def pillow(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)))


def fastest(work: Callable[[bytes], object], data: bytes, times: int = 5) -> float:
    """Milliseconds of CPU time of the fastest run."""
    took = []
    for _ in range(times):
        began = time.process_time()
        work(data)
        took.append(time.process_time() - began)
    return 1000 * min(took)


def cine() -> None:
    detector = installed().build("detector", "rapidocr")
    keys = Keys(bytes(32))

    def detect(frame: Frame) -> list[Region]:
        context = Context(Labels(), "benchmark", ("rapidocr",), keys, Deadline.after(600), Dataset())
        return list(detector.detect([frame], context)[0])

    found, shown = detect_over_time(Cine(), detect)  # type: ignore[arg-type]
    late = any(region.box[1] > 100 for region in found.get(40, ()))
    print(f"cine     {shown} detections for 87 frames; frames with regions: {len(found)}; the name in frame 40 found: {late}")


def write_cine(path: Path, frames: int, rows: int = 768, columns: int = 1024) -> None:
    """A native RGB cine, written frame by frame."""
    ds = base(UltrasoundMultiFrameImageStorage)
    ds.Rows, ds.Columns, ds.SamplesPerPixel, ds.PhotometricInterpretation = rows, columns, 3, "RGB"
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation, ds.PlanarConfiguration = 8, 8, 7, 0, 0
    ds.NumberOfFrames = frames
    ds.save_as(path, enforce_file_format=True)
    size = rows * columns * 3
    with path.open("ab") as stream:
        stream.write(b"\xe0\x7f\x10\x00OB\0\0" + (size * frames).to_bytes(4, "little"))
        for index in range(frames):
            stream.write(np.full(size, index % 200, np.uint8).tobytes())


def memory() -> None:
    """Runs itself in a fresh process, because the peak of a process never falls."""
    with tempfile.TemporaryDirectory() as name:
        for frames in (20, 600):
            write_cine(Path(name) / "a.dcm", frames)
            peak = subprocess.run([sys.executable, __file__, "--peak", name], capture_output=True, text=True, check=True)
            print(f"memory   {frames} frames: {peak.stdout.strip()}")
            (Path(name) / "a.dcm").unlink()


def peak(folder: Path) -> None:
    """Opens, plans, blanks every frame and writes; prints the growth of the resident set over that of the imports."""
    component = installed().build("format", "dicom")
    start = high_water()
    began = time.monotonic()
    image = component.open(folder / "a.dcm", Limits())
    detect_over_time(image, lambda _: [Region((10, 10, 200, 40), 1.0, "benchmark", text="x")])
    edits = [Edit(index, (Patch((10, 10, 200, 40)),), "benchmark") for index in range(image.frame_count)]
    (folder / "out.dcm").unlink(missing_ok=True)
    component.save(image, image.header, edits, folder / "out.dcm")
    (folder / "out.dcm").unlink()
    print(f"{high_water() - start:.0f} MB above the imports, {time.monotonic() - began:.0f} s")


def write_moving(path: Path, frames: int, rows: int = 768, columns: int = 1024, *, jpeg: bool = False) -> None:
    """An RGB cine with a static name, an image that moves, and a name of its own in the middle frame."""
    write_cine(path, 0, rows, columns)
    ds = dcmread(path)
    del ds.PixelData
    ds.NumberOfFrames, ds.SeriesNumber, ds.InstanceNumber, ds.PatientSex = frames, "1", "1", "F"
    ds.Modality = "US"
    if jpeg:
        ds.file_meta.TransferSyntaxUID, ds.PhotometricInterpretation = JPEGBaseline8Bit, "YBR_FULL_422"
        ds.LossyImageCompression, ds.LossyImageCompressionRatio, ds.LossyImageCompressionMethod = "01", "10", "ISO_10918_1"
    ds.save_as(path, enforce_file_format=True)
    tissue = natural(np.random.default_rng(0), rows, columns)
    size = rows * columns * 3
    length = b"\xff\xff\xff\xff" if jpeg else (size * frames).to_bytes(4, "little")
    with path.open("ab") as stream:
        stream.write(b"\xe0\x7f\x10\x00OB\0\0" + length)
        stream.write(ITEM + b"\0\0\0\0" if jpeg else b"")
        for index in range(frames):
            picture = np.roll(tissue, 2 * (index % 20), axis=1)
            picture[: rows // 8] = 0
            names = ["DOE JANE 4711", *(["SMITH ANN 1961"] if index == frames // 2 else [])]
            for line, name in enumerate(names):
                at = (columns // 10, rows // 16 + line * rows // 2)
                cv2.putText(picture, name, at, cv2.FONT_HERSHEY_SIMPLEX, rows / 768, (255,) * 3, 2, cv2.LINE_AA)
            stream.write(_fragment(picture) if jpeg else picture.tobytes())
        stream.write(SEQUENCE_END + b"\0\0\0\0" if jpeg else b"")


def _fragment(picture: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "JPEG", quality=85, subsampling=1)
    data = buffer.getvalue() + b"\0" * (buffer.tell() % 2)
    return ITEM + len(data).to_bytes(4, "little") + data


def run() -> None:
    """Each in a run of its own, because the peak of a process never falls."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_moving(folder / "small.dcm", 1, 192, 256)
        idle, _, _ = worker_peak(folder / "small.dcm", folder / "small")
        for kind, jpeg in (("native", False), ("JPEG Baseline", True)):
            path = folder / "cine.dcm"
            write_moving(path, 600, jpeg=jpeg)
            peak, outcome, seconds = worker_peak(path, folder / kind)
            told = f"{peak:.0f} MB, {peak - idle:.0f} MB above one small frame"
            print(f"run      600 frames, {kind}: {told}, {outcome}, {seconds:.0f} s", flush=True)
            path.unlink()
            shutil.rmtree(folder / kind)


def worker_peak(path: Path, output: Path, *options: str) -> tuple[float, str, float]:
    """Runs `deidkit run` and watches its worker: peak of the resident set in MB, what became of the file, and seconds."""
    command = [sys.executable, "-m", "deidkit", "run", str(path), "--output", str(output), "--json", *options]
    key = output.with_suffix(".key")
    subprocess.run([sys.executable, "-m", "deidkit", "keys", "new", str(key)], check=True, capture_output=True)
    began, most = time.monotonic(), 0.0
    with subprocess.Popen([*command, "--key", str(key)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
        while running.poll() is None:
            most = max([most, *map(peak_of, children(running.pid))])
            time.sleep(0.05)
    outcome = json.loads((output / "private" / "manifest.jsonl").read_text().splitlines()[-1])
    return most, " ".join([outcome["outcome"], *outcome.get("reasons", [])]), time.monotonic() - began


def children(process: int) -> list[int]:
    with contextlib.suppress(OSError):
        return [int(child) for child in Path(f"/proc/{process}/task/{process}/children").read_text().split()]
    return []


def peak_of(process: int) -> float:
    """MB; 0 for a process that has ended."""
    with contextlib.suppress(OSError, IndexError):
        return int(Path(f"/proc/{process}/status").read_text().split("VmHWM:")[1].split()[0]) / 1024
    return 0.0


def high_water() -> float:
    """Peak of the resident set in MB. Linux keeps that of the parent over a fork in ru_maxrss, so its own count comes first."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(status.read_text().split("VmHWM:")[1].split()[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


if __name__ == "__main__":
    if sys.argv[1:2] == ["--peak"]:
        peak(Path(sys.argv[2]))
    else:
        for chosen in sys.argv[1:] or ["headers", "dct", "bare", "cine", "memory"]:
            {"headers": headers, "dct": dct, "bare": bare, "cine": cine, "memory": memory, "run": run}[chosen]()

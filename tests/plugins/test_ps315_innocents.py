"""Values that identify nobody stay, in the basic profile and in cleaned text, and do not make the sweep cry wolf."""

from __future__ import annotations

import random
from pathlib import Path

from ps315_corpus import base, person
from ps315_running import CLEAN, failures, reread, scrubbed, swept
from pydicom.datadict import dictionary_VR, tag_for_keyword
from pydicom.dataelem import DataElement

INNOCENT: dict[str, tuple[str, ...]] = {
    "ImageType": ("ORIGINAL\\PRIMARY\\AXIAL\\CT_SOM5 SPI", "DERIVED\\SECONDARY\\MPR", "ORIGINAL\\PRIMARY\\M_FFE\\M\\FFE"),
    "Modality": ("CT", "MR", "US"),
    "Manufacturer": ("SIEMENS", "GE MEDICAL SYSTEMS", "Philips Healthcare", "TOSHIBA", "FUJIFILM Corporation"),
    "ManufacturerModelName": ("SOMATOM Definition AS+", "Optima CT660", "Ingenia", "Aquilion ONE", "LOGIQ E9"),
    "SoftwareVersions": ("syngo CT VA48A", "5.4.1\\5.4.1.2", "V8.21ER003", "27\\LX\\MR Software release:DV25.1"),
    "BodyPartExamined": ("CHEST", "HEAD", "LSPINE", "EXTREMITY"),
    "SequenceName": ("*tfl3d1_16ns", "*fl2d1", "epfid2d1_64", "SE"),
    "ScanningSequence": ("SE", "GR\\IR"),
    "ScanOptions": ("HELICAL MODE", "FS\\PFP", "SAT1"),
    "ConvolutionKernel": ("B31f", "STANDARD", "FC08", "I26s\\3"),
    "FilterType": ("WEDGE_3", "LARGE BOWTIE FIL", "0"),
    "PatientPosition": ("HFS", "FFP"),
    "ContrastBolusRoute": ("IV", "Oral route"),
    "KVP": ("120", "80"),
    "ExposureTime": ("1601", "500"),
    "SliceThickness": ("5.000000", "0.75"),
    "ProtocolPlanningInformation": ("Thorax routine",),
    "AcquisitionProtocolName": ("ThoraxRoutine", "Head w/o contrast", "Abdomen_3Phase"),
    "SlicePlacement": (),
    "ReceiveCoilName": ("HeadNeck_20", "8HRBRAIN", "Body 18"),
    "PulseSequenceName": ("epi", "tse", "B-FFE"),
    "MRAcquisitionType": ("3D",),
    "ImagedNucleus": ("1H",),
    "AngioFlag": ("N",),
    "WindowCenterWidthExplanation": ("WINDOW1\\WINDOW2", "LUNG\\BONE", "NORMAL"),
    "RescaleType": ("HU", "US"),
    "LossyImageCompressionMethod": ("ISO_10918_1",),
    "PhotometricInterpretation": ("MONOCHROME2",),
    "PresentationLUTShape": ("IDENTITY",),
    "SeriesNumber": ("2", "401"),
    "InstanceNumber": ("17", "300"),
    "ImageComments": (),
    "Laterality": ("L", "R"),
    "ViewPosition": ("PA", "MLO"),
    "PositionReferenceIndicator": ("SN", "XY"),
    "FrameLabel": ("Frame 12", "rest"),
    "SegmentLabel": ("Liver", "Left kidney", "GTV-1"),
    "BeamName": ("Field 1 AP", "Arc 2", "LAO 45"),
    "TransducerData": ("C1-5-D", "9L-D"),
    "ProcessingFunction": ("HARMONIC", "COMPOUND"),
    "DetectorDescription": ("DRX-1", "CsI scintillator"),
    "RadiopharmaceuticalRoute": ("INTRAVENOUS",),
    "Radiopharmaceutical": ("FDG", "Tc-99m MDP"),
    "HistogramExplanation": ("luminance",),
    "LUTExplanation": ("Hounsfield units",),
    "GraphicLayerDescription": ("measurements",),
}
DESCRIPTORS = {
    "StudyDescription": (
        "CT Abdomen Pelvis w contrast",
        "MR BRAIN W WO",
        "XR CHEST 2 VIEWS PA AND LAT",
        "MAMMO SCREENING BILAT",
        "Knie li. 2 Ebenen",
        "US ABDOMEN COMPLETE",
        "PET/CT Skull Base to Mid Thigh",
        "Lendenwirbelsäule",
        "CTA CHEST PE PROTOCOL",
    ),
    "SeriesDescription": (
        "t1_mprage_sag_p2_iso",
        "ep2d_diff_3scan_trace_p2_ADC",
        "AX T2 FLAIR FS",
        "Thorax  5.0  B31f",
        "LUNG 1.25MM",
        "Cor PD FatSat",
        "3-plane Loc SSFSE",
        "DIXON_water",
        "sT2W_FLAIR",
        "Topogram  0.6  T20f",
        "AAHead_Scout",
        "SUB ARTERIAL - NATIVE",
        "RECON 2: LIVER",
    ),
    "ProtocolName": (
        "1.1 Thorax Routine",
        "6.5 SOFT TISSUE NECK",
        "Abdomen/Pelvis Portal Venous",
        "SHOULDER RIGHT",
    ),
    "ContrastBolusAgent": (
        "Omnipaque 350",
        "Gadovist 1.0 mmol/ml",
        "ULTRAVIST 370",
    ),
    "DerivationDescription": (
        "Average Intensity Projection",
        "MIP 10mm",
        "ADC map",
    ),
    "ImageComments": (
        "AP supine, portable",
        "Breath hold not possible",
        "delayed phase 15 min p.i.",
    ),
}


def test_innocent_values_stay(tmp_path: Path) -> None:
    kept = tried = 0
    lost = []
    kinds = {keyword: values for keyword, values in INNOCENT.items() if values and tag_for_keyword(keyword)}
    assert len(kinds) >= 40
    for seed in range(8):
        rng = random.Random(seed)
        header = base(person(100 + seed))
        put = {keyword: rng.choice(values) for keyword, values in kinds.items()}
        put |= {keyword: rng.choice(values) for keyword, values in DESCRIPTORS.items()}
        for keyword, value in put.items():
            header.add(DataElement(keyword, dictionary_VR(keyword)[:2], value.split("\\") if "\\" in value else value))
        header = reread(header)
        after, changes = scrubbed(header, clean=CLEAN)
        for keyword, value in put.items():
            tried += 1
            now = after.get(keyword)
            text = "\\".join(map(str, now)) if not isinstance(now, str) and hasattr(now, "__iter__") else str(now)
            kept += text == value
            if text != value:
                lost.append(f"{keyword}: {value} -> {text}")
        assert failures(swept(header, after, changes, tmp_path / "a.dcm")) == []
    assert kept >= 0.98 * tried, lost


def test_patients_named_like_words_do_not_quarantine_their_images(tmp_path: Path) -> None:
    names = (
        "Chest^Brandon",
        "Head^Anthony",
        "Long^Wei",
        "Small^Joan",
        "Bone^Tyrell",
        "Hand^Iris",
        "Park^Sun",
        "Li^Na",
        "Young^Peter",
    )
    for number, name in enumerate(names):
        header = base(person(200))
        header.PatientName, header.PatientID = name, ("1", "12", "123", "512", "0001", "CT", "2020", "MR1", "7")[number]
        header.SeriesDescription, header.BodyPartExamined = "CT HEAD CHEST LONG AXIS small hand bone 512 x 512", "CHEST"
        header.Rows, header.InstanceNumber, header.SliceLocation = 512, "123", "-12.5"
        header = reread(header)
        for options in ({}, {"clean": CLEAN}):
            after, changes = scrubbed(header, **options)
            assert failures(swept(header, after, changes, tmp_path / "a.dcm")) == [], name
            assert after.BodyPartExamined == "CHEST"


def test_innocent_objects_raise_no_alarm(tmp_path: Path) -> None:
    """Identities of the awkward sort (short numbers, names that are words) over pixels that look like text."""
    alarms = []
    words = (
        "LUNG",
        "Stern",
        "Klein",
        "WOLF",
        "May",
        "Rose",
        "Berg",
        "Stone",
        "Anna",
        "Otto",
        "Maria",
        "STANDARD",
        "AXIAL",
        "Kim",
        "Lee",
    )
    for seed in range(100):
        rng = random.Random(seed)
        header = base(person(300 + seed))
        header.PatientName = f"{rng.choice(words)}^{rng.choice(words)}"
        header.PatientID = str(rng.randint(1, 10 ** rng.randint(1, 8)))
        header.StudyID, header.AccessionNumber = str(rng.randint(1, 9999)), str(rng.randint(10**5, 10**7))
        header.SeriesDescription, header.ConvolutionKernel, header.FilterType = "AXIAL LUNG STANDARD", "STANDARD", "BODY"
        for _ in range(3):
            header.ImagePositionPatient = [round(rng.uniform(-500, 500), 5) for _ in range(3)]
        header.RedPaletteColorLookupTableData = bytes(rng.choice(b"0123456789ABCDEFGHIJKLMNOP") for _ in range(4000))
        header = reread(header)
        after, changes = scrubbed(header, clean=CLEAN)
        if failures(swept(header, after, changes, tmp_path / "a.dcm")):
            alarms.append(seed)
    assert alarms == []

"""What each storage SOP class stands for (PS3.4 Table B.5-1): the kind of object, and the modalities it may honestly state.

The first modality of a row is the one to assume when Modality (0008,0060) is missing. Classes of the standard that are not
listed, audio among them, are of kind ``other``; of private ones nothing is known.
"""

from __future__ import annotations

from dataclasses import dataclass

from pydicom.uid import UID


@dataclass(frozen=True, slots=True)
class Meaning:
    """``modalities`` is empty where the class says nothing of it, as a secondary capture does."""

    kind: str
    modalities: tuple[str, ...] = ()


# In place of "ImageStorage" at the end of a keyword stands "*".
_IMAGES = {
    "CR DX RG": "ComputedRadiography*",
    "DX CR PX IO RG": "DigitalXRay*ForPresentation DigitalXRay*ForProcessing",
    "MG": "DigitalMammographyXRay*ForPresentation DigitalMammographyXRay*ForProcessing BreastTomosynthesis* "
    "BreastProjectionXRay*ForPresentation BreastProjectionXRay*ForProcessing",
    "IO PX DX": "DigitalIntraOralXRay*ForPresentation DigitalIntraOralXRay*ForProcessing",
    "CT PT NM": "CT* EnhancedCT* LegacyConvertedEnhancedCT*",
    "MR": "MR* EnhancedMR* EnhancedMRColor* LegacyConvertedEnhancedMR*",
    "US IVUS BDUS": "Ultrasound* UltrasoundMultiFrame* UltrasoundImageStorageRetired UltrasoundMultiFrameImageStorageRetired "
    "EnhancedUSVolumeStorage",
    "PA": "Photoacoustic*",
    "XA RF DX": "XRayAngiographic* EnhancedXA* XRayAngiographicBiPlane* XRay3DAngiographic*",
    "RF XA DX CR": "XRayRadiofluoroscopic* EnhancedXRF*",
    "PX IO CT DX": "XRay3DCraniofacial*",
    "NM": "NuclearMedicine* NuclearMedicineImageStorageRetired",
    "PT": "PositronEmissionTomography* LegacyConvertedEnhancedPET* EnhancedPET*",
    "IVOCT": "IntravascularOpticalCoherenceTomography*ForPresentation IntravascularOpticalCoherenceTomography*ForProcessing",
    "ES": "VLEndoscopic* VideoEndoscopic*",
    "GM SM": "VLMicroscopic* VideoMicroscopic*",
    "SM GM": "VLSlideCoordinatesMicroscopic* VLWholeSlideMicroscopy*",
    "XC OP DMS GM IO ES": "VLPhotographic* VideoPhotographic*",
    "OP XC": "OphthalmicPhotography8Bit* OphthalmicPhotography16Bit* "
    "WideFieldOphthalmicPhotographyStereographicProjection* WideFieldOphthalmicPhotography3DCoordinates*",
    "OPT OCT": "OphthalmicTomography* OphthalmicOpticalCoherenceTomographyEnFace*",
    "DMS XC": "DermoscopicPhotography* ConfocalMicroscopy* ConfocalMicroscopyTiledPyramidal*",
    "OPM": "OphthalmicThicknessMapStorage CornealTopographyMapStorage",
    "RTIMAGE": "RT* EnhancedRT* EnhancedContinuousRT*",
    "RTDOSE": "RTDoseStorage",
}
_OTHERS = {
    "capture": "SecondaryCapture* MultiFrameSingleBitSecondaryCapture* MultiFrameGrayscaleByteSecondaryCapture* "
    "MultiFrameGrayscaleWordSecondaryCapture* MultiFrameTrueColorSecondaryCapture*",
    "sr": "BasicTextSRStorage EnhancedSRStorage ComprehensiveSRStorage Comprehensive3DSRStorage ExtensibleSRStorage "
    "ProcedureLogStorage MammographyCADSRStorage KeyObjectSelectionDocumentStorage ChestCADSRStorage "
    "XRayRadiationDoseSRStorage RadiopharmaceuticalRadiationDoseSRStorage ColonCADSRStorage ImplantationPlanSRStorage "
    "AcquisitionContextSRStorage SimplifiedAdultEchoSRStorage PatientRadiationDoseSRStorage "
    "PlannedImagingAgentAdministrationSRStorage PerformedImagingAgentAdministrationSRStorage "
    "EnhancedXRayRadiationDoseSRStorage WaveformAnnotationSRStorage SpectaclePrescriptionReportStorage "
    "MacularGridThicknessAndVolumeReportStorage",
    "pr": "GrayscaleSoftcopyPresentationStateStorage ColorSoftcopyPresentationStateStorage "
    "PseudoColorSoftcopyPresentationStateStorage BlendingSoftcopyPresentationStateStorage "
    "XAXRFGrayscaleSoftcopyPresentationStateStorage GrayscalePlanarMPRVolumetricPresentationStateStorage "
    "CompositingPlanarMPRVolumetricPresentationStateStorage AdvancedBlendingPresentationStateStorage "
    "VolumeRenderingVolumetricPresentationStateStorage SegmentedVolumeRenderingVolumetricPresentationStateStorage "
    "MultipleVolumeRenderingVolumetricPresentationStateStorage VariableModalityLUTSoftcopyPresentationStateStorage",
    "rt": "RTStructureSetStorage RTBeamsTreatmentRecordStorage RTPlanStorage RTBrachyTreatmentRecordStorage "
    "RTTreatmentSummaryRecordStorage RTIonPlanStorage RTIonBeamsTreatmentRecordStorage RTPhysicianIntentStorage "
    "RTSegmentAnnotationStorage RTRadiationSetStorage CArmPhotonElectronRadiationStorage TomotherapeuticRadiationStorage "
    "RoboticArmRadiationStorage RTRadiationRecordSetStorage RTRadiationSalvageRecordStorage",
    "waveform": "TwelveLeadECGWaveformStorage GeneralECGWaveformStorage AmbulatoryECGWaveformStorage "
    "General32bitECGWaveformStorage HemodynamicWaveformStorage CardiacElectrophysiologyWaveformStorage "
    "ArterialPulseWaveformStorage RespiratoryWaveformStorage MultichannelRespiratoryWaveformStorage "
    "RoutineScalpElectroencephalogramWaveformStorage ElectromyogramWaveformStorage ElectrooculogramWaveformStorage "
    "SleepElectroencephalogramWaveformStorage BodyPositionWaveformStorage",
    "document": "EncapsulatedPDFStorage EncapsulatedCDAStorage EncapsulatedSTLStorage EncapsulatedOBJStorage "
    "EncapsulatedMTLStorage",
    "seg": "SegmentationStorage",
}


def _table() -> dict[str, Meaning]:
    table = {}
    for modalities, keywords in _IMAGES.items():
        meaning = Meaning("image", tuple(modalities.split()))
        table.update({keyword.replace("*", "ImageStorage"): meaning for keyword in keywords.split()})
    for kind, keywords in _OTHERS.items():
        table.update({keyword.replace("*", "ImageStorage"): Meaning(kind) for keyword in keywords.split()})
    return table


BY_KEYWORD = _table()
OTHER = Meaning("other")


def meaning_of(uid: str) -> Meaning | None:
    """What a SOP Class UID stands for: kind ``other`` when it is standard but not listed here, None when it is private."""
    keyword = UID(uid).keyword
    return BY_KEYWORD.get(keyword, OTHER) if keyword else None

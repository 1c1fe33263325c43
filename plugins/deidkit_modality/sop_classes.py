"""What each storage SOP class stands for (PS3.4 Tables B.5-1 and GG.3-1, and the retired ones of PS3.6 Table A-1).

The first modality of a row is the one to assume when Modality (0008,0060) is missing. Classes of the standard that are not
listed here are of kind ``other``, those of other roots of kind ``private``.
"""

from __future__ import annotations

from dataclasses import dataclass

from pydicom.uid import UID


@dataclass(frozen=True, slots=True)
class Meaning:
    """``modalities`` are those that an image of the class may honestly state; none where the class says nothing of it, as a
    secondary capture does. ``bare`` is the kind of an object without pixel data, where the class allows that.
    """

    kind: str
    modalities: tuple[str, ...] = ()
    bare: str = ""


# In place of "ImageStorage" at the end of a keyword stands "*".
_IMAGES = {
    "CR DX RG": "ComputedRadiography*",
    "DX CR PX IO RG": "DigitalXRay*ForPresentation DigitalXRay*ForProcessing",
    "MG": "DigitalMammographyXRay*ForPresentation DigitalMammographyXRay*ForProcessing BreastTomosynthesis* "
    "BreastProjectionXRay*ForPresentation BreastProjectionXRay*ForProcessing",
    "IO PX DX": "DigitalIntraOralXRay*ForPresentation DigitalIntraOralXRay*ForProcessing",
    "CT PT NM": "CT* EnhancedCT* LegacyConvertedEnhancedCT* CT*ForProcessing EnhancedCT*ForProcessing "
    "LegacyConvertedEnhancedCT*ForProcessing",
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
    "XC OP DMS GM IO ES": "VLPhotographic* VideoPhotographic* VL*Trial VLMultiFrame*Trial",
    "OP XC": "OphthalmicPhotography8Bit* OphthalmicPhotography16Bit* "
    "WideFieldOphthalmicPhotographyStereographicProjection* WideFieldOphthalmicPhotography3DCoordinates*",
    "OPT OCT": "OphthalmicTomography* OphthalmicOpticalCoherenceTomographyEnFace*",
    "DMS XC": "DermoscopicPhotography* ConfocalMicroscopy* ConfocalMicroscopyTiledPyramidal*",
    "RTIMAGE": "RT* EnhancedRT* EnhancedContinuousRT*",
}
_OTHERS = {
    "capture": "SecondaryCapture* MultiFrameSingleBitSecondaryCapture* MultiFrameGrayscaleByteSecondaryCapture* "
    "MultiFrameGrayscaleWordSecondaryCapture* MultiFrameTrueColorSecondaryCapture* HardcopyGrayscale* HardcopyColor*",
    "seg": "SegmentationStorage LabelMapSegmentationStorage HeightMapSegmentationStorage",
    "map": "ParametricMapStorage RTDoseStorage OphthalmicThicknessMapStorage CornealTopographyMapStorage "
    "OphthalmicOpticalCoherenceTomographyBscanVolumeAnalysisStorage",
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
    "MultipleVolumeRenderingVolumetricPresentationStateStorage VariableModalityLUTSoftcopyPresentationStateStorage "
    "WaveformPresentationStateStorage WaveformAcquisitionPresentationStateStorage BasicStructuredDisplayStorage",
    "rt": "RTStructureSetStorage RTBeamsTreatmentRecordStorage RTPlanStorage RTBrachyTreatmentRecordStorage "
    "RTTreatmentSummaryRecordStorage RTIonPlanStorage RTIonBeamsTreatmentRecordStorage RTPhysicianIntentStorage "
    "RTSegmentAnnotationStorage RTRadiationSetStorage CArmPhotonElectronRadiationStorage TomotherapeuticRadiationStorage "
    "RoboticArmRadiationStorage RTRadiationRecordSetStorage RTRadiationSalvageRecordStorage "
    "TomotherapeuticRadiationRecordStorage CArmPhotonElectronRadiationRecordStorage RoboticRadiationRecordStorage "
    "RTRadiationSetDeliveryInstructionStorage RTTreatmentPreparationStorage RTPatientPositionAcquisitionInstructionStorage "
    "RTBeamsDeliveryInstructionStorage RTBrachyApplicationSetupDeliveryInstructionStorage",
    "waveform": "TwelveLeadECGWaveformStorage GeneralECGWaveformStorage AmbulatoryECGWaveformStorage "
    "General32bitECGWaveformStorage HemodynamicWaveformStorage CardiacElectrophysiologyWaveformStorage "
    "ArterialPulseWaveformStorage RespiratoryWaveformStorage MultichannelRespiratoryWaveformStorage "
    "RoutineScalpElectroencephalogramWaveformStorage ElectromyogramWaveformStorage ElectrooculogramWaveformStorage "
    "SleepElectroencephalogramWaveformStorage BodyPositionWaveformStorage",
    "registration": "SpatialRegistrationStorage DeformableSpatialRegistrationStorage SpatialFiducialsStorage "
    "StereometricRelationshipStorage",
    "surface": "SurfaceSegmentationStorage TractographyResultsStorage",
    "measurement": "MRSpectroscopyStorage RealWorldValueMappingStorage LensometryMeasurementsStorage "
    "AutorefractionMeasurementsStorage KeratometryMeasurementsStorage SubjectiveRefractionMeasurementsStorage "
    "VisualAcuityMeasurementsStorage OphthalmicAxialMeasurementsStorage IntraocularLensCalculationsStorage "
    "OphthalmicVisualFieldStaticPerimetryMeasurementsStorage",
    "annotation": "MicroscopyBulkSimpleAnnotationsStorage ContentAssessmentResultsStorage",
    "protocol": "CTPerformedProcedureProtocolStorage XAPerformedProcedureProtocolStorage",
    "non_patient": "HangingProtocolStorage ColorPaletteStorage GenericImplantTemplateStorage ImplantTemplateGroupStorage "
    "CTDefinedProcedureProtocolStorage XADefinedProcedureProtocolStorage ProtocolApprovalStorage",
    "document": "EncapsulatedPDFStorage EncapsulatedCDAStorage EncapsulatedSTLStorage EncapsulatedOBJStorage "
    "EncapsulatedMTLStorage ImplantAssemblyTemplateStorage",
    "audio": "BasicVoiceAudioWaveformStorage GeneralAudioWaveformStorage",
    "surface_scan": "SurfaceScanMeshStorage SurfaceScanPointCloudStorage",
    "raw": "RawDataStorage",
    "inventory": "InventoryStorage",
    "non_medical": "DICOSCT* DICOSDigitalXRay*ForPresentation DICOSDigitalXRay*ForProcessing "
    "DICOSThreatDetectionReportStorage DICOS2DAITStorage DICOS3DAITStorage DICOSQuadrupoleResonanceStorage EddyCurrent* "
    "EddyCurrentMultiFrame* Thermography* ThermographyMultiFrame* UltrasoundWaveformStorage",
    "retired": "StandaloneOverlayStorage StandaloneCurveStorage StandaloneModalityLUTStorage StandaloneVOILUTStorage "
    "StandalonePETCurveStorage StoredPrintStorage WaveformStorageTrial TextSRStorageTrial AudioSRStorageTrial "
    "DetailSRStorageTrial ComprehensiveSRStorageTrial RTBeamsDeliveryInstructionStorageTrial",
}
_BARE = {"RTDoseStorage": "rt"}
"""An RT Dose may hold a dose-volume histogram and no grid (PS3.3 A.18)."""

LATER = {
    "1.2.840.10008.5.1.4.1.1.2.3": "CTImageStorageForProcessing",
    "1.2.840.10008.5.1.4.1.1.2.4": "EnhancedCTImageStorageForProcessing",
    "1.2.840.10008.5.1.4.1.1.2.5": "LegacyConvertedEnhancedCTImageStorageForProcessing",
    "1.2.840.10008.5.1.4.1.1.9.100.1": "WaveformPresentationStateStorage",
    "1.2.840.10008.5.1.4.1.1.9.100.2": "WaveformAcquisitionPresentationStateStorage",
    "1.2.840.10008.5.1.4.1.1.66.7": "LabelMapSegmentationStorage",
    "1.2.840.10008.5.1.4.1.1.66.8": "HeightMapSegmentationStorage",
    "1.2.840.10008.5.1.4.1.1.601.3": "ThermographyImageStorage",
    "1.2.840.10008.5.1.4.1.1.601.4": "ThermographyMultiFrameImageStorage",
    "1.2.840.10008.5.1.4.1.1.601.5": "UltrasoundWaveformStorage",
}
"""SOP Class UID -> keyword, where pydicom may not know it yet."""


def _table() -> dict[str, Meaning]:
    table = {}
    for modalities, keywords in _IMAGES.items():
        meaning = Meaning("image", tuple(modalities.split()))
        table.update({keyword.replace("*", "ImageStorage"): meaning for keyword in keywords.split()})
    for kind, keywords in _OTHERS.items():
        names = [keyword.replace("*", "ImageStorage") for keyword in keywords.split()]
        table.update({name: Meaning(kind, bare=_BARE.get(name, "")) for name in names})
    return table


BY_KEYWORD = _table()
OTHER, PRIVATE = Meaning("other"), Meaning("private")
STANDARD_ROOT = "1.2.840.10008."


def meaning_of(uid: str) -> Meaning:
    """What a SOP Class UID stands for: kind ``other`` when it is standard but not listed here."""
    keyword = LATER.get(uid) or UID(uid).keyword
    return BY_KEYWORD.get(keyword, OTHER if uid.startswith(STANDARD_ROOT) else PRIVATE)

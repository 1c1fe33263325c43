"""Words that say where and how an image was taken, not whose it is. Folded: lower case, no accents."""

from __future__ import annotations

from functools import cache


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


LATERALITY = _words(
    "l r lt rt lft rgt left right links rechts gauche droite droit izq izquierda derecha sinistra destra direita"
)
POSITION = _words("""
    ap pa lat lateral lll rll obl oblique lao rao lpo rpo cc mlo ml lm xccl erect upright semi-upright semi semierect supine
    prone decub decubitus sitting standing stehend liegend bettaufnahme portable port mobile bucky table grid cran caud
    cranial caudal axial sagittal coronal ax sag cor tra trans transverse long longitudinal h a p s i ail psr air asl pil
    asr pir hfs ffs hfp ffp insp exp inspiration expiration flexion extension flex ext neutral weightbearing wb stress open
    mouth swimmer swimmers frog leg odontoid scout localizer superior inferior anterior posterior medial proximal distal
    dist prox
""")
UNITS = _words("""
    mm cm um µm nm mm2 cm2 cm3 ml l cc mmhg hz khz mhz ghz db ms s sec min bpm fps % kv kvp ma mas ua uas mgy gy msv cgy
    hu deg degrees degree ° mw w mw/cm2 cm/s m/s mm/s ms/div g kg ug mg px pixel x t tesla ppm kg/m2 sp °c c
""")
TECHNICAL = _words("""
    mi ti tis tib tic tls itm δ gn gain
    dr dyn dynamic range frq freq frequency fr rate fps depth zoom focus res gen pen hgen hpen
    rs low med medium high hi lo max min opt persist map col colour color cmap 2d 3d 4d b pw cw cfm cpa cdi doppler prf
    wf wall filter flow power pwr rej reject smooth frmavg frame avg average lndens density imenh enh enhance nv pv de xv
    sri harmonic har thi ntti nthi tissue smc sv angle dva speed normal run stop store progress in fov dfov w wl ww window
    level c l kv kvp ma mas exposure index ei dap te tr flip fa nex nsa etl bw slice thk thickness spacing sp tilt gantry
    kernel bone soft standard surface matrix lut gamma sharpness edge hr ecg rf lp hp inv invert adult pediatric small parts
    ultrasound sonography radiography tomography fluoroscopy mammography endoscopy angio angiography mri ct mr us xr cr dx
    philips siemens toshiba canon hitachi samsung medison mindray esaote voluson logiq acuson aplio epiq affiniti olympus
    pentax fujifilm fuji kodak agfa carestream hologic ge normal res-a cfm tgc agc snr gop ddr xvc prc prs pst nc codo
    jpeg lossy compressed compression image im se img ser series of general gen msk tac tcd abd vasc echo adv card cardiac
    preset
""")
MODALITIES = _words("ct mr mri us xr cr dx adult pediatric")
"""Of these, what says nothing of the number beside it, which may be an age or the end of an accession number."""
COMPANIONS = _words("i ii iii ev tv ta st opt v g p d t k")
"""Words that are understood only beside others: single letters are initials and ``II`` follows a name when they stand alone."""
SURNAMES = _words("""
    an bone brain bright channel foot frame hand harm head heart hi high hip knee la lo long low lung ma mark neck oh port power
    ray rib ross sharp short small spine stone stress sun thi thumb tissue tu winter wood
""")
"""Words of the lists above, and of their kind, that are family names as well."""
GIVEN = _words("max")
BODY_NAMES = _words("bone brain chest colon foot hand head heart hip knee lung mass neck rib spine thumb valve")
"""Of the lists above: given names, and family names that only beside one of those are read as such."""
ANATOMY = _words("""
    chest thorax abdomen abdominal pelvis pelvic head neck skull brain bone spine cervical thoracic lumbar sacrum sacral coccyx
    shoulder clavicle scapula humerus elbow forearm radius ulna wrist hand finger thumb hip femur knee patella tibia fibula
    ankle foot toe calcaneus rib ribs sternum heart aorta aortic asc desc arch valve mitral tricuspid ventricle atrium la lv
    ra rv lung lungs liver hepatic gallbladder bile duct pancreas spleen kidney renal bladder ureter prostate uterus
    endometrium ovary ovarian testis thyroid parathyroid breast nipple axilla carotid jugular vein artery portal cava ivc
    svc esophagus oesophagus stomach pylorus duodenum jejunum ileum colon cecum rectum sigmoid larynx trachea bronchus
    cisterna magna cist mag fetus fetal placenta cord amniotic ao diam index dist vol volume area circ length width egd gi
    gyn ob obstetric gynecology cardio vascular nerve musculoskeletal orbit sinus sinuses mandible maxilla dental teeth
    barretts barrett ulcer cyst mass nodule stone calcification prepyloric antrum fundus at mca aca pca ica cca eca
""")


@cache
def _all() -> frozenset[str]:
    return LATERALITY | POSITION | TECHNICAL | ANATOMY | UNITS


def is_common(word: str) -> bool:
    """Whether a folded word belongs to the language of images and so cannot tell one institution from another."""
    return word in _all()

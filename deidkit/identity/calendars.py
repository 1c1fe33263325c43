"""What the months are called: whole and short, as they stand in a date, in the languages that hospitals write.

Where two languages call different months alike the one that comes first counts.
"""

from __future__ import annotations

from deidkit.identity.folding import fold

CALENDARS = (
    "january february march april may june july august september october november december",
    "jan feb mar apr may jun jul aug sep oct nov dec",
    "january february march april may june july aug sept october november december",
    "januar februar märz april mai juni juli august september oktober november dezember",
    "jan feb mär apr mai jun jul aug sep okt nov dez",
    "jan feb mrz apr mai jun jul aug sept okt nov dez",
    "jänner feber maerz april mai juni juli august september oktober november dezember",
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "janv févr mars avr mai juin juil août sept oct nov déc",
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "ene feb mar abr may jun jul ago sep oct nov dic",
    "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "gen feb mar apr mag giu lug ago set ott nov dic",
    "januari februari maart april mei juni juli augustus september oktober november december",
    "jan feb mrt apr mei jun jul aug sep okt nov dec",
    "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    "januari februari mars april maj juni juli augusti september oktober november december",
    "januar februar marts april maj juni juli august september oktober november desember",
    "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia",
    "ledna února března dubna května června července srpna září října listopadu prosince",
    "január február március április május június július augusztus szeptember október november december",
    "ianuarie februarie martie aprilie mai iunie iulie august septembrie octombrie noiembrie decembrie",
    "tammikuu helmikuu maaliskuu huhtikuu toukokuu kesäkuu heinäkuu elokuu syyskuu lokakuu marraskuu joulukuu",
    "ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık",
    "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
    "ιανουαρίου φεβρουαρίου μαρτίου απριλίου μαΐου ιουνίου ιουλίου αυγούστου σεπτεμβρίου οκτωβρίου νοεμβρίου δεκεμβρίου",
    "styczeń luty marzec kwiecień maj czerwiec lipiec sierpień wrzesień październik listopad grudzień",
    "leden únor březen duben květen červen červenec srpen září říjen listopad prosinec",
    "tammikuuta helmikuuta maaliskuuta huhtikuuta toukokuuta kesäkuuta heinäkuuta elokuuta syyskuuta lokakuuta "  # noqa: ISC004
    "marraskuuta joulukuuta",
    "январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь",
    "ιανουάριος φεβρουάριος μάρτιος απρίλιος μάιος ιούνιος ιούλιος αύγουστος σεπτέμβριος οκτώβριος νοέμβριος δεκέμβριος",
    "januára februára marca apríla mája júna júla augusta septembra októbra novembra decembra",
    "januar februar marec april maj junij julij avgust september oktober november december",
    "januar februar mart april maj jun jul avgust septembar oktobar novembar decembar",
    "січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня",
    "януари февруари март април май юни юли август септември октомври ноември декември",
    "gener febrer març abril maig juny juliol agost setembre octubre novembre desembre",
    "jaanuar veebruar märts aprill mai juuni juuli august september oktoober november detsember",
    "sausio vasario kovo balandžio gegužės birželio liepos rugpjūčio rugsėjo spalio lapkričio gruodžio",
    "janvāris februāris marts aprīlis maijs jūnijs jūlijs augusts septembris oktobris novembris decembris",
    "januari februari maret april mei juni juli agustus september oktober november desember",
    "janúar febrúar mars apríl maí júní júlí ágúst september október nóvember desember",
)
ROMAN = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii")
Months = tuple[str, ...]


def _named() -> dict[str, tuple[int, Months]]:
    found: dict[str, tuple[int, Months]] = {}
    for calendar in CALENDARS:
        months = tuple(calendar.split())
        for number, name in enumerate(months, 1):
            found.setdefault(name, (number, months))
            found.setdefault(fold(name), (number, tuple(map(fold, months))))
    return found


NAMED = _named()
"""The number of a month by its name in small letters, with accents and without, and the calendar that it is from."""
MONTHS = NAMED | {name: (number, ROMAN) for number, name in enumerate(ROMAN, 1)}
ANY_NAME = "|".join(sorted(NAMED, key=len, reverse=True))
"""Alternatives of a regular expression, the longest first."""

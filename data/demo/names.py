"""Names of invented companies in the scripts and habits of their countries: legitimate, whatever they look like.

Own lists, no real company meant. A name is put together from a family name or a place, a trade and a legal form.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from data.demo.dice import Dice, Wheel


@dataclass(frozen=True, slots=True)
class Tongue:
    """What companies of one language are called, and how their mail and phones look."""

    code: str
    families: tuple[str, ...]
    places: tuple[str, ...]
    trades: tuple[str, ...]
    forms: tuple[str, ...]
    patterns: tuple[str, ...]
    domain: str
    phone: str


def _words(text: str) -> tuple[str, ...]:
    """Words parted by blanks; an underscore stands for a blank inside of one."""
    return tuple(word.replace("_", " ") for word in text.split())


def _tongue(
    code: str, families: str, places: str, trades: str, forms: str, patterns: tuple[str, ...], phone: str
) -> Tongue:
    split = (_words(families), _words(places), _words(trades), _words(forms))
    return Tongue(code, *split, patterns, f"{code}.example", phone)


_WESTERN: Final = ("{f} {t} {l}", "{p} {t} {l}", "{f} & {g} {l}", "{f} {t} {p} {l}", "{t} {f} {l}")
_ROMANCE: Final = ("{t} {f} {l}", "{t} de {p} {l}", "{f} & {g} {l}", "{f} {l}", "{t} {f} et {g} {l}")
_PLAIN: Final = ("{t} {f} {l}", "{f} {t} {l}", "{t} {p} {l}", "{p} {t} {l}")
_JOINED: Final = ("{f}{t}{l}", "{l}{f}{t}", "{p}{t}{l}", "{l}{p}{f}{t}")

TONGUES: Final = (
    _tongue(
        "en",
        "Alderton Barraclough Birkett Brightwell Calloway Carrow Dunmore Eastleigh Fairweather Garside Hadleigh"
        " Hollins Ingram Kestrel Langford Marlowe Nettleton Oakes O'Rourke Pemberton Quayle Ravenhill Sedgwick"
        " Thackeray Underhill Vickers Wainwright Yardley Mac_Aodha Ó_Briain Tully D'Arcy-Finch",
        "Harbour_Street Mill_Lane Northquay Ashby_Wold Kilbrae Stonebridge Lower_Marsh Cedar_Falls Port_Ellery"
        " Westhaven Glen_Affric Prairie_View Redhill Saltcoats Two_Rivers Fox_Hollow",
        "Joinery Bakery Castings Catering Marine_Supplies Freight Optics Textiles Printworks Roofing Dairy Pumps"
        " Electrical Brewing Packaging Interiors Aggregates Garden_Centres Cold_Stores Instruments Veterinary"
        " Motor_Factors Timber Laundry Signs",
        "Ltd plc LLP Inc. LLC Co. Group_Ltd (UK)_Ltd &_Sons_Ltd",
        _WESTERN,
        "+44 20 7946 0{0:03d}",
    ),
    _tongue(
        "de",
        "Achternbusch Bärwald Dornbusch Eichhöfer Füllgrabe Grünwald Hägele Imhülsen Jäckel Köhnlein Löffelholz"
        " Mühlbach Nägeli Österle Pfäffle Quandtner Rößler Schüßler Trägner Überreiter Vögtle Wörndl Zöllner"
        " Kaltenbrunn Steinmetz Lindqvist-Maier Hartwich Böttcher-Preuß",
        "Ilmenau Oberwiesen Hafen Südring Königsfurt Straßbach Nordheide Lübben Seeland Waldmünchen Altstätten"
        " Grenzach Bad_Döblitz",
        "Feinmechanik Möbelwerkstätten Spedition Kältetechnik Bäckereien Gießerei Baustoffe Elektro Getränke"
        " Werkzeugbau Druckerei Medizintechnik Gartenbau Verpackungen Stahlhandel Fensterbau Landmaschinen"
        " Großküchen Schädlingsbekämpfung Straßenbau Textilpflege",
        "GmbH AG KG GmbH_&_Co._KG e.K. OHG UG_(haftungsbeschränkt) SE",
        _WESTERN,
        "+49 30 23125 {0:03d}",
    ),
    _tongue(
        "fr",
        "Aubépin Bérenger Châtaignier Delaunoy Éluère Fontvieille Garçonnet Héraudin Joliveau L'Hermitte Maréchaux"
        " Noël-Duprat Oisellier Prévostat Quéméneur Rochebrune Saint-Ylier Thévenard Vauquelois Yvonnier",
        "Brest-sur-Aigue Montfleury Val-d'Épine Côte-Rousse Pont-l'Abbesse Lumière Sables-Blancs Haute-Combe",
        "Brasserie Menuiserie Transports Boulangerie Maçonnerie Pépinières Imprimerie Plâtrerie Fromagerie"
        " Électricité Garage Serrurerie Négoce Vins Conserverie Hôtellerie Chaudronnerie",
        "SARL SAS SA EURL SNC &_Fils &_Cie",
        _ROMANCE,
        "+33 1 99 00 {0:02d} 41",
    ),
    _tongue(
        "es",
        "Argüello Belmontes Cañizal Domínguez-Rey Echeñique Figueroles Güell Ibáñez-Mora Larrañaga Muñárriz Núñez"
        " Ordóñez Peñalver Quiñones Riaño Zubizárraga Íñigo Albacete-Gil",
        "Estrella_del_Sur Puerto_Hondo Valdepeñas_Alto Sierra_Clara La_Coruñesa Río_Seco Málaga_Este",
        "Distribuciones Talleres Conservas Cerámicas Áridos Panadería Suministros Hostelería Maquinaria Aceites"
        " Construcciones Limpiezas Imprenta Logística",
        "S.A. S.L. S.L.U. S.Coop. e_Hijos_S.L. y_Cía.",
        _ROMANCE[:4],
        "+34 999 00 {0:03d}",
    ),
    _tongue(
        "it",
        "Albanesi Bertolucchi Castagnèr D'Incà Foscarini Ghirlandi Lo_Presti Malvolti Nicolò Orsèolo Pagliarulo"
        " Quartirolo Rubinetti Sant'Elia Tagliaferro Zanchè",
        "Valdorcia Porto_San_Luca Brianzola Monterotto Laguna Cittànova",
        "Officine Ceramiche Trasporti Salumificio Arredamenti Marmi Tipografia Caffè Filati Impianti Vetreria"
        " Fonderie Ristorazione",
        "S.r.l. S.p.A. S.n.c. S.a.s. di_Rossini_&_C.",
        _PLAIN,
        "+39 999 00 {0:03d}",
    ),
    _tongue(
        "nl",
        "Aalbersma Brouwerhof Coenraads Dijkhuizen Eggink Fokkema Groeneveldt Hoogstra IJsseldijk Kruiswijk"
        " Meeuwissen Nijenhuis Oosterwolde Postmaatje Rietdijk Schaafstra Terpstra Uylenburg Zwaagman",
        "Zuiderhaven Noordkade Veenendorp De_Waard Oud-Schellinge IJmonde",
        "Bouw Bloemen Transport Techniek Scheepswerf Bakkerij Zuivel Drukkerij Installatie Koeling Groothandel"
        " Metaal Verf",
        "B.V. N.V. V.O.F. Beheer_B.V. en_Zonen_B.V.",
        _PLAIN,
        "+31 85 000 {0:04d}",
    ),
    _tongue(
        "pl",
        "Brzęczyszczak Dąbrowicz Gołębiak Jaśkiewicz Łukaszak Mączyński Niedźwiecki Ośmiałowski Śliwakowski"
        " Wójtowiak Żółkiewicz Źródlak",
        "Podgórze Łęczno Białopole Wiślana Święty_Krzyż Zdrój",
        "Transport Hurtownia Budownictwo Meble Piekarnia Drukarnia Chłodnictwo Stolarka Części",
        "sp._z_o.o. S.A. sp.j. s.c.",
        _PLAIN,
        "+48 999 00 {0:03d}",
    ),
    _tongue(
        "sv",
        "Åkerlind Bjørnstad Dæhlin Ekström Fjællström Grønvold Hällgren Kjærsgård Lövqvist Møllerup Nyström"
        " Østergård Sjöstrand Ødegården Åsmundsen",
        "Fjordland Västerhamn Sørvika Älvdal Skærbæk Norrskär",
        "Bygg Fisk Snickeri Transport Kyl Maskin Rør Bageri Grossist Trä Elektro",
        "AB AS ApS A/S HB Oy",
        _PLAIN,
        "+46 8 465 0{0:04d}",
    ),
    _tongue(
        "cs",
        "Bělohrad Čermáček Dvořáček Hřebíček Jiříkov Kučerovic Němeček Přibylka Říhánek Šťastník Vlčekov Žďárský",
        "Horní_Újezd Bílý_Potok Třemošná Říčany-Jih Staré_Město",
        "Strojírna Pekárna Doprava Stavby Nářadí Truhlářství Tiskárna Pivovar",
        "s.r.o. a.s. v.o.s. k.s.",
        _PLAIN,
        "+420 999 00 {0:03d}",
    ),
    _tongue(
        "tr",
        "Akıncı Büyükdere Çakıroğlu Doğruöz Eğilmez Güneşli İnanır Kışlak Öztürkmen Şahinbey Üstüntaş Yıldızeli",
        "Boğazköy İzmirli Yeşilırmak Çınaraltı Gümüşova",
        "Tekstil Nakliyat Gıda İnşaat Mobilya Makine Plastik Seramik",
        "A.Ş. Ltd._Şti. Tic._A.Ş. San._Ltd._Şti.",
        _PLAIN,
        "+90 999 00 {0:03d}",
    ),
    _tongue(
        "el",
        "Αναγνωστάκης Βλαχάκος Γεωργαλάς Δελημάρης Ζερβουδάκης Καλλέργης Λιβαδάς Μαυρομιχάλης Παπαδάτος Στεφανίδης",
        "Πειραιώτικη Αιγαίο Ήπειρος Κυκλάδες Όλυμπος",
        "Μεταφορική Τρόφιμα Οικοδομική Ναυτιλιακή Τυπογραφείο Ελαιουργία",
        "Α.Ε. Ε.Π.Ε. Ο.Ε. Ι.Κ.Ε.",
        _PLAIN,
        "+30 999 00 {0:03d}",
    ),
    _tongue(
        "uk",
        "Білоконь Ґалаґан Дорошенків Єфименко Журавель Їжакевич Кравчук Підгірний Северинюк Щербань Яремчук",
        "Подільський Дніпровська Чорноморський Карпатський",
        "Логістика Будпостач Хлібозавод Метал Агропром Меблі",
        "ТОВ ПрАТ ФОП",
        ("{l} «{t} {f}»", "{l} «{p} {t}»", "{t} {f} {l}"),
        "+380 99 000 {0:04d}",
    ),
    _tongue(
        "ja",
        "青葉 朝比奈 磯崎 上星川 小野寺 柏原 北見沢 桜庭 白鳥沢 高砂野 立花井 中禅寺 西園木 星野原 三鷹屋 山吹",
        "東海浜 瀬戸内野 北関 みなと 富士見台 さくら坂",
        "商事 製作所 物産 精機 食品 運輸 印刷 電子工業 建材 水産 フーズ システム",
        "株式会社 有限会社 合同会社",
        _JOINED,
        "+81 3 0000 {0:04d}",
    ),
    _tongue(
        "zh",
        "恒远达 鑫隆泰 瑞丰源 海博顺 金桥诚 天合宁 宏盛嘉 明德信",
        "东港 南岭 西湾 北江 临海",
        "机械 贸易 电子 纺织 物流 包装 五金 食品",
        "有限公司 股份有限公司 集团有限公司",
        ("{p}{f}{t}{l}", "{f}{t}{l}"),
        "+86 999 0000 {0:04d}",
    ),
    _tongue(
        "ko",
        "한울빛 가온누리 새벽별 다솜터 미르재 푸른솔 해오름",
        "서해 동백 남강 한빛",
        "물산 전자 식품 기계 상사 물류",
        "주식회사 유한회사",
        ("{l} {f}{t}", "{f}{t} {l}", "{p}{t} {l}"),
        "+82 2 0000 {0:04d}",
    ),
    _tongue(
        "ar",
        "النخيل الواحة الميناء الفجر السنبلة القمة البحر_الأزرق الريان",
        "الساحل الشرق الوادي الجزيرة",
        "للتجارة للمقاولات للنقل للأغذية للطباعة للمعدات",
        "ذ.م.م. ش.م.م. المحدودة",
        ("شركة {f} {t} {l}", "شركة {p} {f} {t}", "مؤسسة {f} {t}"),
        "+971 4 000 {0:04d}",
    ),
    _tongue(
        "he",
        "גלבוע שקמה תבור כרמית אלמוג נרקיס ארזים",
        "הצפון השרון הנגב הגליל",
        "תעשיות שיווק הובלות דפוס מזון ציוד",
        'בע"מ שותפות',
        ("{f} {t} {l}", "{t} {p} {l}", "{f} {t} {p} {l}"),
        "+972 99 000 {0:04d}",
    ),
)

_SHARES: Final = {
    "en": 26, "de": 20, "fr": 12, "es": 8, "it": 7, "nl": 8, "pl": 4, "sv": 4, "cs": 2, "tr": 2, "el": 1.5,
    "uk": 1, "ja": 3, "zh": 1.2, "ko": 0.5, "ar": 0.8, "he": 0.5,
}  # fmt: skip

TONGUE_WHEEL: Final = Wheel([(tongue, _SHARES[tongue.code]) for tongue in TONGUES])

CURRENCIES: Final = {
    tongue.code: Wheel(
        {
            "en": [("GBP", 40.0), ("USD", 32.0), ("EUR", 28.0)],
            "de": [("EUR", 88.0), ("CHF", 12.0)],
            "fr": [("EUR", 93.0), ("CHF", 7.0)],
            "ja": [("JPY", 90.0), ("USD", 10.0)],
            "zh": [("USD", 80.0), ("EUR", 20.0)],
            "ko": [("USD", 90.0), ("EUR", 10.0)],
            "ar": [("USD", 75.0), ("EUR", 25.0)],
            "tr": [("EUR", 70.0), ("USD", 30.0)],
        }.get(tongue.code, [("EUR", 1.0)])
    )
    for tongue in TONGUES
}


def company_name(tongue: Tongue, dice: Dice) -> str:
    """A name as a company of that language bears it."""
    family = dice.pick(tongue.families)
    second = dice.pick(tongue.families)
    name = dice.pick(tongue.patterns).format(
        f=family,
        g=second if second != family else dice.pick(tongue.places),
        p=dice.pick(tongue.places),
        t=dice.pick(tongue.trades),
        l=dice.pick(tongue.forms),
    )
    return " ".join(name.split())


def branch_name(head: str, tongue: Tongue, dice: Dice, place: int) -> str:
    """The name of a branch of a head office, told apart by place and number."""
    return (
        f"{head} {dice.pick(tongue.places)} {place:02d}"
        if place > 1
        else f"{head} {dice.pick(tongue.places)}"
    )

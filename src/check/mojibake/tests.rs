use encoding_rs::{Encoding, KOI8_R, WINDOWS_1251, WINDOWS_1252};

use super::*;

fn kinds(text: &str) -> Vec<Mojibake> {
    let shows = MojibakeSet::of(text);
    let kinds = Mojibake::ALL.into_iter();
    kinds.filter(|kind| shows.contains(*kind)).collect()
}

/// A text in one encoding, read in another.
fn read_as(text: &str, written: &'static Encoding, read: &'static Encoding) -> String {
    let (bytes, _, _) = written.encode(text);
    let (text, _) = read.decode_without_bom_handling(&bytes);
    text.into_owned()
}

fn utf8_as(text: &str, read: &'static Encoding) -> String {
    read.decode_without_bom_handling(text.as_bytes())
        .0
        .into_owned()
}

/// What people write.
const TEXTS: &[&str] = &[
    "",
    "Plain English, isn't it? What?? Really???!",
    "Клиент просил перезвонить в четверг. Счёт № 15 – «Ромашка», СССР» и РФ…",
    "Сёмин, Сёма и Рёриховское общество; ТОВАРИЩЕСТВО «РУСЬ»",
    "Ребята, ну что там с договором????!",
    "Когда???? Ответьте!!! ????",
    "С…С…С какой стати",
    "Січень, Рівне, Сєвєродонецьк, РІК, СІРІ дні, ЄС, Її подарунок",
    "Қазақстан Республикасы, үй, өнім, ғылым, һәм Ірі қара",
    "Белару́сь, ўсё, Сьвет, РЎМ",
    "срџба, џеп, вучји чопор, ђак, њива, Љубица, Ђорђе, Гјорче Петров",
    "Größe, Straße, Äpfel, Übung, „Ü“, ÄÖÜ…, MÜLLER® GmbH, Ärger",
    "été, à côté, œuvre, ÉCOLE… CAFÉ”, LES « À » MAJUSCULES, L’ÉTÉ–HIVER, Âge, Île",
    "créée, réélue, naïf, européennes, où ça, 20 °C, ÂGÉE",
    "São Paulo, NÃO, MAÇÃ”, MAÇÃ…, informação, coração, IRMÃ»",
    "¿Qué? ¡Señor Muñoz! ESPAÑA, niño, PIÑA",
    "zażółć gęślą jaźń, ŁÓDŹ, Ćwiek",
    "příliš žluťoučký kůň, ČSA",
    "Müşteri görüşmesi, ığüşöç, İSTANBUL, ÇÖĞÜŞ",
    "jäääär, töööö, Öööö, Õhtu, ÄÄRED",
    "þíðviðri, óþýð, þýðing, ÞÓRÐUR, Ægir, öðruvísi",
    "Ångström, Åse, på 20 °C, ÅÄÖ",
    "日本語のテキスト。本当？？？？",
    "let x = a ?? b ?? c ?? d; if (a ? b : c) ?. ?? x_x_x",
    "http://example.com/?a=1&b=?? and _xyz_ and __init__ and user_x12_",
    "Что делать ???",
    "?",
    "???",
    "? ? ?",
    "5 × 5 ÷ 2 ½ ¼ €100 £20",
];

#[test]
fn what_people_write_is_no_mojibake() {
    for text in TEXTS {
        assert_eq!(kinds(text), [], "{text}");
    }
}

#[test]
fn each_kind_is_known() {
    use Mojibake::*;
    for (text, kind) in [
        ("РџСЂРёРІРµС‚", Utf8AsWindows1251),
        ("Ð¿Ñ€", Utf8AsWindows1252),
        ("ÐŸÑ€Ð¸Ð²ÐµÑ‚", Utf8AsWindows1252),
        ("Ïðèâåò, Êëèåíò", Windows1251AsWindows1252),
        ("?????? ????, ???????? 15", QuestionMarks),
        ("??????, ??????? Ivan", QuestionMarks),
        ("????????", QuestionMarks),
        ("При\u{fffd}ет", ReplacementCharacter),
        ("line_x000D_\nline", ExcelEscape),
        ("it costs _x000a_", ExcelEscape),
        ("MГјller", Utf8AsWindows1251),
        ("Itвђ™s", Utf8AsWindows1251),
        ("Itâ€™s fine", Utf8AsWindows1252),
        ("price â‚¬ 5", Utf8AsWindows1252),
        ("20Â°C", Utf8AsWindows1252),
        ("GrÃ¶ÃŸe", Utf8AsWindows1252),
        ("Ã©tÃ©", Utf8AsWindows1252),
        ("poczÄ…tek", Utf8AsWindows1252),
        ("thanks ðŸ˜€", Utf8AsWindows1252),
    ] {
        let text = text.replace("вђ", "вЂ");
        assert_eq!(kinds(&text), [kind], "{text}");
    }
}

#[test]
fn sentences_are_known_however_they_were_spoiled() {
    for text in [
        "Клиент просил перезвонить",
        "Рахунок сплачено, чекаємо",
        "Счёт № 15",
        "ДОГОВОР",
    ] {
        let spoiled = utf8_as(text, WINDOWS_1251);
        assert!(
            kinds(&spoiled).contains(&Mojibake::Utf8AsWindows1251),
            "{spoiled}"
        );
        let spoiled = utf8_as(text, WINDOWS_1252);
        assert!(
            kinds(&spoiled).contains(&Mojibake::Utf8AsWindows1252),
            "{spoiled}"
        );
        let spoiled = read_as(text, WINDOWS_1251, WINDOWS_1252);
        assert!(
            kinds(&spoiled).contains(&Mojibake::Windows1251AsWindows1252) || text.contains('№'),
            "{spoiled}"
        );
    }
    for text in [
        "Größe prüfen",
        "déjà vu à l’école",
        "zażółć gęślą jaźń",
        "informação",
        "mañana – señor",
    ] {
        for read in [WINDOWS_1251, WINDOWS_1252] {
            let spoiled = utf8_as(text, read);
            let is_polish_as_1251 = read == WINDOWS_1251 && text.contains('ż');
            assert!(
                is_polish_as_1251 || !kinds(&spoiled).is_empty(),
                "{spoiled}"
            );
        }
    }
    let again = utf8_as(&utf8_as("Привет", WINDOWS_1252), WINDOWS_1252);
    assert!(
        kinds(&again).contains(&Mojibake::Utf8AsWindows1252),
        "{again}"
    );
    let koi = read_as("Привет", KOI8_R, WINDOWS_1252);
    assert!(!kinds(&koi).is_empty(), "{koi}");
}

proptest::proptest! {
    #[test]
    fn any_text_is_looked_at(text in "[a-zРСГрџвЂЀ-ӿÀ-ÿ\u{80}-\u{bf}?_x0D\u{fffd} ]{0,40}") {
        MojibakeSet::of(&text);
    }
}

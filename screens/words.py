"""Rows, amounts and times as the words and cells that a person reads; pure, and told what time it is."""

from __future__ import annotations

from screens.cells import cell_len, set_cell_size

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import UTC, date, datetime, time, timedelta

    from arqueue.errors import ArqueueError
    from data.broker.protocol import ApprovalRow, CommandRow, ErrorRow, ItemRow, QueueRow, SavedViewRow
else:  # the same, without their twins in Python, which take longer to read than the rest of the first frame
    from _datetime import UTC, date, datetime, time, timedelta

KINDS = {
    "returned": "RETURNED",
    "payment": "PAYMENT",
    "dispute": "DISPUTE",
    "promise": "PROMISE",
    "overdue": "OVERDUE",
    "credit": "CREDIT",
    "hold": "HOLD",
    "audit": "AUDIT",
    "failure": "FAILURE",
    "escalation": "ESCALATED",
}
STATES = {
    "pending": "waits for approval",
    "queued": "queued",
    "sending": "sending",
    "unknown": "OUTCOME UNKNOWN",
    "posted": "posted",
    "rejected": "REFUSED",
    "conflict": "CONFLICT",
    "cancelled": "taken back",
    "declined": "DECLINED",
    "expired": "EXPIRED",
}
STATE_MEANINGS = {
    "pending": "A supervisor has to approve it before it is sent.",
    "queued": "In the store, not sent yet: {outbox.undo} takes it back.",
    "sending": "On its way to the ledger.",
    "unknown": "Sent, and no answer proves what became of it: it is looked up, never sent blindly again.",
    "posted": "In the ledger, and read back from there.",
    "rejected": "The ledger refused it: nothing was booked.",
    "conflict": "The item changed meanwhile: nothing was booked. Look at it again.",
    "cancelled": "Taken back before it was sent.",
    "declined": "A supervisor declined it: nothing was booked.",
    "expired": "Nobody approved it in time: nothing was booked.",
}
SOON_S = 10


def kind(name: str) -> str:
    """The word for a kind of work in the list."""
    return KINDS.get(name, name.upper())


def work_kind(row: QueueRow) -> str:
    """The word for a row: an order that waits for an approval is called one."""
    return "APPROVAL" if is_approval(row) else kind(row["kind"])


def is_approval(row: QueueRow) -> bool:
    """Whether the row is an order that waits for another person's yes."""
    return row["id"].startswith("approval/")


_SAID_BY_KIND = {"payment": "unapplied"}


def telling(row: QueueRow) -> list[str]:
    """The reasons, for or against it, that say more than the row's own kind, age and amount; any rather than none. The broker
    names the weightiest first."""
    said = [point["words"] for point in row["reasons"]]
    age = f"{row['age_days']} d"
    news = [
        words
        for words in said
        if not _has_word(words, age)
        and not _is_amount(words)
        and words.casefold() != _SAID_BY_KIND.get(row["kind"])
    ]
    kinds = (f"{row['kind']}d: ", f"payment {row['kind']}: ")
    return [words.removeprefix(kinds[0]).removeprefix(kinds[1]) for words in news or said[:1]]


def _has_word(text: str, word: str) -> bool:
    """Whether the word stands there by itself."""
    before, found, after = text.partition(word)
    while found:
        if not (before[-1:].isalnum() or after[:1].isalnum()):
            return True
        before, found, after = after.partition(word)
    return False


def _is_amount(text: str) -> bool:
    """Whether it is nothing but an amount with its currency."""
    figures, _, currency = text.rpartition(" ")
    named = len(currency) == 3 and currency.isascii() and currency.isalpha() and currency.isupper()
    return named and figures[:1].isdigit() and not figures.strip("0123456789,. ")


def state(name: str) -> str:
    """The word for the state of a command."""
    return STATES.get(name, name)


def money(amount: str, currency: str = "") -> str:
    """A decimal string with its thousands apart: ``-1,250.00 EUR``."""
    sign, figures = ("-", amount[1:]) if amount.startswith("-") else ("", amount)
    whole, point, cents = figures.partition(".")
    grouped = f"{int(whole):,}" if whole.isascii() and whole.isdigit() else whole
    return f"{sign}{grouped}{point}{cents}" + (f" {currency}" if currency else "")


def rounded(amount: str) -> str:
    """A decimal string in seven cells: without its cents, from a million on in millions: ``1,490``, ``12.3M``."""
    sign, figures = ("-", amount[1:]) if amount.startswith("-") else ("", amount)
    whole, _, cents = figures.partition(".")
    if not (whole.isascii() and whole.isdigit()):
        return amount
    units = int(whole) + (cents[:1] >= "5")
    if units >= 1_000_000:
        tenths = (units + 50_000) // 100_000
        return f"{sign}{tenths // 10:,}.{tenths % 10}M"
    return f"{sign}{units:,}" if units else f"{sign}<1"


def is_something(amount: str) -> bool:
    """Whether a decimal string is another amount than nothing."""
    return bool(amount.strip("-0."))


def unsigned(amount: str) -> str:
    """The amount without its side of the account."""
    return amount.removeprefix("-")


def count(number: int) -> str:
    """A whole number with its thousands apart."""
    return f"{number:,}"


def plural(number: int, one: str, many: str = "") -> str:
    """``1 item``, ``3 items``."""
    return f"{count(number)} {one if number == 1 else many or one + 's'}"


def days(number: int) -> str:
    """An age in the five cells of its column."""
    return f"{number}d" if abs(number) < 10_000 else ">27y"


def late(past_due: int | None) -> str:
    """How an item stands to its due date."""
    if past_due is None:
        return ""
    if past_due > 0:
        return f"{past_due}d late"
    return "due today" if past_due == 0 else f"due in {-past_due}d"


def ago(seconds: int) -> str:
    """An age coarse enough not to be repainted at every key: ``just now``, ``40 s ago``, ``12 min ago``."""
    if seconds < SOON_S:
        return "just now"
    if seconds < 60:
        return f"{seconds // SOON_S * SOON_S} s ago"
    if seconds < 3600:
        return f"{seconds // 60} min ago"
    if seconds < 86_400:
        return f"{seconds // 3600} h ago"
    return f"{plural(seconds // 86_400, 'day')} ago"


def day(iso: str | None) -> str:
    """A business date: ``12 Sep 2026``."""
    try:
        return date.fromisoformat(iso).strftime("%d %b %Y") if iso else ""
    except ValueError:
        return iso or ""


def approval(given: ApprovalRow, name: str, now: datetime) -> str:
    """Who said yes to an order, and when; the reason of one who broke the glass."""
    said = f"yes      {name}, {moment(given['at'], now)}"
    return f"{said}, break-glass: {given['why']}" if given["glass"] else said


def moment(iso: str | None, now: datetime) -> str:
    """An instant in the reader's zone: the time if it is today's, else day and time; of midnight UTC the day alone. ``now``
    bears the zone."""
    if not iso:
        return ""
    try:
        at = datetime.fromisoformat(iso)
    except ValueError:
        return iso
    if at.time() == time() and at.utcoffset() in (None, timedelta()):
        return at.strftime("%d %b")  # a day that somebody's books know, without the time of it
    local = (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(now.tzinfo)
    return local.strftime("%H:%M") if local.date() == now.date() else local.strftime("%d %b %H:%M")


def on(iso: str, now: datetime) -> str:
    """The day of an instant in the reader's zone: ``12 Sep 2026``."""
    try:
        at = datetime.fromisoformat(iso)
    except ValueError:
        return iso
    return day((at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(now.tzinfo).date().isoformat())


def fit(text: str, width: int) -> str:
    """The text in exactly so many cells: padded, or cut with an ellipsis that shows it."""
    if width <= 0:
        return ""
    left = width - cell_len(text)
    return text + " " * left if left >= 0 else set_cell_size(text, width - 1) + "…"


def in_lines(text: str, width: int, most: int) -> str:
    """The text in at most so many lines broken between words; what does not go into the last one is cut with an ellipsis."""
    lines, rest = list[str](), text.split()
    while rest and len(lines) < most - 1:
        line = rest.pop(0)
        while rest and cell_len(f"{line} {rest[0]}") <= width:
            line = f"{line} {rest.pop(0)}"
        if cell_len(line) > width:  # a word longer than a line goes on in the next
            head = _chop(line, width)
            line, rest = head, [line[len(head) :], *rest]
        lines.append(line)
    last = fit(" ".join(rest), width).rstrip()
    return "\n".join([*lines, last] if last else lines)


def _chop(text: str, width: int) -> str:
    """As much of the beginning as so many cells hold, one letter at least."""
    end = 1
    while end < len(text) and cell_len(text[: end + 1]) <= width:
        end += 1
    return text[:end]


def fit_right(text: str, width: int) -> str:
    """Like ``fit``, flush right; a cut amount shows its cents and says by the ellipsis that figures are missing."""
    said = ending(text, width)
    return " " * (width - cell_len(said)) + said


def ending(text: str, width: int) -> str:
    """The text in at most so many cells, cut at its beginning: of a number the end is what tells it from others."""
    return text if cell_len(text) <= width else "…" + text[len(text) - width + 1 :]


def widest(texts: Iterable[str], least: int, most: int) -> int:
    """The cells that a column needs for these texts, within bounds."""
    return max(least, min(most, max(map(cell_len, texts), default=least)))


def item_line(item: ItemRow) -> str:
    """An open item in a line: number, kind, what is open."""
    return f"{item['number']} · {item['kind']} · {money(item['open'], item['currency'])} open"


def problem(error: ArqueueError) -> str:
    """An error and its remedy in a line."""
    return advice(error.message, error.hint)


def error(row: ErrorRow) -> str:
    """An error and what to do about it."""
    return advice(row["message"], row["hint"])


def advice(message: str, hint: str) -> str:
    """What happened, and after it the remedy as a sentence of its own. A key at its beginning is written as it is pressed."""
    first = hint.partition(" ")[0]
    if first == "a" or (len(first) > 1 and first.isalpha()):
        hint = hint[0].upper() + hint[1:]
    return f"{message.rstrip('.')}. {hint}" if hint else message


def outcome(command: CommandRow, keyed: Callable[[str], str]) -> str:
    """What became of a command: the ledger's words, else what the state means, with keys for the actions that it names."""
    return command["outcome"] or keyed(STATE_MEANINGS.get(command["state"], ""))


def digits_of(views: Sequence[tuple[str, str]], kept: Sequence[SavedViewRow]) -> dict[str, int]:
    """The digit of each view that has one: the first nine of everybody's, but where one of one's own has taken it."""
    taken = {own["name"]: own["digit"] for own in kept if own.get("digit")}
    usual = {view: place for place, (view, _) in enumerate(views[:9], start=1)}
    return {view: digit for view, digit in usual.items() if digit not in taken.values()} | taken

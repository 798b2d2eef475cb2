"""The keys of the forms."""

from __future__ import annotations

from screens.actions.action import CYCLE, DIGITS, FORM, GO, LETTERS, LOOK, MOVE, Action, action
from screens.situation import may_cycle, may_discount, needs_broker

FORMS: tuple[Action, ...] = (
    action("form.back", "escape", "Back", "leave the form; what was typed is kept", GO, 60),
    action(
        "form.next",
        "tab",
        "Next",
        "next field",
        FORM,
        20,
        pair="form.previous",
        both="next field, field before",
    ),
    action("form.previous", "shift+tab", "Field before", "field before", FORM),
    action("form.drop", "ctrl+g", "Drop draft", "drop an offered draft", FORM),
    action("form.enter", "enter", "Review", "next field; on the last one, review", FORM, 30),
    action("note.newline", "ctrl+j", "New line", "start a new line in a note", FORM),
    # Apply: the suggestions.
    action("ways.choose", DIGITS, "Take", "take this suggestion", FORM, 12, hint="1-9"),
    action("ways.take", "space", "Take", "take suggestion here", FORM),
    # Apply: the items.
    action("lines.toggle", "space", "On/off", "pay this item, or not", FORM, 12),
    action("lines.digit", DIGITS, "Amount", "an amount: pay a part", FORM, 14, hint="1-9"),
    action("lines.amount", "equals_sign", "Amount", "correct the amount", FORM),
    action("lines.discount", "d", "Discount", "its discount, or not", FORM, 15, reason=may_discount),
    # Apply: both.
    action("apply.pane", "tab", "Pane", "suggestions or items", MOVE, 16),
    action("apply.review", "enter", "Review", "review before posting", FORM, 11),
    action("apply.rest", CYCLE, "Rest", "what becomes of a rest", FORM, 13, reason=may_cycle),
    action("apply.filter", "slash", "Filter", "filter items", LOOK, 20),
    action("apply.invert", "x", "All but", "pay all shown but these", FORM, 18),
    action(
        "apply.all",
        "asterisk",
        "All",
        "pay all shown",
        FORM,
        22,
        pair="apply.none",
        both="pay all shown, none",
    ),
    action("apply.none", "0", "None", "pay none", FORM),
    action("apply.taken", "v", "Taken", "only what is taken, or all", LOOK),
    action("apply.undo", "u", "Undo", "undo last change here", FORM),
    action("apply.again", "s", "Search", "search suggestions anew", FORM, 19, reason=needs_broker),
    action("apply.drop", "ctrl+g", "Drop draft", "drop an offered draft", FORM),
    action("apply.text", "t", "Text", "whole text, all reasons", LOOK),
    action(
        "apply.back",
        "escape h left q",
        "Back",
        "filter off, else leave",
        GO,
        60,
        hint="Esc h ← q",
    ),
    # Who sent it.
    action("payers.choose", DIGITS, "Take", "this customer sent it", FORM, 12, hint="1-9"),
    action("payers.take", "space", "Take", "the customer under the cursor sent it", FORM),
    action(
        "payers.find",
        "slash",
        "Search",
        "search customers by name or code",
        LOOK,
        14,
        pair="payers.known",
        both="search customers by name or code; known payers",
    ),
    action("payers.known", "L", "Known", "known payers: see, forget", LOOK, reason=needs_broker),
    # What is applied, and moving it.
    action("applied.unapply", "u", "Take back", "take this allocation back", FORM),
    action("applied.move", "M", "Move", "move it to another invoice", FORM, 14),
    action("applied.find", "slash", "Item", "another item by its number", LOOK, 16),
    action("move.find", "slash", "Filter", "filter invoices", LOOK, 14),
    action("amount.enter", "enter tab", "Take", "take this amount", FORM, 10, hint="Enter Tab"),
    action("amount.back", "escape", "Cancel", "leave the amount as it was", GO, 20),
    action("rest.cycle", f"{CYCLE} space tab", "Next way", "open, disputed, written off …", FORM, 10),
    action("rest.choose", LETTERS, "Reason", "the reason with this letter", FORM, 20, hint="a-z"),
    action("rest.every", "asterisk", "Every", "the same for every item that keeps something", FORM),
    action("rest.enter", "enter", "Keep", "keep it so", FORM, 30),
    action("rest.back", "escape", "Cancel", "leave it as it was", GO, 40),
)

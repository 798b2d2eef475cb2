"""The keys of the forms."""

from __future__ import annotations

from screens.actions.action import DIGITS, FORM, GO, Action, action

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
    action("form.enter", "enter", "Review", "next field; on the last one, review", FORM, 30),
    action("note.newline", "ctrl+j", "New line", "start a new line in a note", FORM),
    action("apply.choose", DIGITS, "Suggestion", "take this suggestion", FORM, 12, hint="1-9"),
    action("apply.toggle", "space", "On/off", "apply to this item, or not", FORM, 14),
    action(
        "apply.amount", "tab equals_sign", "Amount", "type the amount of this line", FORM, 16, hint="Tab ="
    ),
    action("apply.none", "0", "None", "clear all lines", FORM),
    action("amount.enter", "enter tab", "Take", "take this amount", FORM, 10, hint="Enter Tab"),
    action("amount.back", "escape", "Cancel", "leave the amount as it was", GO, 20),
    action("apply.review", "enter", "Review", "review before anything is posted", FORM, 30),
    action(
        "apply.back",
        "escape h left q",
        "Back",
        "leave the form; the lines are kept",
        GO,
        60,
        hint="Esc h ← q",
    ),
)

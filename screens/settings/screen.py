"""The settings of this face: what is in effect, where it comes from, and the theme, which can be tried here."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from screens import actions, theme, words
from screens.actions import BY_ID, key_name
from screens.page import Page

NAME, VALUE = 11, 33


class SettingsScreen(Page):
    """One page, only read but for the theme."""

    BINDINGS: ClassVar = actions.bindings("settings")
    name_in_registry = "settings"

    def content(self) -> ComposeResult:
        """A table, and the keys that somebody changed."""
        yield Static(id="settings", markup=False)

    def on_resize(self) -> None:
        """Another width, other lines."""
        self._tell()

    def _tell(self) -> None:
        self.query_one("#settings", Static).update(self._table())

    def _table(self) -> Content:
        pieces: list[tuple[str, str]] = [
            ("Settings", "bold"),
            (self.keyed("   {settings.theme} tries the next theme\n"), "dim"),
        ]
        for name, value, source in self._rows():
            pieces += [
                (f"\n{words.fit(name, NAME)}", ""),
                (words.fit(value, VALUE), "bold"),
                (f" {source}", "dim"),
            ]
        bound, printed = self.app.chosen.face.bind, self.app.spelling.printed
        if bound:
            pieces.append(("\n\nKeys of your own\n", "bold"))
        for each in bound:
            action = BY_ID[each.action]
            pieces += [
                (f"\n{words.fit(printed(' '.join(map(key_name, each.keys))), NAME)}", "bold"),
                (words.fit(action.description, VALUE), ""),
                (f" {each.action}, line {each.line}", "dim"),
            ]
        pieces.append((f"\n\nYour file: {self.app.chosen.face.file or 'none'}", "dim"))
        return Content.assemble(*pieces)

    def _rows(self) -> list[tuple[str, str, str]]:
        face, look, hello = self.app.chosen.face, self.app.look, self.desk.hello
        tried = "" if look == self.app.chosen.look else "tried now"
        styles = {"vi": "vi (letters and arrows)", "arrows": "arrows (no letters)"}
        rows = [
            ("theme", f"{look}: {theme.WORDS[look]}", tried or face.theme.source),
            ("keys", styles[face.keys.value], face.keys.source),
            ("drawing", face.drawing.value, face.drawing.source),
            ("clipboard", "on" if self.app.may_copy else "off", "by role, from the company"),
        ]
        if hello is not None:
            person = hello["person"]
            rows += [
                ("you are", f"{person['name']} ({', '.join(person['roles'])})", "who the kernel says"),
                ("company", hello["company"], f"business date {hello['business_date']}"),
                ("ledger", hello["peer_kind"], hello["peer_url"]),
            ]
        return [*rows, ("broker", "connected" if self.desk.connected else "AWAY", "by its Unix socket")]

    def do_theme(self) -> None:
        """Put the next theme on, and keep it for next time."""
        look = theme.following(self.app.look)
        self.app.put_on(look)
        self._tell()
        self.say(self.app.keep_look(look))

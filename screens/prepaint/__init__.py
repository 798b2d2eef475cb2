"""The first frame, painted before Textual is imported: asked from the broker over the bare socket, written in plain ANSI."""

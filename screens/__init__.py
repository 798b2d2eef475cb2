"""What a person sees: the Textual app, one folder a place."""

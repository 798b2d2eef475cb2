"""What arqueue is measured against on a terminal: neomutt, tig, bare Textual and Textual's DataTable."""

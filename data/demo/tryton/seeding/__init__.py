"""The process that seeds a Tryton database from a plan. It alone imports trytond; nothing of the product imports it."""

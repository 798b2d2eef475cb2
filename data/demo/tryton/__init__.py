"""A real Tryton with a demo company: seeded once, cached, served on loopback.

`seeding` and `serve` run in processes of their own and are alone in importing trytond. Tryton lives in the product's
environment (the extra ``tryton``) and runs with the same interpreter: one environment to install and to lock, and whoever
does not want it never loads it. Should its dependencies clash with ours one day, only the interpreter in `cache` and
`server` changes.
"""

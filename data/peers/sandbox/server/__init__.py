"""A small double-entry ledger over HTTP: the demo's accounting system and the tests' nasty one."""

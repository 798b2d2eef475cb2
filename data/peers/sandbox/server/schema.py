"""The tables of the ledger. Journal rows are only ever added; an item can never be open by more than its total.

An invoice that falls due in parts is a parent item whose residual is always zero (state closed) and one ``instalment``
item a part with ``parent_id``: only instalments carry what is open. For every other item, and always:
total = residual + what live allocations took from it.
"""

from __future__ import annotations

from typing import Final

TABLES: Final = """
CREATE TABLE company (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  ledger_id TEXT NOT NULL,
  name TEXT NOT NULL,
  currency TEXT NOT NULL,
  zone TEXT NOT NULL,
  business_date TEXT,
  lock_date TEXT
) STRICT;
CREATE TABLE rate (currency TEXT PRIMARY KEY, rate TEXT NOT NULL) STRICT;
CREATE TABLE gl_account (
  code TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('asset', 'income', 'expense'))
) STRICT;
CREATE TABLE method (
  code TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  account TEXT NOT NULL REFERENCES gl_account (code)
) STRICT;
CREATE TABLE party (
  id INTEGER PRIMARY KEY,
  code TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  currency TEXT NOT NULL,
  parent_id INTEGER REFERENCES party (id),
  credit_limit INTEGER,
  on_hold INTEGER NOT NULL DEFAULT 0,
  terms TEXT NOT NULL DEFAULT '',
  emails TEXT NOT NULL DEFAULT '[]',
  phones TEXT NOT NULL DEFAULT '[]',
  tags TEXT NOT NULL DEFAULT '[]',
  active INTEGER NOT NULL DEFAULT 1,
  gone INTEGER NOT NULL DEFAULT 0,
  version INTEGER NOT NULL DEFAULT 1,
  modified_at TEXT NOT NULL
) STRICT;
CREATE TABLE journal_entry (
  id INTEGER PRIMARY KEY,
  posted_on TEXT NOT NULL,
  kind TEXT NOT NULL,
  memo TEXT NOT NULL,
  command_id TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE TABLE journal_line (
  entry_id INTEGER NOT NULL REFERENCES journal_entry (id),
  line INTEGER NOT NULL,
  account TEXT NOT NULL REFERENCES gl_account (code),
  party_id INTEGER REFERENCES party (id),
  currency TEXT NOT NULL,
  debit INTEGER NOT NULL CHECK (debit >= 0),
  credit INTEGER NOT NULL CHECK (credit >= 0),
  debit_base INTEGER NOT NULL CHECK (debit_base >= 0),
  credit_base INTEGER NOT NULL CHECK (credit_base >= 0),
  PRIMARY KEY (entry_id, line),
  CHECK (debit = 0 OR credit = 0),
  CHECK (debit_base = 0 OR credit_base = 0)
) STRICT, WITHOUT ROWID;
CREATE TABLE item (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('invoice', 'instalment', 'credit', 'payment', 'journal')),
  number TEXT NOT NULL,
  party_id INTEGER NOT NULL REFERENCES party (id),
  currency TEXT NOT NULL,
  total INTEGER NOT NULL CHECK (total <> 0),
  residual INTEGER NOT NULL,
  total_base INTEGER NOT NULL,
  residual_base INTEGER NOT NULL,
  doc_date TEXT NOT NULL,
  due_date TEXT,
  parent_id INTEGER REFERENCES item (id),
  reference TEXT NOT NULL DEFAULT '',
  purchase_order TEXT NOT NULL DEFAULT '',
  text TEXT NOT NULL DEFAULT '',
  method TEXT NOT NULL DEFAULT '',
  payer TEXT NOT NULL DEFAULT '',
  payer_account TEXT NOT NULL DEFAULT '',
  dispute TEXT NOT NULL DEFAULT '',
  returned TEXT NOT NULL DEFAULT '',
  dunning_level INTEGER NOT NULL DEFAULT 0 CHECK (dunning_level >= 0),
  entry_id INTEGER NOT NULL REFERENCES journal_entry (id),
  version INTEGER NOT NULL DEFAULT 1,
  modified_at TEXT NOT NULL,
  CHECK ((total > 0 AND residual BETWEEN 0 AND total) OR (total < 0 AND residual BETWEEN total AND 0)),
  CHECK (residual <> 0 OR residual_base = 0)
) STRICT;
CREATE TABLE allocation (
  id INTEGER PRIMARY KEY,
  credit_item INTEGER NOT NULL REFERENCES item (id),
  debit_item INTEGER NOT NULL REFERENCES item (id),
  currency TEXT NOT NULL,
  amount INTEGER NOT NULL CHECK (amount > 0),
  base_credit INTEGER NOT NULL,
  base_debit INTEGER NOT NULL,
  made_on TEXT NOT NULL,
  void INTEGER NOT NULL DEFAULT 0,
  command_id TEXT NOT NULL DEFAULT '',
  version INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE TABLE note (
  id INTEGER PRIMARY KEY,
  target TEXT NOT NULL,
  author TEXT NOT NULL,
  at TEXT NOT NULL,
  text TEXT NOT NULL,
  command_id TEXT NOT NULL DEFAULT '',
  version INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE TABLE placed_order (
  command_id TEXT PRIMARY KEY,
  body_sha256 TEXT NOT NULL,
  actor TEXT NOT NULL,
  status INTEGER NOT NULL,
  answer TEXT NOT NULL,
  at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE change (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL,
  key INTEGER NOT NULL,
  at INTEGER NOT NULL,
  UNIQUE (kind, key)
) STRICT;
"""

ADDED: Final = (
    ("item", "payer", "TEXT NOT NULL DEFAULT ''"),
    ("item", "payer_account", "TEXT NOT NULL DEFAULT ''"),
    ("item", "dunning_level", "INTEGER NOT NULL DEFAULT 0 CHECK (dunning_level >= 0)"),
    ("party", "tags", "TEXT NOT NULL DEFAULT '[]'"),
)
"""Columns that ledgers made before did not have."""

LOOK_UPS: Final = """
CREATE UNIQUE INDEX item_document ON item (kind, number);
CREATE INDEX item_parent ON item (parent_id) WHERE parent_id IS NOT NULL;
"""
"""What also a bulk of rows is looked up by while it comes in."""

INDEXES: Final = """
CREATE INDEX item_party ON item (party_id);
CREATE INDEX item_open ON item (id) WHERE residual <> 0;
CREATE INDEX allocation_credit ON allocation (credit_item);
CREATE INDEX allocation_debit ON allocation (debit_item);
CREATE INDEX allocation_command ON allocation (command_id) WHERE command_id <> '';
CREATE INDEX note_target ON note (target);
CREATE INDEX party_parent ON party (parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX entry_command ON journal_entry (command_id) WHERE command_id <> '';
CREATE TRIGGER journal_entry_stays BEFORE UPDATE ON journal_entry
  BEGIN SELECT RAISE(ABORT, 'the journal is only ever added to'); END;
CREATE TRIGGER journal_entry_is_kept BEFORE DELETE ON journal_entry
  BEGIN SELECT RAISE(ABORT, 'the journal is only ever added to'); END;
CREATE TRIGGER journal_line_stays BEFORE UPDATE ON journal_line
  BEGIN SELECT RAISE(ABORT, 'the journal is only ever added to'); END;
CREATE TRIGGER journal_line_is_kept BEFORE DELETE ON journal_line
  BEGIN SELECT RAISE(ABORT, 'the journal is only ever added to'); END;
"""

CONTROL: Final = "1100"
BANK: Final = "1000"
REVENUE: Final = "4000"
CREDIT_NOTES: Final = "4900"
EXCHANGE: Final = "6860"

ACCOUNTS: Final = (
    (BANK, "Bank", "asset"),
    (CONTROL, "Trade receivables", "asset"),
    (REVENUE, "Sales", "income"),
    ("4800", "Cash discounts granted", "income"),
    ("4810", "Freight allowances", "income"),
    ("4820", "Customer deductions", "income"),
    ("4830", "Price adjustments", "income"),
    (CREDIT_NOTES, "Credit notes", "income"),
    ("6810", "Small differences", "expense"),
    ("6820", "Bank charges", "expense"),
    ("6830", "Taxes withheld by customers", "expense"),
    ("6850", "Bad debts", "expense"),
    (EXCHANGE, "Exchange differences", "expense"),
)
"""The chart of accounts: code, name, kind."""

METHODS: Final = (
    ("SMALL", "Small balance", "6810"),
    ("DISC", "Cash discount", "4800"),
    ("FEE", "Bank charges", "6820"),
    ("BAD", "Bad debt", "6850"),
    ("CURR", "Exchange difference", EXCHANGE),
    ("FREIGHT", "Freight allowance", "4810"),
    ("DEDUCT", "Customer deduction", "4820"),
    ("PRICE", "Price adjustment", "4830"),
    ("TAX", "Withholding tax", "6830"),
)
"""Adjustment methods: code, name, GL account."""

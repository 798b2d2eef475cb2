"""Tryton 8 over JSON-RPC.

What Tryton holds and what arqueue shows of it:

- An *item* is a receivable line of a posted move; an invoice that falls due in parts is one item for each part, under a parent
  (``invoice:7``) whose residual is always zero. The credit lines of one move and customer are *one* payment or credit, however
  many lines Tryton needs for it.
- Tryton applies whole lines only. A part is applied by splitting a line first (the *reschedule* wizard: the line is reconciled
  against a balance line, new lines take its place). The pieces stay what they were cut from: one item, found again by following
  the balance line.
- A part payment is a *link* of a credit line to an invoice (``payment_lines``), not a reconciliation. The link uses up the
  credit: its residual here is zero, while Tryton's general ledger still has the line open, and the invoice's residual is what
  Tryton calls ``amount_to_pay``. Tryton links to an invoice as a whole: of an invoice in parts the earliest due is covered first.
- So the residuals of a customer's items add up to what Tryton calls the customer's ``receivable``.
"""

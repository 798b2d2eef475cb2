"""Replay a payment history under several orders of work and say which brings cash in earlier.

    python -m benchmarks.ranking                      made-up payers, three companies
    python -m benchmarks.ranking --history FILE.csv   a company's own invoices
    python -m benchmarks.ranking --strategy FILE.toml another strategy than the default

What it assumes, and no history can show: a call shortens what is left of the wait by a share that belongs to the customer, less
with each call; a collector works the same number of accounts every working day, all from the top, and leaves a customer in peace
for some days after a call; whoever is called pays no invoice that is not yet due. Made-up payers keep their habits but for those
in trouble. Days are weighed by amount, so what is large counts more: an order that knows nothing but size does well here.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

from arqueue import strategy_file
from arqueue.errors import ArqueueError
from benchmarks.ranking.history import History, generate, read
from benchmarks.ranking.orders import orders
from benchmarks.ranking.replay import Effort, Outcome, replay

_LAST = date(2026, 11, 20)
_DAYS = 540


def main() -> int:
    """Print one table. Returns the exit status."""
    arguments = _arguments().parse_args()
    try:
        text = arguments.strategy.read_text("utf-8") if arguments.strategy else strategy_file.default_text()
        strategy = strategy_file.read(text)
        if arguments.history:
            histories = [read(arguments.history, arguments.response)]
        else:
            histories = [
                generate(seed, arguments.customers, _DAYS, _LAST) for seed in range(arguments.companies)
            ]
        if not all(history.invoices for history in histories):
            sys.stderr.write("there is no invoice in that history\n")
            return 1
    except (ArqueueError, OSError, UnicodeError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    effort = Effort(arguments.accounts, arguments.quiet)
    found: dict[str, list[Outcome]] = {}
    for seed, history in enumerate(histories):
        first, last = _worked(history)
        for name, order in orders(strategy, history.currency, seed).items():
            found.setdefault(name, []).append(replay(history, order, effort, first, last))
    _print(found, histories, effort)
    return 0


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--history", type=Path, help="CSV: customer, amount, currency, issued, due, paid")
    parser.add_argument("--strategy", type=Path, help="a strategy file; without it the default")
    parser.add_argument(
        "--response", type=float, default=0.35, help="of the wait that a call saves (own history)"
    )
    parser.add_argument("--customers", type=int, default=500, help="of a made-up company")
    parser.add_argument("--companies", type=int, default=3, help="made up, and averaged over")
    parser.add_argument("--accounts", type=int, default=12, help="worked a day")
    parser.add_argument("--quiet", type=int, default=7, help="days without another call")
    return parser


def _worked(history: History) -> tuple[date, date]:
    """The first third is only learned from."""
    begin, end = history.invoices[0].issued, max(each.issued for each in history.invoices)
    return begin + timedelta(days=(end - begin).days // 3), end


def _print(found: dict[str, list[Outcome]], histories: Sequence[History], effort: Effort) -> None:
    invoices = sum(len(history.invoices) for history in histories)
    say = sys.stdout.write
    say(f"{invoices} invoices, {len(histories)} companies, {effort.accounts} accounts a day\n\n")
    say(f"{'order of work':44} {'days earlier':>12} {'x random':>9} {'days late':>10} {'calls':>7}\n")
    base = statistics.mean(each.days_earlier for each in found["random"])
    for name, outcomes in found.items():
        earlier = statistics.mean(each.days_earlier for each in outcomes)
        late = statistics.mean(each.days_late for each in outcomes)
        ratio = f"{earlier / base:9.2f}" if base else f"{'-':>9}"
        say(f"{name:44} {earlier:12.2f} {ratio} {late:10.1f} {sum(each.calls for each in outcomes):7}\n")


if __name__ == "__main__":
    sys.exit(main())

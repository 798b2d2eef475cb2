"""The search for sums: which open amounts together come to what was paid."""

from arqueue.cash.sums.amounts import Amounts as Amounts
from arqueue.cash.sums.answers import Answers as Answers
from arqueue.cash.sums.answers import never as never
from arqueue.cash.sums.search import alike as alike
from arqueue.cash.sums.search import exclusion as exclusion
from arqueue.cash.sums.search import subsets as subsets

"""What payers say that a payment is for: free text, and advice in files. Pure."""

from arqueue.cash.remittance.mentions import LIKELY as LIKELY
from arqueue.cash.remittance.mentions import SURE as SURE
from arqueue.cash.remittance.mentions import Mention as Mention
from arqueue.cash.remittance.mentions import Reading as Reading
from arqueue.cash.remittance.reading import read_text as read_text

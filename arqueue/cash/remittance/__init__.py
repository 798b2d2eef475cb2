"""What payers say that a payment is for: free text, and advice in files. Pure."""

from arqueue.cash.remittance.files import LARGEST as LARGEST
from arqueue.cash.remittance.files import read_advice as read_advice
from arqueue.cash.remittance.files.fragments import READ as READ
from arqueue.cash.remittance.matching import match_advice as match_advice
from arqueue.cash.remittance.mentions import LIKELY as LIKELY
from arqueue.cash.remittance.mentions import SURE as SURE
from arqueue.cash.remittance.mentions import Mention as Mention
from arqueue.cash.remittance.mentions import Reading as Reading
from arqueue.cash.remittance.reading import read_text as read_text
from arqueue.cash.remittance.signs import contrary as contrary

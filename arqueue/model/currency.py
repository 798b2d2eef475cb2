"""Which currencies exist and how many decimals each has, so that an amount has exactly one spelling.

Source: ISO 4217, lists of current and of withdrawn codes. Precious metals, test codes and units of account
without a minor unit (XAU, XDR, XXX...) are left out: nobody is invoiced in them.
"""

from types import MappingProxyType
from typing import Final

from arqueue.errors import Invalid

_CODES: Final = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    2: """
        AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF
        CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL
        HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU
        MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR
        SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED
        VES WST XAD XCD XCG YER ZAR ZMW ZWG
    """,
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}

# Withdrawn since 2021 at the earliest: a ledger may still carry an open item in one of them.
_WITHDRAWN: Final = {2: "ANG BGN CUC HRK SLL ZWL"}

EXPONENTS: Final = MappingProxyType(
    {
        code: digits
        for table in (_CODES, _WITHDRAWN)
        for digits, codes in table.items()
        for code in codes.split()
    }
)


class UnknownCurrency(Invalid):
    """The text is not the ISO 4217 code of a currency one can be invoiced in."""

    code = "unknown_currency"


def exponent(code: str) -> int:
    """How many decimals the minor unit stands behind (USD 2, JPY 0, KWD 3), for scaling amounts exactly.

    Raises UnknownCurrency, also for lower case: a code is an identifier, not a word.
    """
    try:
        return EXPONENTS[code]
    except (KeyError, TypeError):
        raise UnknownCurrency(
            f"currency {code!a:.40} is not an ISO 4217 code",
            hint="Use the three capital letters of the currency, such as USD or EUR.",
        ) from None

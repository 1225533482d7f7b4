"""What rounding takes from a sum or a quotient, worked out without error, to be put back later."""

import numpy as np

from minisoftmax._arguments import Floats


def two_sum(a: Floats, b: Floats) -> tuple[Floats, Floats]:
    """Add, and give also what the rounding of the sum lost, exactly (Knuth)."""
    total = a + b
    b_in_total = total - a
    return total, (a - (total - b_in_total)) + (b - b_in_total)


def remainder(dividend: Floats, quotient: Floats, divisor: Floats) -> Floats:
    """Give dividend − quotient × divisor exactly, the quotient being rounded (Dekker's product)."""
    product = quotient * divisor
    (q, q_low), (d, d_low) = _halves(quotient), _halves(divisor)
    excess = ((q * d - product) + q * d_low + q_low * d) + q_low * d_low
    return (dividend - product) - excess


def _halves(x: Floats) -> tuple[Floats, Floats]:
    """Split numbers into two of half as many bits each, whose products are exact (Veltkamp)."""
    scaled = x * x.dtype.type(2.0 ** ((np.finfo(x.dtype).nmant + 2) // 2) + 1)
    high = scaled - (scaled - x)
    return high, x - high

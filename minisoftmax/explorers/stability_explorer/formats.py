"""The number formats, which the picture draws and the script computes in: it gets them with its settings."""

import math
from typing import NamedTuple


class Format(NamedTuple):
    """A binary format: digits of the significand, smallest exponent, and the logits that its figure reaches to."""

    digits: int
    lowest: int
    reach: int

    @property
    def log_largest(self) -> float:
        """The logarithm of the largest number: all digits 1, and the largest exponent."""
        return math.log(2 - 2.0 ** (1 - self.digits)) + (1 - self.lowest) * math.log(2)

    @property
    def log_vanishing(self) -> float:
        """The logarithm of half the smallest number, which is rounded to 0."""
        return (self.lowest - self.digits) * math.log(2)


FORMATS = {
    "float16": Format(digits=11, lowest=-14, reach=25),
    "bfloat16": Format(digits=8, lowest=-126, reach=120),
    "float32": Format(digits=24, lowest=-126, reach=120),
    "float64": Format(digits=53, lowest=-1022, reach=1000),
}

"""The softmax function in readable, exact NumPy: the companion package of the book *The Softmax Function*."""

from minisoftmax.core import log_softmax, logsumexp, naive_softmax, softmax, softmax_jacobian, softmax_vjp
from minisoftmax.streaming import OnlineLogSumExp

__version__ = "0.1.0"

__all__ = ["OnlineLogSumExp", "log_softmax", "logsumexp", "naive_softmax", "softmax", "softmax_jacobian", "softmax_vjp"]

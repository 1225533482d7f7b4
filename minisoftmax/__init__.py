"""The softmax function in readable, exact NumPy: the companion package of the book *The Softmax Function*."""

from minisoftmax.attention import (
    causal_mask,
    flash_attention,
    multi_head_attention,
    scaled_dot_product_attention,
    scaled_dot_product_attention_vjp,
    sliding_window_mask,
)
from minisoftmax.calibration import (
    ReliabilityCurve,
    brier_score,
    expected_calibration_error,
    fit_temperature,
    negative_log_likelihood,
    reliability_curve,
)
from minisoftmax.classification import (
    ConvergenceWarning,
    NotFittedError,
    SoftmaxRegression,
    cross_entropy,
    cross_entropy_grad,
)
from minisoftmax.core import log_softmax, logsumexp, naive_softmax, softmax, softmax_jacobian, softmax_vjp
from minisoftmax.sampling import entropy, gumbel_softmax, min_p, sample, top_k, top_p
from minisoftmax.sparse import entmax, entmax_loss, entmax_vjp, sparsemax
from minisoftmax.streaming import OnlineLogSumExp

__version__ = "0.1.0"

__all__ = [
    "ConvergenceWarning",
    "NotFittedError",
    "OnlineLogSumExp",
    "ReliabilityCurve",
    "SoftmaxRegression",
    "brier_score",
    "causal_mask",
    "cross_entropy",
    "cross_entropy_grad",
    "entmax",
    "entmax_loss",
    "entmax_vjp",
    "entropy",
    "expected_calibration_error",
    "fit_temperature",
    "flash_attention",
    "gumbel_softmax",
    "log_softmax",
    "logsumexp",
    "min_p",
    "multi_head_attention",
    "naive_softmax",
    "negative_log_likelihood",
    "reliability_curve",
    "sample",
    "scaled_dot_product_attention",
    "scaled_dot_product_attention_vjp",
    "sliding_window_mask",
    "softmax",
    "softmax_jacobian",
    "softmax_vjp",
    "sparsemax",
    "top_k",
    "top_p",
]

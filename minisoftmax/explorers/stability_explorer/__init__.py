"""Softmax in a number format, every step rounded."""

from minisoftmax.explorers import checks
from minisoftmax.explorers.explorer import Explorer, Height
from minisoftmax.explorers.stability_explorer import picture
from minisoftmax.explorers.stability_explorer.formats import FORMATS
from minisoftmax.explorers.words import _

CAPTION = "Softmax in a number format: move the logit"
HEIGHT = Height(desk=490, phone=537, narrow=575)


def stability(logit: float = 12.0, dtype: str = "float16") -> Explorer:
    r"""Show softmax in a number format, every step rounded: as it is written, and with the maximum subtracted first.

    .. math:: \frac{e^{z_i}}{\sum_j e^{z_j}} = \frac{e^{z_i - m}}{\sum_j e^{z_j - m}}, \qquad m = \max_j z_j

    The logits are *x* and *x* − 1. A second table has the log-probability of the first of the logits *x* and 0, with
    and without ``log1p``.

    Parameters
    ----------
    logit : float, default 12.0
        The *x* to start with, from −1000 to 1000.
    dtype : {"float16", "bfloat16", "float32", "float64"}, default "float16"
        The format to start with.

    Returns
    -------
    Explorer
        The figure.

    Raises
    ------
    TypeError
        If ``logit`` is not one real number.
    ValueError
        If ``logit`` is out of its range or ``dtype`` none of these.

    References
    ----------
    P. Blanchard, D. J. Higham, N. J. Higham (2021). Accurately computing the log-sum-exp and softmax functions.
    IMA Journal of Numerical Analysis 41(4), 2311–2330.

    Examples
    --------
    >>> from minisoftmax import explorers
    >>> explorers.stability(logit=12.0, dtype="float16")
    <stability explorer: logits 12 and 11 in float16; right are 0.731 and 0.269>
    """
    x = checks.number(logit, "logit", -checks.LARGEST, checks.LARGEST)
    if dtype not in FORMATS:
        raise ValueError(f"dtype must be one of {', '.join(FORMATS)}, got {dtype!r}")
    settings = {"logit": x, "dtype": dtype, "formats": {name: kind._asdict() for name, kind in FORMATS.items()}}
    summary = _(
        "logits {first} and {second} in {dtype}; right are 0.731 and 0.269",
        first=f"{x:g}",
        second=f"{x - 1:g}",
        dtype=dtype,
    )
    return Explorer("stability", settings, picture.draw(x, dtype), summary)

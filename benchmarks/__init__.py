"""How exact and how fast minisoftmax is, beside SciPy, PyTorch and JAX: ``python -m benchmarks``."""

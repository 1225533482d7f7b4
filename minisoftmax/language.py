"""The language in which exercises, explorers and drawings speak."""

__all__ = ["chosen", "use"]

_chosen = "en"


def use(language: str) -> None:
    """Choose it: ``"en"`` or ``"es"``."""
    global _chosen
    if language not in ("en", "es"):
        raise ValueError(f"language must be 'en' or 'es', got {language!r}")
    _chosen = language


def chosen() -> str:
    """Give the language that was chosen last."""
    return _chosen

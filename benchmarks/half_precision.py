"""What PyTorch gives for the logarithm of a softmax in half precision: ``python -m benchmarks.half_precision``.

It needs PyTorch, and writes ``minisoftmax/data/half_precision.json``, which the chapter on numerical stability reads.
"""

import datetime
import json

import torch
from torch.nn.functional import cross_entropy, log_softmax

from tools import ROOT

FILE = ROOT / "minisoftmax" / "data" / "half_precision.json"
LEADS = (2, 5, 9)


def rows() -> list[dict[str, object]]:
    """Give log p of the first of two options, and the loss, for each lead and format."""
    found: list[dict[str, object]] = []
    for dtype in (torch.float16, torch.bfloat16, torch.float32):
        for lead in LEADS:
            logits = torch.tensor([[lead, 0]], dtype=dtype)
            log_p = log_softmax(logits, dim=-1)[0, 0].item()
            loss = cross_entropy(logits, torch.tensor([0])).item()
            found.append({"format": str(dtype).removeprefix("torch."), "lead": lead, "log_p": log_p, "loss": loss})
    return found


def main() -> None:
    """Write the file."""
    made = {"torch": torch.__version__, "date": datetime.date.today().isoformat(), "rows": rows()}
    FILE.write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

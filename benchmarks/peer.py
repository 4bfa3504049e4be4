"""`mlx_lm.server` with the BLAS that llmx loads, so that the two differ in the server alone.

Run as a file; the arguments are those of `mlx_lm.server`. Its first line of output names the BLAS.
"""

from __future__ import annotations

import os
import sys
import warnings

from llmx.core.engine.blas import load_fast_blas


def main() -> None:
    blas = load_fast_blas(os.environ)  # before mlx.core is imported
    print(f"BLAS: {blas.name}", flush=True)
    warnings.filterwarnings("ignore", message="mlx_lm.server is not recommended")
    sys.argv[0] = "mlx_lm.server"
    from mlx_lm.server import main as serve  # noqa: PLC0415 - imports MLX

    serve()


if __name__ == "__main__":
    main()

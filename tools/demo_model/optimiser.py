# pyright: reportMissingImports=false
"""Muon: momentum whose matrices are made orthogonal before they are added.

After Keller Jordan's description (2024), https://kellerjordan.github.io/posts/muon: the
coefficients of the polynomial are from there, the code is ours.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor

_COEFFICIENTS = (3.4445, -4.7750, 2.0315)
_STEPS = 5


class Muon(torch.optim.Optimizer):
    """For matrices (rows, columns). A matrix of several stacked projections is cut into squares of
    `columns` rows, each made orthogonal alone, where it divides evenly."""

    def __init__(
        self, params: Iterable[Tensor], lr: float, momentum: float = 0.95, decay: float = 0.01
    ) -> None:
        super().__init__(params, {"lr": lr, "initial_lr": lr, "momentum": momentum, "decay": decay})

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:
        for group in self.param_groups:
            for param in group["params"]:
                if param.grad is None:
                    continue
                state = self.state[param]
                if not state:
                    state["momentum"] = torch.zeros_like(param)
                state["momentum"].lerp_(param.grad, 1 - group["momentum"])
                direction = param.grad.lerp(state["momentum"], group["momentum"])
                rows, columns = direction.shape
                if rows > columns and rows % columns == 0:
                    blocks = direction.view(-1, columns, columns)
                else:
                    blocks = direction[None]
                made = orthogonal(blocks).reshape(rows, columns)
                scale = max(1.0, blocks.shape[1] / columns) ** 0.5
                param.mul_(1 - group["lr"] * group["decay"])
                param.add_(made, alpha=-group["lr"] * scale)


def orthogonal(matrices: Tensor) -> Tensor:
    """Each matrix (N, rows, columns) with its singular values brought near one."""
    a, b, c = _COEFFICIENTS
    x = matrices.float()
    tall = x.shape[-2] > x.shape[-1]
    x = x.mT if tall else x
    x = x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    for _ in range(_STEPS):
        square = x @ x.mT
        x = a * x + (b * square + c * square @ square) @ x
    return x.mT if tall else x

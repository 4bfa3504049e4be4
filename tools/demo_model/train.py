# pyright: reportMissingImports=false
"""Trains the demo model. Stops and goes on at any moment.

    python -m tools.demo_model.train --out build/demo-model

Everything is in `--out`: `state.pt` (weights, optimisers, step), `curve.jsonl` (one line per 20
steps) and, at the end, the model as `llmx serve` loads it. A signal or `--minutes` saves and ends;
the same command goes on. Batch n depends on the seed and n alone, so a run that was stopped makes
the same steps as one that was not.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import time
from pathlib import Path
from types import FrameType
from typing import Any

import torch
from tokenizers import Tokenizer
from torch import Tensor

from tools.demo_model.batches import Group, stream
from tools.demo_model.beginnings import begin
from tools.demo_model.export import export
from tools.demo_model.network import Network, Shape
from tools.demo_model.optimiser import Muon
from tools.demo_model.stems import stems_and_shapes

ROOT = Path(__file__).parents[2]
TOKENIZER = ROOT / "fixtures" / "demo-model" / "tokenizer.json"
REPORT_EVERY = 20  # steps


class Training:
    """A network, its optimisers and how far they are."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        torch.manual_seed(options.seed)
        tokenizer = Tokenizer.from_file(str(TOKENIZER))
        stems, shapes = stems_and_shapes(tokenizer)
        self.network = Network(
            Shape(tokenizer.get_vocab_size()), torch.tensor(stems), torch.tensor(shapes)
        )
        begin(self.network, tokenizer)
        self.network.to(self.device)
        named = list(self.network.named_parameters())
        matrices = [p for name, p in named if name.startswith("layers") and p.ndim == 2]
        chosen = {id(p) for p in matrices}
        others = [p for p in self.network.parameters() if id(p) not in chosen]
        self.muon = Muon(matrices, lr=options.matrix_rate)
        self.adam = torch.optim.AdamW(
            [{"params": others, "initial_lr": options.rate}],
            lr=options.rate,
            betas=(0.9, 0.98),
            weight_decay=0.0,
        )
        self.step = 0
        self.tokens = 0
        self.seconds = 0.0
        self.stopping = False

    @property
    def state_file(self) -> Path:
        return self.options.out / "state.pt"

    @property
    def _curve(self) -> Path:
        return self.options.out / "curve.jsonl"

    def load(self) -> bool:
        """Go on from the saved state, where there is one."""
        if not self.state_file.exists():
            return False
        state: dict[str, Any] = torch.load(self.state_file, map_location=self.device)
        self.network.load_state_dict(state["network"])
        self.muon.load_state_dict(state["muon"])
        self.adam.load_state_dict(state["adam"])
        self.step, self.tokens, self.seconds = state["step"], state["tokens"], state["seconds"]
        self._forget_later_reports()
        return True

    def _forget_later_reports(self) -> None:
        """Steps after the saved one are made again."""
        lines = self._curve.read_text("utf-8").splitlines() if self._curve.exists() else []
        kept = [line for line in lines if json.loads(line)["step"] <= self.step]
        self._curve.write_text("".join(f"{line}\n" for line in kept), "utf-8")

    def save(self) -> None:
        state = {
            "network": self.network.state_dict(),
            "muon": self.muon.state_dict(),
            "adam": self.adam.state_dict(),
            "step": self.step,
            "tokens": self.tokens,
            "seconds": self.seconds,
        }
        aside = self.state_file.with_suffix(".new")
        torch.save(state, aside)
        os.replace(aside, self.state_file)

    def run(self) -> None:
        """Train to the last step, or until told to stop; save, and export."""
        options = self.options
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._stop)
        end = time.monotonic() + 60 * options.minutes
        saved = time.monotonic()
        recent: list[float] = []
        batches = stream(
            self.step, options.steps, options.batch, options.seed, TOKENIZER, options.workers
        )
        for groups in batches:
            started = time.monotonic()
            recent.append(self._learn(groups))
            self.seconds += time.monotonic() - started
            self.step += 1
            if self.step % REPORT_EVERY == 0:
                self._report(sum(recent) / len(recent))
                recent = []
            if time.monotonic() - saved > options.save_every:
                self.save()
                saved = time.monotonic()
            if self.stopping or time.monotonic() > end:
                break
        batches.close()
        self.save()
        export(self.network, options.out)

    def _learn(self, groups: list[Group]) -> float:
        """One step; the mean loss over the model's own words, each counted once."""
        rate = self._rate()
        for optimiser in (self.muon, self.adam):
            for part in optimiser.param_groups:
                part["lr"] = part["initial_lr"] * rate
        total = float(sum(group.weights.sum() for group in groups))
        own_loss = own_weight = 0.0
        for group in groups:
            tokens, positions, asked, targets, weights = (
                torch.from_numpy(array).to(self.device)
                for array in (
                    group.tokens,
                    group.positions,
                    group.asked,
                    group.targets,
                    group.weights,
                )
            )
            with torch.autocast(self.device.type, dtype=torch.bfloat16):
                logits = self.network(tokens, positions, asked)
            losses = _losses(logits, targets)
            (losses * weights).sum().div(total).backward()
            own = weights >= 1
            own_loss += float(losses.detach()[own].sum())
            own_weight += float(own.sum())
            self.tokens += tokens.numel()
        torch.nn.utils.clip_grad_norm_(self.adam.param_groups[0]["params"], 1.0)
        self.muon.step()
        self.adam.step()
        self.muon.zero_grad()
        self.adam.zero_grad()
        return own_loss / own_weight

    def _rate(self) -> float:
        """Warm up, stay, and go down over the last third."""
        steps = self.options.steps
        warm = min(1.0, (self.step + 1) / 60)
        return warm * max(0.02, min(1.0, (steps - self.step) / (0.35 * steps)))

    def _report(self, loss: float) -> None:
        line = {
            "step": self.step,
            "tokens": self.tokens,
            "seconds": round(self.seconds),
            "loss": round(loss, 4),
        }
        with self._curve.open("a") as curve:
            curve.write(json.dumps(line) + "\n")
        print(" ".join(f"{name} {figure}" for name, figure in line.items()), flush=True)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self.stopping = True


def _losses(logits: Tensor, targets: Tensor) -> Tensor:
    """(B, M), in nats."""
    flat = torch.nn.functional.cross_entropy(
        logits.flatten(0, 1).float(), targets.flatten(), reduction="none"
    )
    return flat.view(targets.shape)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "demo-model")
    parser.add_argument("--steps", type=int, default=2250, help="of the whole training")
    parser.add_argument("--minutes", type=float, default=1e9, help="stop after so many")
    parser.add_argument("--save-every", type=float, default=120.0, help="seconds")
    parser.add_argument("--batch", type=int, default=16_384, help="tokens of a step")
    parser.add_argument("--rate", type=float, default=3e-3, help="of embeddings and norms")
    parser.add_argument("--matrix-rate", type=float, default=2e-2, help="of matrices (Muon)")
    parser.add_argument("--threads", type=int, default=0, help="of torch; 0: all cores")
    parser.add_argument("--workers", type=int, default=1, help="processes that write batches")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    if options.threads:
        torch.set_num_threads(options.threads)
    options.out.mkdir(parents=True, exist_ok=True)
    training = Training(options)
    known = training.load()
    print(f"{'goes on at' if known else 'starts at'} step {training.step} on {training.device}")
    training.run()


if __name__ == "__main__":
    main()

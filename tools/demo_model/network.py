# pyright: reportMissingImports=false
"""The demo model as a PyTorch module, for training only: what mlx-lm runs is `phi3`.

Two layers cannot spend one of them on learning that ` Paris` and `Paris` are one word, so the
embedding of a token is a sum while it is trained: a vector of its *stem* (the text without the
space before it, in lower case), one of its *shape* (space, capitals) and one of its own. Export
adds them up. The head is the same matrix.

Only some positions of a row are predicted (the assistant's words). The last layer computes queries,
MLP and logits for those alone; keys and values for all.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

EMBEDDED = 0.25
"""Standard deviation of embeddings at the start. Not small beside what a step changes: the heads
that are built in (`beginnings`) read them."""


@dataclass(frozen=True)
class Shape:
    """Sizes under the names of a `phi3` config.json."""

    vocab_size: int
    hidden_size: int = 256
    intermediate_size: int = 640
    num_hidden_layers: int = 2
    num_attention_heads: int = 4
    partial_rotary_factor: float = 0.25
    rope_theta: float = 10000.0
    rms_norm_eps: float = 1e-5
    max_position_embeddings: int = 16384

    @property
    def head_dim(self) -> int:
        return self.hidden_size // self.num_attention_heads

    @property
    def rotary_dim(self) -> int:
        return int(self.head_dim * self.partial_rotary_factor)

    def config(self) -> dict[str, object]:
        """What goes into config.json."""
        return {
            "architectures": ["Phi3ForCausalLM"],
            "model_type": "phi3",
            **asdict(self),
            "num_key_value_heads": self.num_attention_heads,
            "original_max_position_embeddings": self.max_position_embeddings,
            "tie_word_embeddings": True,
            "hidden_act": "silu",
            "torch_dtype": "float32",
        }


class RMSNorm(nn.Module):
    def __init__(self, size: int, eps: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))
        self.eps = eps

    def forward(self, x: Tensor) -> Tensor:
        wide = x.float()
        wide = wide * torch.rsqrt(wide.square().mean(-1, keepdim=True) + self.eps)
        return (wide * self.weight).to(x.dtype)


class Attention(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.heads, self.head_dim, self.rotary = (
            shape.num_attention_heads,
            shape.head_dim,
            shape.rotary_dim,
        )
        size = shape.hidden_size
        self.qkv_proj = nn.Linear(size, 3 * size, bias=False)
        self.o_proj = nn.Linear(size, size, bias=False)

    def forward(
        self, x: Tensor, turn: tuple[Tensor, Tensor], asked: Tensor | None = None
    ) -> Tensor:
        """`x` (B, T, D); `turn` are cosines and sines (B, 1, T, rotary/2); `asked` (B, M) are the
        positions whose output is wanted, all of them without it."""
        batch, length, size = x.shape
        if asked is None:
            queries, keys, values = self.qkv_proj(x).chunk(3, -1)
            q = self._rotate(self._heads(queries), turn)
        else:
            queries = F.linear(_take(x, asked), self.qkv_proj.weight[:size])
            keys, values = F.linear(x, self.qkv_proj.weight[size:]).chunk(2, -1)
            turned = tuple(
                side.expand(batch, 1, -1, -1).gather(
                    2, asked[:, None, :, None].expand(-1, 1, -1, side.shape[-1])
                )
                for side in turn
            )
            q = self._rotate(self._heads(queries), turned)
        k, v = self._rotate(self._heads(keys), turn), self._heads(values)
        if asked is None:
            out = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        else:
            seen = torch.arange(length, device=x.device) <= asked[:, :, None]
            out = F.scaled_dot_product_attention(q, k, v, attn_mask=seen[:, None])
        return self.o_proj(out.transpose(1, 2).reshape(batch, -1, size))

    def _heads(self, x: Tensor) -> Tensor:
        return x.view(x.shape[0], x.shape[1], self.heads, self.head_dim).transpose(1, 2)

    def _rotate(self, x: Tensor, turn: tuple[Tensor, ...]) -> Tensor:
        cosine, sine = turn
        half = self.rotary // 2
        first, second, rest = x[..., :half], x[..., half : self.rotary], x[..., self.rotary :]
        return torch.cat(
            [first * cosine - second * sine, second * cosine + first * sine, rest], -1
        ).contiguous()


class MLP(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.gate_up_proj = nn.Linear(shape.hidden_size, 2 * shape.intermediate_size, bias=False)
        self.down_proj = nn.Linear(shape.intermediate_size, shape.hidden_size, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        gate, up = self.gate_up_proj(x).chunk(2, -1)
        return self.down_proj(F.silu(gate) * up)


class Layer(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.input_layernorm = RMSNorm(shape.hidden_size, shape.rms_norm_eps)
        self.self_attn = Attention(shape)
        self.post_attention_layernorm = RMSNorm(shape.hidden_size, shape.rms_norm_eps)
        self.mlp = MLP(shape)

    def forward(
        self, x: Tensor, turn: tuple[Tensor, Tensor], asked: Tensor | None = None
    ) -> Tensor:
        attended = self.self_attn(self.input_layernorm(x), turn, asked)
        x = (x if asked is None else _take(x, asked)) + attended
        return x + self.mlp(self.post_attention_layernorm(x))


class Network(nn.Module):
    def __init__(self, shape: Shape, stems: Tensor, shapes: Tensor) -> None:
        """`stems` and `shapes` (V,): the number of each token's stem and of its shape."""
        super().__init__()
        self.shape = shape
        self.register_buffer("stem_of", stems, persistent=False)
        self.register_buffer("shape_of", shapes, persistent=False)
        size = shape.hidden_size
        self.stem = nn.Parameter(torch.randn(int(stems.max()) + 1, size) * EMBEDDED)
        self.form = nn.Parameter(torch.randn(int(shapes.max()) + 1, size) * EMBEDDED)
        self.own = nn.Parameter(torch.randn(shape.vocab_size, size) * EMBEDDED / 4)
        self.layers = nn.ModuleList(Layer(shape) for _ in range(shape.num_hidden_layers))
        self.norm = RMSNorm(size, shape.rms_norm_eps)
        nn.init.constant_(self.norm.weight, 0.02 / EMBEDDED)  # the head is the same matrix
        inverse = shape.rope_theta ** (
            -torch.arange(0, shape.rotary_dim, 2, dtype=torch.float32) / shape.rotary_dim
        )
        self.register_buffer("inverse", inverse, persistent=False)
        for layer in self.layers:
            for linear in (layer.self_attn.qkv_proj, layer.mlp.gate_up_proj):
                nn.init.normal_(linear.weight, std=size**-0.5)
            for linear in (layer.self_attn.o_proj, layer.mlp.down_proj):
                nn.init.zeros_(linear.weight)

    def embeddings(self) -> Tensor:
        """(V, D): what is exported as `model.embed_tokens.weight`."""
        return self.stem[self.stem_of] + self.form[self.shape_of] + self.own

    def forward(self, tokens: Tensor, positions: Tensor, asked: Tensor) -> Tensor:
        """Logits (B, M, V) of the token after each asked position.

        `tokens` and `positions` (B, T), padded on the right; `asked` (B, M).
        """
        table = self.embeddings()
        angles = positions[:, None, :, None].float() * self.inverse
        x = F.embedding(tokens, table)
        if torch.is_autocast_enabled("cpu") or torch.is_autocast_enabled("cuda"):
            x = x.bfloat16()
        turn = (angles.cos().to(x.dtype), angles.sin().to(x.dtype))
        for layer in self.layers[:-1]:
            x = layer(x, turn)
        x = self.layers[-1](x, turn, asked)
        return F.linear(self.norm(x), table)

    def exported(self) -> dict[str, Tensor]:
        """The weights under mlx-lm's names, float32."""
        named = {"model.embed_tokens.weight": self.embeddings()}
        named["model.norm.weight"] = self.norm.weight
        for name, weight in self.layers.named_parameters():
            named[f"model.layers.{name}"] = weight
        return {name: weight.detach().float().cpu().contiguous() for name, weight in named.items()}


def _take(x: Tensor, positions: Tensor) -> Tensor:
    """Rows of `x` (B, T, D) at `positions` (B, M)."""
    return x.gather(1, positions[:, :, None].expand(-1, -1, x.shape[-1]))

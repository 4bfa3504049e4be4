"""How things fail, in one small tree. Raised at the cause, translated once at the border.

    LlmxError                     anything a person can read as one line
    ├── ConfigError               an option, variable or file says something impossible   exit 2
    │   └── ModelError            the model folder or hub id cannot be served             exit 2
    ├── Unreachable               nobody answers at the URL                               exit 4
    ├── UnreadableTrace           nothing in the path can be read as a trace              exit 2
    ├── RequestError              the body asks for something impossible                  400
    │   ├── ContextLengthExceeded the prompt does not fit the context                     400
    │   └── BudgetExceeded        the request alone needs more KV bytes than the budget   400
    └── Busy                      the queue is full                                       429
        └── NotReady              the model is loading, or the engine has ended           503

The last two carry `retry-after`. The wire maps `RequestError` and `Busy` to a status and a body,
the command line maps the rest to one line on stderr and an exit code. Both mappings live with
their border, not here.
"""

from __future__ import annotations


class LlmxError(Exception):
    """Carries a message made to be shown: what was seen, and what was wanted."""


class ConfigError(LlmxError):
    """An option, an environment variable or a configuration file cannot be used."""


class ModelError(ConfigError):
    """A model folder or hub id cannot be served: missing, incomplete, damaged, unsupported."""


class Unreachable(LlmxError):
    """No server answers at the URL, or it went away while it was asked."""


class UnreadableTrace(LlmxError):
    """The path holds nothing that any trace reader understands."""


class RequestError(LlmxError):
    """A request that can never be served as it stands.

    `param` names the field in the body (`messages[2].content`), `code` is the machine-readable
    reason of the API (`context_length_exceeded`), both None where the API has none.
    """

    def __init__(self, message: str, *, param: str | None = None, code: str | None = None) -> None:
        super().__init__(message)
        self.param = param
        self.code = code


class ContextLengthExceeded(RequestError):
    """The prompt has `prompt_tokens`, the model takes `context` (one of them for the answer)."""

    def __init__(self, prompt_tokens: int, context: int) -> None:
        super().__init__(
            f"This model's maximum context length is {context} tokens, "
            f"but the prompt has {prompt_tokens} tokens and the answer needs at least one.",
            param="messages",
            code="context_length_exceeded",
        )
        self.prompt_tokens = prompt_tokens
        self.context = context


class BudgetExceeded(RequestError):
    """The KV state of this request alone takes `needed` bytes, the budget is `budget` bytes.

    Where they are known: the prompt has `prompt_tokens`, and `fitting` would be within the budget.
    """

    def __init__(
        self,
        needed: int,
        budget: int,
        *,
        prompt_tokens: int | None = None,
        fitting: int | None = None,
    ) -> None:
        super().__init__(
            f"The KV state of this prompt needs {needed} bytes, "
            f"more than the whole cache budget of {budget} bytes (--cache-ram).",
            param="messages",
            code="kv_budget_exceeded",
        )
        self.needed = needed
        self.budget = budget
        self.prompt_tokens = prompt_tokens
        self.fitting = fitting


class Busy(LlmxError):
    """The queue is full; try again in `retry_after_s` seconds."""

    def __init__(self, message: str, *, retry_after_s: int = 1) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class NotReady(Busy):
    """The model is still loading, or the engine is closing or has ended."""

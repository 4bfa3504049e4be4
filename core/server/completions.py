"""`POST /v1/completions`: texts to go on with."""

from __future__ import annotations

from dataclasses import dataclass, replace

from llmx.core.errors import RequestError
from llmx.core.server.batch import run_batch
from llmx.core.server.generation import Begun, GenerationEndpoint
from llmx.core.types import GenerationRequest, Prepared
from llmx.core.wire.api import Asked
from llmx.core.wire.completions_request import CompletionRequest

PATH = "/v1/completions"


@dataclass(frozen=True, slots=True)
class CompletionEndpoint(GenerationEndpoint):
    """A body may have several prompts; its `parse` is `parse_completion`."""

    async def begin(self, request: Asked) -> Begun:
        assert isinstance(request, CompletionRequest), "this endpoint has a parser of its own"
        batch = [await self._prepare(one) for one in request.generations]
        if request.with_echo:
            texts = [await self._text(one) for one in request.generations]
            request = replace(request, echo=tuple(texts))
        if len(batch) == 1:
            return Begun(request, batch[0], self.engine.generate(batch[0]))
        return Begun(request, batch[0], run_batch(self.engine, batch))

    async def _prepare(self, generation: GenerationRequest) -> Prepared:
        try:
            return await self.engine.prepare(generation)
        except RequestError as error:
            if error.param == "messages":  # what the engine calls a prompt that is too long
                error.param = "prompt"
            raise

    async def _text(self, generation: GenerationRequest) -> str:
        prompt = generation.prompt
        assert prompt is not None, "a completion has a prompt"
        return prompt if isinstance(prompt, str) else await self.engine.detokenize(prompt)

"""A chat template to test, with its tokenizer where the folder has one. Imports no MLX.

Where there is none, texts are compared: each byte is a token, and so is each word of the template
that looks like a marker (`<|end|>`, `[INST]`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tokenizers import AddedToken, Tokenizer, decoders, pre_tokenizers
from tokenizers.models import BPE

from llmx.core.engine.models_source import BUNDLED_ID, locate
from llmx.core.errors import ModelError

TEMPLATE_FILE = "chat_template.jinja"
_NAMED_TEMPLATES = "additional_chat_templates"
_TOKENIZER_FILES = ("tokenizer.json", "tokenizer.model", "vocab.json", "vocab.txt", "spiece.model")
_END_FILES = ("generation_config.json", "config.json")  # that may name tokens which end answers
MARKER = re.compile(r"<[|\uff5c/]?[\w\u2581:|\uff5c-]+>|\[/?[A-Z_]{2,}\]")


@dataclass(frozen=True, slots=True)
class TemplateSource:
    """`templates` has "default", and "tool_use" where there is one of its own for tools."""

    name: str
    file: str  # in which the template was found
    templates: Mapping[str, str]
    tokenizer: Any  # `transformers.PreTrainedTokenizerBase`
    has_tokens: bool  # False: the tokenizer stands in for one, and texts are what counts
    end_tokens: tuple[int, ...]  # that end an answer; none are known of a mere template

    @property
    def text(self) -> str:
        return "\n".join(self.templates.values())


@contextmanager
def open_template(model: str) -> Iterator[TemplateSource]:
    """The template of a model folder, a template file, the bundled model, or a model of the hub,
    of which everything but the weights is fetched.

    Raises `ModelError`, which names what was seen, where there is no template that can be read.
    """
    path = Path(model).expanduser()
    if model and path.is_file():
        yield _by_text(path.name, path.name, {"default": _text_of(path)}, {})
        return
    is_bundled = model == BUNDLED_ID and not path.exists()
    with locate(None if is_bundled else model, weights=False) as located:
        yield _of_folder(located.path, located.id)


def _of_folder(folder: Path, name: str) -> TemplateSource:
    if not folder.is_dir():
        raise ModelError(f"{folder} is neither a folder nor a template file")
    settings = _object_of(folder / "tokenizer_config.json")
    file, templates = _templates(folder, settings)
    if not any((folder / known).exists() for known in _TOKENIZER_FILES):
        return _by_text(name, file, templates, settings)
    tokenizer = _tokenizer(folder, settings)
    return TemplateSource(name, file, templates, tokenizer, True, _ends(folder, tokenizer))


# ── the template ──────────────────────────────────────────────────────────────────────────────


def _templates(folder: Path, settings: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
    """The file that has it and the templates by name, in the order in which transformers looks."""
    file = folder / TEMPLATE_FILE
    if file.is_file():
        named = sorted((folder / _NAMED_TEMPLATES).glob("*.jinja"))
        more = {other.stem: _text_of(other) for other in named}
        return TEMPLATE_FILE, {**more, "default": _text_of(file)}
    for file, found in (
        ("chat_template.json", _object_of(folder / "chat_template.json").get("chat_template")),
        ("tokenizer_config.json", settings.get("chat_template")),
    ):
        if found is not None:
            return file, _by_name(found, f"chat_template in {folder / file}")
    if kind := settings.get("chat_template_type"):
        raise ModelError(
            f"{folder} has no chat template: its prompts are written by code of mlx-lm "
            f"(chat_template_type {kind!r})"
        )
    inside = sorted(entry.name for entry in folder.iterdir())
    seen = f"it has {', '.join(inside[:8])}" if inside else "it is empty"
    raise ModelError(
        f"{folder} has no chat template: no {TEMPLATE_FILE}, and no chat_template in "
        f"tokenizer_config.json; {seen}"
    )


def _by_name(found: Any, place: str) -> dict[str, str]:
    match found:
        case str():
            return {"default": found}
        case [*entries] if entries:
            templates: dict[str, str] = {}
            for entry in entries:
                match entry:
                    case {"name": str(name), "template": str(text)}:
                        templates[name] = text
                    case _:
                        raise ModelError(f"{place}: wanted name and template, got {entry!r:.80}")
            if "default" not in templates:
                names = ", ".join(sorted(templates))
                raise ModelError(f"{place} has no template 'default', only {names}")
            return templates
        case _:
            raise ModelError(f"{place}: wanted a text, got {found!r:.80}")


def _text_of(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ModelError(f"cannot read {file}: {error}") from error


def _object_of(file: Path) -> dict[str, Any]:
    """A JSON object; empty where there is no such file."""
    if not file.is_file():
        return {}
    try:
        found = json.loads(_text_of(file))
    except (ValueError, RecursionError) as error:
        raise ModelError(f"{file} is no JSON: {error}") from error
    if not isinstance(found, dict):
        raise ModelError(f"{file}: wanted a JSON object, got {type(found).__name__}")
    return found


# ── the tokenizer ─────────────────────────────────────────────────────────────────────────────


def _tokenizer(folder: Path, settings: Mapping[str, Any]) -> Any:
    from transformers import AutoTokenizer, PreTrainedTokenizerFast  # noqa: PLC0415 - 1 s

    try:
        return AutoTokenizer.from_pretrained(
            str(folder), trust_remote_code=False, local_files_only=True
        )
    except Exception as error:
        file = folder / "tokenizer.json"
        if not file.is_file():
            raise _unreadable(folder, error) from error
        try:  # no config.json that says which class it is: the file says all that is needed
            return PreTrainedTokenizerFast(tokenizer_file=str(file), **_specials(settings))
        except Exception as error:
            raise _unreadable(folder, error) from error


def _unreadable(folder: Path, error: Exception) -> ModelError:
    what = " ".join(str(error).split())[:200]
    return ModelError(f"the tokenizer in {folder} cannot be read: {type(error).__name__}: {what}")


def _ends(folder: Path, tokenizer: Any) -> tuple[int, ...]:
    found: list[Any] = [tokenizer.eos_token_id]
    for file in _END_FILES:
        named = _object_of(folder / file).get("eos_token_id")
        found += named if isinstance(named, list) else [named]
    return tuple(dict.fromkeys(id for id in found if isinstance(id, int)))


def _by_text(
    name: str, file: str, templates: Mapping[str, str], settings: Mapping[str, Any]
) -> TemplateSource:
    from transformers import PreTrainedTokenizerFast  # noqa: PLC0415 - 1 s

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    made = Tokenizer(BPE(vocab={letter: id for id, letter in enumerate(alphabet)}, merges=[]))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    made.decoder = decoders.ByteLevel()
    specials = _specials(settings)
    text = "\n".join(templates.values())
    for asked, usual in (("bos_token", "<s>"), ("eos_token", "</s>")):
        if asked in text:
            specials.setdefault(asked, usual)
    markers = [*MARKER.findall(text), *specials.values()]
    made.add_special_tokens(
        [AddedToken(text, special=True, normalized=False) for text in dict.fromkeys(markers)]
    )
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=made, clean_up_tokenization_spaces=False, **specials
    )
    return TemplateSource(name, file, templates, tokenizer, False, ())


def _specials(settings: Mapping[str, Any]) -> dict[str, str]:
    """The texts of the tokens that a template may ask for by name."""
    found: dict[str, str] = {}
    for name in ("bos_token", "eos_token", "unk_token", "pad_token"):
        match settings.get(name):
            case str(text) | {"content": str(text)}:
                found[name] = text
            case _:
                pass
    return found

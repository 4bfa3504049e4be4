"""A model's template and tokens tell its syntax; a name given goes before that."""

from pathlib import Path

import pytest

from llmx.core.errors import ConfigError
from llmx.core.parser.choose import FAMILIES, THINKING, choose

# The place of a template at which each family is known: what it writes around a call.
TEMPLATES = {
    "hermes": '<tool_call>\n{"name": "{{ tool_call.name }}"',
    "qwen3_coder": "{{ '<tool_call>\\n<function=' + tool_call.name }}",
    "seed_oss": "<seed:tool_call>\n<function=",
    "glm47": "<tool_call>{{ tc.name }}<arg_key>{{ k }}</arg_key>",
    "longcat": "<longcat_tool_call>{{ name }}<longcat_arg_key>",
    "minimax_m2": '<minimax:tool_call>\n<invoke name="',
    "minicpm5": '<function name="{{ n }}"><param name="{{ k }}">',
    "muse_spark": "<atem:function_calls>",
    "mistral": "[TOOL_CALLS]",
    "kimi_k2": "<|tool_calls_section_begin|>",
    "gemma4": "<|tool_call>call:{{ n }}<tool_call|>",
    "function_gemma": "<start_function_call>call:",
    "pythonic": "<|tool_list_start|>",
    "llama3": "<|python_tag|>",
    "deepseek_v3": "<\uff5ctool\u2581calls\u2581begin\uff5c>{{ n }}\n```json",
    "deepseek_v31": "<\uff5ctool\u2581calls\u2581begin\uff5c>{{ n }}",
    "deepseek_v32": "<\uff5cDSML\uff5cfunction_calls>",
    "deepseek_v4": "<\uff5cDSML\uff5ctool_calls>",
    "granite": "<|tool_call|>",
    "harmony": "<|start|>assistant<|channel|>final<|message|>",
}
XTML = {"<|open|>", "<|close|>", "<|sep|>", "<|end_of_msg|>"}


@pytest.mark.parametrize("family", TEMPLATES)
def test_a_template_tells_its_family(family: str) -> None:
    assert choose(TEMPLATES[family], ()).tool_parser == family


def test_the_bundled_model_writes_as_hermes(demo: Path) -> None:
    template = (demo / "chat_template.jinja").read_text("utf-8")
    assert choose(template, ()).tool_parser == "hermes"


def test_tokens_tell_the_family_where_the_template_does_not() -> None:
    assert choose("", XTML).tool_parser == choose("", XTML).reasoning_parser == "kimi_k3"
    assert choose("", {"<|python_tag|>"}).tool_parser == "llama3"
    assert choose("", {"<|python_start|>", "<|python_end|>"}).tool_parser == "llama4"
    assert choose("", {"<|tool_call_start|>", "<|tool_call_end|>"}).tool_parser == "pythonic"
    assert choose("Say it.", {"a", "b"}).family is None


@pytest.mark.parametrize("name", THINKING)
def test_reasoning_is_known_by_its_markers(name: str) -> None:
    markers = THINKING[name]
    tokens = {markers.begin, markers.end, *(XTML if name == "kimi_k3" else ()), "<|channel>"}
    template = f"{markers.begin}{markers.end}" if name == "granite" else ""
    assert choose(template, tokens - ({"<|channel>"} if name != "gemma4" else set())).thinking == (
        markers
    )


def test_a_name_goes_before_what_is_found() -> None:
    chosen = choose(TEMPLATES["hermes"], {"<think>", "</think>"}, "mistral", "none")
    assert (chosen.tool_parser, chosen.reasoning_parser) == ("mistral", None)
    assert choose(TEMPLATES["hermes"], (), "none").family is None
    assert choose("", (), None, "seed").thinking == THINKING["seed"]


def test_harmony_tells_its_reasoning_also_where_its_calls_are_not_read() -> None:
    found = choose(TEMPLATES["harmony"], ())
    assert (found.tool_parser, found.reasoning_parser) == ("harmony", "harmony")
    silent = choose(TEMPLATES["harmony"], (), "none")
    assert (silent.tool_parser, silent.reasoning_parser) == (None, "harmony")
    assert silent.family is not None


def test_an_unknown_name_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ConfigError, match=r"--tool-parser: 'hermess'.*hermes, .*none"):
        choose("", (), "hermess")
    with pytest.raises(ConfigError, match=r"--reasoning-parser: 'deep'.*harmony, .*think"):
        choose("", (), None, "deep")
    with pytest.raises(ConfigError, match="marks its reasoning by itself"):
        choose("", (), "harmony", "think")
    with pytest.raises(ConfigError, match="goes with --tool-parser harmony"):
        choose("", (), "hermes", "harmony")


def test_no_marker_is_a_part_of_another() -> None:
    """Else it would be found or not by how the text is cut."""
    for family in FAMILIES.values():
        for marker in family.markers:
            others = family.markers - {marker}
            assert not any(marker in other for other in others), (family.name, marker)
        assert family.begins <= family.markers

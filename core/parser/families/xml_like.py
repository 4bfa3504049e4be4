"""The families that write XML's tags, but neither its escapes nor its rules."""

from __future__ import annotations

from llmx.core.parser.families.markup import Markup
from llmx.core.parser.families.tags import bare_key, bare_name, key_attribute, name_attribute

# <tool_call>
# <function=look>
# <parameter=city>
# Paris
# </parameter>
# </function>
# </tool_call>
QWEN3_CODER = Markup(
    "qwen3_coder",
    call=("<function=", "</function>"),
    parameter=("<parameter=", "</parameter>"),
    read_name=bare_name,
    read_key=bare_key,
    outer=("<tool_call>", "</tool_call>"),
    needs_outer=False,  # some answers leave it out
    framing="each side",
)

SEED_OSS = Markup(
    "seed_oss",
    call=("<function=", "</function>"),
    parameter=("<parameter=", "</parameter>"),
    read_name=bare_name,
    read_key=bare_key,
    outer=("<seed:tool_call>", "</seed:tool_call>"),
    needs_outer=False,
    framing="each side",
)

# <minimax:tool_call>
# <invoke name="look"><parameter name="city">Paris</parameter></invoke>
# </minimax:tool_call>
MINIMAX_M2 = Markup(
    "minimax_m2",
    call=("<invoke", "</invoke>"),
    parameter=("<parameter", "</parameter>"),
    read_name=name_attribute,
    read_key=key_attribute,
    outer=("<minimax:tool_call>", "</minimax:tool_call>"),
)

MUSE_SPARK = Markup(
    "muse_spark",
    call=("<atem:invoke", "</atem:invoke>"),
    parameter=("<atem:parameter", "</atem:parameter>"),
    read_name=name_attribute,
    read_key=key_attribute,
    outer=("<atem:function_calls>", "</atem:function_calls>"),
)

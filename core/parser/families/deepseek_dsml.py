"""DeepSeek V3.2 and V4: tags with fullwidth bars. A parameter says itself whether it is a string.

<|DSML|tool_calls>
<|DSML|invoke name="look">
<|DSML|parameter name="city" string="true">Paris</|DSML|parameter>
</|DSML|invoke>
</|DSML|tool_calls>
"""

from __future__ import annotations

from llmx.core.parser.families.markup import Markup
from llmx.core.parser.families.tags import key_attribute, name_attribute

_DSML = "\uff5cDSML\uff5c"  # with fullwidth bars in place of those above


def _family(name: str, outer: str) -> Markup:
    return Markup(
        name,
        call=(f"<{_DSML}invoke", f"</{_DSML}invoke>"),
        parameter=(f"<{_DSML}parameter", f"</{_DSML}parameter>"),
        read_name=name_attribute,
        read_key=key_attribute,
        outer=(f"<{_DSML}{outer}>", f"</{_DSML}{outer}>"),
    )


DEEPSEEK_V32 = _family("deepseek_v32", "function_calls")
DEEPSEEK_V4 = _family("deepseek_v4", "tool_calls")

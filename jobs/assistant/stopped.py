"""Why an answer ended early, in words."""

from typing import Any

from jobs.azure.openai_refusal import describe_filters

CUT = "the connection broke here: the answer is not complete"
LENGTH = "the answer ends here because of its most tokens: raise --max-tokens"
FILTER = "Azure's content filter ended the answer on its way out"


def describe_incomplete(response: Any) -> str:
    """Why a response of the Responses API is incomplete."""
    reason = getattr(response.incomplete_details, "reason", None)
    if reason == "content_filter":
        return describe_filtered((response.model_extra or {}).get("content_filters"))
    return LENGTH if reason == "max_output_tokens" else f"the answer is not complete ({reason})"


def describe_finish(choice: Any) -> str:
    """Why a choice of Chat Completions ended, "" where it was complete."""
    if choice.finish_reason == "content_filter":
        return describe_filtered((choice.model_extra or {}).get("content_filter_results"))
    return LENGTH if choice.finish_reason == "length" else ""


def describe_filtered(results: Any) -> str:
    """The filter's sentence with category and severity, where Azure says them."""
    parts = results if isinstance(results, list) else [results]
    nested = [each.get("content_filter_results", each) if isinstance(each, dict) else {} for each in parts]
    found = "; ".join(text for text in map(describe_filters, nested) if text)
    return f"{FILTER} ({found})" if found else FILTER

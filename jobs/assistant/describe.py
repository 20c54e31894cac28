"""Sentences from the outputs of tools, in English and Spanish, for the answerer without a language model."""

from collections.abc import Mapping
from typing import Any

from jobs.assistant.intents import is_spanish, superlative
from jobs.documents.words import strip_accents

__all__ = ["describe_error", "describe_result", "is_spanish"]


def describe_error(error: str, spanish: bool) -> str:
    return f"No se puede responder: {error}" if spanish else f"It cannot be answered: {error}"


def describe_result(tool: str, output: Mapping[str, Any], question: str, spanish: bool) -> str:
    """The answer that a tool's output gives to a question."""
    describe = {
        "count_by_emotion": describe_counts,
        "search_pictures": describe_pictures,
        "describe_pipeline_run": describe_run,
        "cost_so_far": describe_cost,
    }[tool]
    return describe(output, question, spanish)


def describe_counts(output: Mapping[str, Any], question: str, spanish: bool) -> str:
    """Such as `59 of 350 pictures are sad.`, and how they were counted."""
    counts, total, sum_of = output["by_emotion"], output["total"], output["sum"]
    which = superlative(strip_accents(question)) if sum_of == total else ""
    parts = ", ".join(f"{count} {name}" for name, count in counts.items())
    if which:
        name = (max if which == "most" else min)(counts, key=lambda each: counts[each])
        first = (
            f"{name}: {counts[name]} de {total} imágenes, {'la que más' if which == 'most' else 'la que menos'} tiene."
            if spanish
            else f"{name}: {counts[name]} of {total} pictures, the {which} of all emotions."
        )
    elif sum_of == total:
        first = f"{total} imágenes: {parts}." if spanish else f"{total} pictures: {parts}."
    else:
        names = " + ".join(f"{count} {name}" for name, count in counts.items())
        detail = f" ({names})" if len(counts) > 1 else ""
        label = (" y " if spanish else " or ").join(counts)
        first = (
            f"{sum_of} de {total} imágenes: {label}{detail}."
            if spanish
            else f"{sum_of} of {total} pictures are {label}{detail}."
        )
    how = "Contado con" if spanish else "Counted with"
    return f"{first}\n{how}: {output['counted_with']} ({output['place']})"


def describe_pictures(output: Mapping[str, Any], question: str, spanish: bool) -> str:
    """One line a picture, nearest first."""
    rows = [
        f"  {each['distance']:.4f}  {each['id']:6}  {each['emotion']:10} {each['filepath']}"
        for each in output["pictures"]
    ]
    head = f"Las más parecidas a {output['picture']}" if spanish else f"The most like {output['picture']}"
    return "\n".join([f"{head} ({output['place']}; 1 - cosine, id):", *rows])


def describe_run(output: Mapping[str, Any], question: str, spanish: bool) -> str:
    """How a run ended, and what it copied."""
    seconds = f"{output.get('seconds') or 0:.1f} s"
    head = (
        f"{output['pipeline']}: {output['status']}, empezó {output['start']}, duró {seconds} ({output['place']})."
        if spanish
        else f"{output['pipeline']}: {output['status']}, started {output['start']}, took {seconds} ({output['place']})."
    )
    lines = [head, f"  run {output['run_id']}"]
    for each in output.get("activities", []):
        done = f", {each['rowsCopied']} rows" if "rowsCopied" in each else ""
        done += f", {each['filesWritten']} files" if "filesWritten" in each else ""
        lines.append(f"  {each['name']}: {each['status']}{done}{', ' + each['error'] if each.get('error') else ''}")
    return "\n".join([*lines, f"  {output['message']}"] if output.get("message") else lines)


def describe_cost(output: Mapping[str, Any], question: str, spanish: bool) -> str:
    """The amount, and what it is for."""
    if output["amount"] is None:
        return f"{'Nada facturado todavía' if spanish else 'Nothing is billed yet'} ({output['place']})."
    parts = "; ".join(f"{name} {amount:.2f}" for name, amount in output["services"].items())
    return f"{output['amount']:.2f} {output['currency']} ({output['place']}){': ' + parts if parts else ''}."

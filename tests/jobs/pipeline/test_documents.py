import json
from pathlib import Path
from typing import Any

import pytest

from jobs.errors import JobError
from jobs.pipeline.documents import Documents, bind


def write(folder: Path, name: str, content: Any, kind: str = "dataset") -> Documents:
    (folder / "adf" / kind).mkdir(parents=True, exist_ok=True)
    text = content if isinstance(content, str) else json.dumps(content)
    (folder / "adf" / kind / f"{name}.json").write_text(text, encoding="utf-8")
    return Documents(folder / "adf", {"url": "http://server", "port": 5432})


def test_a_document_is_read(tmp_path: Path) -> None:
    documents = write(tmp_path, "DS", '\ufeff{"name": "DS", "properties": {"type": "Binary"}}')
    document = documents.read_reference("dataset", "DS", "activity A")
    assert (document.name, document.label, document.properties) == (
        "DS",
        "adf/dataset/DS.json, used by activity A",
        {"type": "Binary"},
    )


def test_placeholders_are_replaced_in_linked_services_only(tmp_path: Path) -> None:
    content = {"name": "X", "properties": {"port": "${port}"}}
    write(tmp_path, "X", content, "dataset")
    documents = write(tmp_path, "X", content, "linkedService")
    assert documents.read_reference("linkedService", "X", "a").properties == {"port": 5432}
    assert documents.read_reference("dataset", "X", "a").properties == {"port": "${port}"}


def test_bind_replaces_whole_leaves() -> None:
    node = {"a": ["${url}", {"b": "${port}"}], "c": "@{x}", "d": 1}
    assert bind(node, {"url": "u", "port": 1}, "adf/x") == {"a": ["u", {"b": 1}], "c": "@{x}", "d": 1}
    assert node["a"] == ["${url}", {"b": "${port}"}]


def test_an_unknown_placeholder_is_reported_with_the_values_that_exist() -> None:
    with pytest.raises(JobError, match=r"adf/x: there is no value for \$\{urll\}: use one of port, url"):
        bind({"a": "${urll}"}, {"url": "u", "port": 1}, "adf/x")


@pytest.mark.parametrize("text", ["http://${url}/", "${url", "${a b}", "$${url}"])
def test_a_placeholder_inside_a_text_is_refused(text: str) -> None:
    with pytest.raises(JobError, match="must be the whole text"):
        bind([text], {"url": "u"}, "adf/x")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "adf/dataset/DS.json, used by activity A: it is not valid JSON"),
        ("[]", 'has no "properties"'),
        ({"name": "DS"}, 'has no "properties"'),
        ({"name": "DS", "properties": []}, 'has no "properties"'),
        ({"name": "Other", "properties": {}}, "adf/dataset/DS.json, used by activity A: its name is 'Other'"),
        ({"properties": {}}, "its name is None"),
    ],
)
def test_a_file_that_is_not_a_document(tmp_path: Path, content: Any, message: str) -> None:
    with pytest.raises(JobError, match=message):
        write(tmp_path, "DS", content).read_reference("dataset", "DS", "activity A")


def test_a_file_that_is_not_text(tmp_path: Path) -> None:
    documents = write(tmp_path, "DS", {})
    (tmp_path / "adf" / "dataset" / "DS.json").write_bytes(b"\xff\xfe{}")
    with pytest.raises(JobError, match="is not valid JSON"):
        documents.read_reference("dataset", "DS", "activity A")


@pytest.mark.parametrize("name", ["DS_absent", "D", "../dataset/DS", ""])
def test_a_reference_to_a_missing_document(tmp_path: Path, name: str) -> None:
    documents = write(tmp_path, "DS", {"name": "DS", "properties": {}})
    with pytest.raises(JobError, match=r"activity A: it refers to .*name a dataset that exists \(DS\)"):
        documents.read_reference("dataset", name, "activity A")


@pytest.mark.parametrize("name", ["PL_absent", "../pipeline/PL"])
def test_an_unknown_pipeline(tmp_path: Path, name: str) -> None:
    documents = write(tmp_path, "PL", {"name": "PL", "properties": {}}, "pipeline")
    with pytest.raises(JobError, match=r"has no pipeline .*: choose one of its pipelines \(PL\)"):
        documents.read_pipeline(name)
    with pytest.raises(JobError, match=r"choose one of its pipelines \(none\)"):
        Documents(tmp_path / "absent", {}).read_pipeline("PL")


def test_documents_are_found_in_any_letter_case(tmp_path: Path) -> None:
    documents = write(tmp_path, "DS_Pictures", {"name": "DS_Pictures", "properties": {}})
    assert documents.read_reference("dataset", "ds_PICTURES", "activity A").name == "DS_Pictures"
    write(tmp_path, "PL_x", {"name": "PL_x", "properties": {}}, "pipeline")
    assert documents.read_pipeline("pl_X").name == "PL_x"


def test_names_that_differ_only_in_letter_case_are_refused(tmp_path: Path) -> None:
    documents = write(tmp_path, "DS", {"name": "DS", "properties": {}})
    write(tmp_path, "ds", {"name": "ds", "properties": {}})
    if len(documents.list_names("dataset")) < 2:
        pytest.skip("this file system does not distinguish letter case either")
    with pytest.raises(JobError, match=r"adf/dataset: DS and ds are one dataset for Data Factory.*rename one of them"):
        documents.read_reference("dataset", "DS", "activity A")


@pytest.mark.parametrize(
    ("kind", "name", "message"),
    [
        ("dataset", "DS-x", "adf/dataset/DS-x.json, .*does not take its name: write it without -"),
        ("linkedService", "LS.x", "write it without \\."),
        ("dataset", "1DS", "begin it with a letter"),
        ("pipeline", "PL+x%", "write it without \\+ %"),
    ],
)
def test_names_that_data_factory_refuses(tmp_path: Path, kind: str, name: str, message: str) -> None:
    documents = write(tmp_path, name, {"name": name, "properties": {}}, kind)
    with pytest.raises(JobError, match=message):
        documents.read_reference(kind, name, "activity A")


def test_a_pipeline_s_name_may_have_dashes(tmp_path: Path) -> None:
    assert write(tmp_path, "2-x", {"name": "2-x", "properties": {}}, "pipeline").read_pipeline("2-x").name == "2-x"

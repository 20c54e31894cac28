"""doctor and its input: the stack's file, its modes, the options, and the laptop, which it does not check."""

import pytest

from tests.jobs.student import DoctorCli


def test_a_stack_without_a_file_is_a_warning(student: DoctorCli) -> None:
    (student.project / "Pulumi.ana.yaml").unlink()
    status, checks = student.doctor()
    assert status == 0
    assert checks["stack"]["fix"] == "pulumi stack init ana"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("config: [", "Pulumi.ana.yaml cannot be read"),
        ("- 1", "Pulumi.ana.yaml holds no settings"),
        ("config: 7", "Pulumi.ana.yaml holds no settings"),
        ("config:\n  vector-lake:budgetAmount: many\n", "Pulumi.ana.yaml has a wrong value"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_sentence(student: DoctorCli, text: str, sentence: str) -> None:
    (student.project / "Pulumi.ana.yaml").write_text(text)
    status, seen = student.run("doctor", "--target", "ana")
    assert (status, seen.count("\n")) == (1, 1)
    assert sentence in seen


@pytest.mark.parametrize("arguments", [["--my-ip", "here"], ["--my-ip", "::1"], ["--my-ip", "1.2.3"]])
def test_an_invalid_address_is_a_usage_error(student: DoctorCli, arguments: list[str]) -> None:
    status, seen = student.run("doctor", *arguments)
    assert status == 2
    assert "IPv4" in seen


def test_the_laptop_is_not_checked(student: DoctorCli) -> None:
    status, seen = student.run("doctor", "--target", "local")
    assert status == 1
    assert "--target dev" in seen


def test_the_modes_are_explained(student: DoctorCli) -> None:
    student.configure(private=True, entraOnly=True, entraAdminName="ana@example.edu", allowedIps=[])
    status, checks = student.doctor("--my-ip", "198.51.100.9")
    assert status == 0
    assert "approve Data Factory's private endpoints" in checks["private"]["message"]
    assert "as ana@example.edu" in checks["entraOnly"]["message"]
    assert "no public address" in checks["address"]["message"]


@pytest.mark.parametrize(
    ("settings", "opened"),
    [
        ({"allowedIps": ["198.51.100.9"]}, "every address of Azure is allowed, other customers' too"),
        ({"allowedIps": []}, "every address of Azure is allowed, other customers' too"),
        ({"allowedIps": ["198.51.100.9"], "allowAzureServices": False}, "so Data Factory cannot connect"),
    ],
)
def test_the_address_says_what_azures_rule_opens(student: DoctorCli, settings: dict[str, object], opened: str) -> None:
    student.configure(**settings)
    for options in ([], ["--my-ip", "198.51.100.9"]):
        _, checks = student.doctor(*options)
        assert opened in checks["address"]["message"]

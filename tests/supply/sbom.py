"""`make sbom`: everything that can be installed, as CycloneDX JSON, from the locks alone.

    python -m tests.supply.sbom report/sbom.json

The same locks give the same bytes: it has no date and no random number. A package's hashes are those of all its files.
"""

import base64
import sys
import uuid
from collections.abc import Iterable
from itertools import chain
from pathlib import Path

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output import make_outputter
from cyclonedx.schema import OutputFormat, SchemaVersion
from packageurl import PackageURL

from tests.infra.configuration import PROJECT
from tests.supply.licences import read_npm, read_table
from tests.supply.lock import Pin, read_locks


def python_components(pins: Iterable[Pin]) -> list[Component]:
    """Return a component for each package of the locks."""
    licences = read_table("python")
    return [
        make_component(
            PackageURL("pypi", name=pin.name, version=pin.version),
            [HashType(alg=HashAlgorithm.SHA_256, content=each) for each in pin.hashes],
            licences.get(pin.name),
        )
        for pin in pins
    ]


def npm_components() -> list[Component]:
    """Return a component for each package in each version that npm installs for Azurite."""
    components = []
    for name, version, integrity, licence in read_npm():
        scope, _, last = name.rpartition("/")
        algorithm, _, digest = integrity.partition("-")
        hashes = [HashType(alg=HashAlgorithm(f"SHA-{algorithm[3:]}"), content=base64.b64decode(digest).hex())]
        components.append(make_component(PackageURL("npm", scope or None, last, version), hashes, licence))
    return components


def make_component(purl: PackageURL, hashes: list[HashType], licence: str | None) -> Component:
    """Return a library, referred to by its package URL."""
    return Component(
        type=ComponentType.LIBRARY,
        bom_ref=purl.to_string(),
        group=purl.namespace,
        name=purl.name,
        version=purl.version,
        purl=purl,
        hashes=hashes,
        licenses=[LicenseFactory().make_from_string(licence)] if licence else None,
    )


def make_bom(pins: list[Pin]) -> Bom:
    """Return the project with everything that it can install, and for Python which package needs which."""
    project = Component(type=ComponentType.APPLICATION, bom_ref=PROJECT["name"], name=PROJECT["name"])
    python = python_components(pins)
    metadata = BomMetaData(component=project)
    metadata.timestamp = None
    bom = Bom(components=[*python, *npm_components()], metadata=metadata)
    listed = sorted(f"{each.bom_ref.value} {sorted(it.content for it in each.hashes)}" for each in bom.components)
    bom.serial_number = uuid.uuid5(uuid.NAMESPACE_URL, "\n".join(listed))
    needs = [(component, pin.via) for component, pin in zip(python, pins, strict=True)]
    bom.register_dependency(project, [each for each, via in needs if any(file.endswith(".txt") for file in via)])
    for component, pin in zip(python, pins, strict=True):
        bom.register_dependency(component, [each for each, via in needs if pin.name in via])
    return bom


def draw_json(bom: Bom) -> str:
    """Return it as JSON of CycloneDX 1.6."""
    return make_outputter(bom, OutputFormat.JSON, SchemaVersion.V1_6).output_as_string(indent=1) + "\n"


def main() -> None:
    """Write the file that the command names."""
    file = Path(sys.argv[1])
    bom = make_bom(list(chain(*read_locks().values())))
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(draw_json(bom), encoding="utf-8")
    sys.stdout.write(f"{file}: {len(bom.components)} packages\n")


if __name__ == "__main__":
    main()

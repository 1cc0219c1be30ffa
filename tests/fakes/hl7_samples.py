"""Messages and contract as registries really have them, from a folder beside the project, where there is one."""

from pathlib import Path

import pytest

FOLDERS = [parent / "shared/data" for parent in Path(__file__).parents]
DATA = next((folder for folder in FOLDERS if folder.is_dir()), FOLDERS[0])
SAMPLES = sorted(DATA.glob("hl7/*.hl7"))
CONTRACT = DATA / "wsdl/cdc_iis_2011.wsdl"

needs_samples = pytest.mark.skipif(not SAMPLES, reason="no folder shared/data/hl7 beside the project")
needs_contract = pytest.mark.skipif(not CONTRACT.is_file(), reason="no folder shared/data/wsdl beside the project")


def sample(name: str) -> str:
    """ "Z32_01": its text, with the line ends that it has."""
    (path,) = [path for path in SAMPLES if name in path.name]
    return path.read_bytes().decode()

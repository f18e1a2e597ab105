"""Give the registers of both packs, built once."""

from collections.abc import Callable

import pytest

from mehvar.directives.extraction import Extraction, extract
from mehvar.organisations.rules.matching import BodyRegister
from mehvar.organisations.rules.packs import load_pack


@pytest.fixture(scope="session")
def vn() -> BodyRegister:
    return BodyRegister.from_pack(load_pack("vn"))


@pytest.fixture(scope="session")
def ir() -> BodyRegister:
    return BodyRegister.from_pack(load_pack("ir"))


@pytest.fixture
def read_vn(vn: BodyRegister) -> Callable[[str], Extraction]:
    return lambda text: extract(text.encode(), "document.md", register=vn)


@pytest.fixture
def read_ir(ir: BodyRegister) -> Callable[[str], Extraction]:
    return lambda text: extract(text.encode(), "document.md", register=ir)

"""Only one server answers at an address: two would answer by turns, each from its own data."""

import argparse
import socket

import pytest

from mehvar.config.commands import serving


def test_a_port_that_is_served_already_is_refused_with_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0), reuse_port=True) as other:
        port = other.getsockname()[1]
        assert not serving.is_free("127.0.0.1", port)
        options = argparse.Namespace(host="127.0.0.1", port=port, workers=1, no_worker=True)
        assert serving.serve_pages(options) == 1
    assert "--port" in capsys.readouterr().err
    assert serving.is_free("127.0.0.1", port)

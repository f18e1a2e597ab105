"""What comes from outside is counted by connection."""

import pytest

from mehvar.kernel.outside import network_of


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("a name", "a name"),
        ("", ""),
    ],
)
def test_one_household_is_one_connection(address: str, network: str) -> None:
    assert network_of(address) == network


def test_a_wider_network_may_be_asked_for() -> None:
    assert (
        network_of("2001:db8:1:2::1", bits=48)
        == network_of("2001:db8:1:ffff::1", bits=48)
        == "2001:db8:1::/48"
    )

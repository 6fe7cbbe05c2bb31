"""Hosts of accounts: a real account at the site of its region, a demo account at the demo."""

import pytest
from pydantic import ValidationError

from blocks.settings import BYBIT_HOSTS, VenueSettings
from tasks.runtime.live_accounts import DEMO_URLS, LiveAccounts
from trading.domain.units import VenueName
from trading.security.credentials import Credentials, Environment

SITES = [name for name in BYBIT_HOSTS if name != "global"]


async def find_host(venue: VenueName, environment: Environment, *, region: str) -> str:
    """The private host of an account of an installation for a region."""
    settings = VenueSettings(bybit_region=region, _env_file=None)
    live = LiveAccounts(real_urls=settings.account_urls)
    credentials = Credentials(api_key="k", api_secret="s", environment=environment)
    account = live._connect(credentials, venue=venue, clock=lambda: pytest.fail("not asked"))
    name = "private" if venue is VenueName.BYBIT else "fapiPrivate"
    host = str(account._client._exchange.urls["api"][name])
    await account.close()
    await live.close()
    return host


@pytest.mark.parametrize("region", SITES)
async def test_a_real_account_is_asked_at_its_site(region: str) -> None:
    host = await find_host(VenueName.BYBIT, Environment.REAL, region=region)
    assert host == BYBIT_HOSTS[region]
    urls = VenueSettings(bybit_region=region, _env_file=None).urls
    assert urls == {VenueName.BYBIT: BYBIT_HOSTS[region]}


async def test_without_a_region_the_venue_s_own_host_is_asked() -> None:
    host = await find_host(VenueName.BYBIT, Environment.REAL, region="global")
    assert host == "https://api.{hostname}"
    assert VenueSettings(bybit_region="global", _env_file=None).urls == {}


@pytest.mark.parametrize("venue", [VenueName.BINANCE, VenueName.BYBIT])
async def test_a_demo_account_is_asked_at_the_demo_whatever_the_region(venue: VenueName) -> None:
    host = await find_host(venue, Environment.DEMO, region="nl")
    assert host.startswith(DEMO_URLS[venue])


def test_a_proxy_comes_before_the_region() -> None:
    settings = VenueSettings(bybit_region="nl", bybit_url="http://127.0.0.1:1", _env_file=None)
    assert settings.urls == {VenueName.BYBIT: "http://127.0.0.1:1"}


@pytest.mark.parametrize("region", ["eu", "EEA"])
def test_accounts_of_the_eu_are_named_as_unsupported(region: str) -> None:
    with pytest.raises(ValidationError, match="accounts of Bybit EU are not supported"):
        VenueSettings(bybit_region=region, _env_file=None)


def test_an_unknown_site_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValidationError, match="one of global, bytick, nl, tr"):
        VenueSettings(bybit_region="fr", _env_file=None)

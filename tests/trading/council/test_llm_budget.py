"""The budget: what does not fit under every cap is not asked, and no money buys half a quorum."""

from decimal import Decimal

import pytest

from trading.council.decisions import ModelIdentity
from trading.council.llm_budget import (
    BudgetScope,
    CallPrice,
    CallWish,
    SpendCaps,
    Spent,
    Traders,
    check_budget,
)
from trading.domain.units import Pair

BTC, ETH = Pair("BTC", "USDT"), Pair("ETH", "USDT")
CAPS = SpendCaps(installation_usd=Decimal(10), user_usd=Decimal(5), pair_usd=Decimal(2))


def price(vendor: str, own: str, *, new: str | None = None, bound: str | None = None) -> CallPrice:
    model = ModelIdentity(name=vendor, vendor=vendor, is_offline=False)
    wish = CallWish(call_id=vendor, model=model, bound_usd=Decimal(bound or own))
    return CallPrice(wish=wish, own_usd=Decimal(own), new_usd=Decimal(own if new is None else new))


def vendors(granted: tuple[CallPrice, ...]) -> list[str]:
    return [one.wish.model.vendor for one in granted]


def test_what_fits_is_granted_up_to_the_last_cent() -> None:
    ruling = check_budget([price("a", "1"), price("b", "1")], spent=Spent(), caps=CAPS, quorum=2)
    assert vendors(ruling.granted) == ["a", "b"]
    assert ruling.exceeded is None


@pytest.mark.parametrize(
    ("spent", "scope"),
    [
        (Spent(pair_usd=Decimal("1.01")), BudgetScope.PAIR),
        (Spent(user_usd=Decimal("4.01")), BudgetScope.USER),
        (Spent(installation_usd=Decimal("9.01")), BudgetScope.INSTALLATION),
    ],
)
def test_each_cap_holds_for_itself(spent: Spent, scope: BudgetScope) -> None:
    ruling = check_budget([price("a", "1")], spent=spent, caps=CAPS, quorum=1)
    assert ruling.granted == ()
    assert ruling.exceeded is scope


def test_earlier_grants_count_against_later_ones_and_a_cheaper_model_still_fits() -> None:
    asked = [price("a", "1.5"), price("b", "1"), price("c", "0.5")]
    ruling = check_budget(asked, spent=Spent(), caps=CAPS, quorum=2)
    assert vendors(ruling.granted) == ["a", "c"]
    assert ruling.exceeded is BudgetScope.PAIR


def test_nobody_is_paid_when_too_few_are_left_for_a_quorum() -> None:
    asked = [price("rule", "0"), price("a", "1"), price("b", "3")]
    assert vendors(check_budget(asked, spent=Spent(), caps=CAPS, quorum=3).granted) == ["rule"]
    assert vendors(check_budget(asked, spent=Spent(), caps=CAPS, quorum=2).granted) == [
        "rule",
        "a",
    ]


def test_two_models_of_one_vendor_are_one_voice_for_the_quorum() -> None:
    asked = [price("a", "0.1"), price("a", "0.1")]
    assert check_budget(asked, spent=Spent(), caps=CAPS, quorum=2).granted == ()


def test_what_is_free_or_paid_for_needs_no_room_under_a_cap() -> None:
    full = Spent(installation_usd=Decimal(99), user_usd=Decimal(99), pair_usd=Decimal(99))
    mine, free = price("a", "0", bound="1"), price("rule", "0")
    ruling = check_budget([mine, free], spent=full, caps=CAPS, quorum=2)
    assert vendors(ruling.granted) == ["a", "rule"]


def test_a_share_of_what_another_pays_needs_no_room_in_the_installation_s_cap() -> None:
    full = Spent(installation_usd=Decimal(10))
    shared = price("a", "0.5", new="0")
    assert check_budget([shared], spent=full, caps=CAPS, quorum=1).granted == (shared,)


def test_a_user_can_only_tighten_his_caps() -> None:
    own = {None: Decimal(1), BTC: Decimal("0.5"), ETH: Decimal(9)}
    assert CAPS.tighten(own, pair=BTC) == SpendCaps(
        installation_usd=Decimal(10), user_usd=Decimal(1), pair_usd=Decimal("0.5")
    )
    assert CAPS.tighten(own, pair=ETH).pair_usd == CAPS.pair_usd
    assert CAPS.tighten({None: Decimal(99)}, pair=BTC) == CAPS


def test_a_cap_is_named_by_its_scope() -> None:
    assert [CAPS.of(scope) for scope in BudgetScope] == [Decimal(2), Decimal(5), Decimal(10)]


@pytest.mark.parametrize("cap", ["-1", "NaN", "Infinity"])
def test_a_cap_is_a_number_of_dollars(cap: str) -> None:
    with pytest.raises(ValueError, match="user_usd"):
        SpendCaps(installation_usd=Decimal(1), user_usd=Decimal(cap), pair_usd=Decimal(1))


SHARED = SpendCaps(installation_usd=Decimal(25), user_usd=Decimal(5), pair_usd=Decimal(2))


@pytest.mark.parametrize("strangers", [1, 6, 1000])
def test_new_accounts_leave_the_others_their_share(strangers: int) -> None:
    old = Traders(established=9, newcomers=strangers, is_newcomer=False)
    new = Traders(established=9, newcomers=strangers, is_newcomer=True)
    share, theirs = SHARED.guarantee(old).user_usd, SHARED.guarantee(new).user_usd
    assert share == Decimal("2.5")
    assert theirs * strangers <= share
    assert share * old.established + theirs * strangers <= SHARED.installation_usd


def test_few_users_are_not_limited_further() -> None:
    assert SHARED.guarantee(Traders(established=3, newcomers=0, is_newcomer=False)) == SHARED


def test_a_single_user_shares_with_nobody() -> None:
    assert SHARED.guarantee(Traders(established=0, newcomers=1, is_newcomer=True)) == SHARED

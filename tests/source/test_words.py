"""What statuses say, in the words of those who wrote them."""

from __future__ import annotations

import pytest

from rfmreport.source.columns.words import kind_of


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("wc-cancelled", "cancelled"),
        ("Annulée", "cancelled"),
        ("Cancelled (by buyer)", "cancelled"),
        ("취소완료", "cancelled"),
        ("Paiement échoué", "failed"),
        ("Оплата не прошла", "failed"),
        ("결제실패", "failed"),
        ("決済エラー", "failed"),
        ("배송완료", "sold"),
        ("Versendet", "sold"),
        ("At the shop", None),
    ],
)
def test_a_status_is_known_in_its_language(status: str, kind: str | None) -> None:
    assert kind_of(status, ("sold", "cancelled", "refunded", "failed", "pending")) == kind

"""Components of plants whose power displaces that of the grid."""

from __future__ import annotations

from ecoassess.technology import Component


def avoided_upstream(month_share: str | None = None, month_basis: str = "") -> dict[str, Component]:
    """Return what need not be emitted in getting the coal of displaced power (grid_power)."""

    def component(unit: str, zh: str) -> Component:
        return Component(
            unit,
            basis="effect",
            account="reduction",
            boundary="upstream",
            month_share=month_share,
            month_basis=month_basis,
            zh=zh,
        )

    return {
        "avoided_upstream_methane": component("t CH4_fossil/yr", "替代电网燃煤上游甲烷排放"),
        "avoided_upstream_carbon_dioxide": component("t CO2/yr", "替代电网燃煤上游二氧化碳排放"),
    }

"""The pandas recipe of the public RFM notebooks, cell by cell, written as an analyst would.

Run as a script it is baseline (a): `python notebook_recipe.py online_retail.csv`. What stands above
the first cell mark only feeds the script; `notebook.py` turns the cells below into a notebook.
Where published notebooks differ, the quicker way is taken (named aggregations, not lambdas).
"""

import sys

SOURCE = sys.argv[1]

# %%
import pandas as pd

pd.set_option("display.max_columns", None)
pd.set_option("display.width", 160)
pd.set_option("display.float_format", lambda value: f"{value:.2f}")

# %% [markdown]
# ## The data
# %%
raw = pd.read_csv(
    SOURCE,
    dtype={"InvoiceNo": str, "StockCode": str},
    parse_dates=["InvoiceDate"],
)
print(raw.head())

# %%
raw.info()

# %%
print(raw.isnull().sum())

# %%
print(raw.describe().T)

# %% [markdown]
# ## Cleaning
# %%
orders = raw.dropna(subset=["CustomerID"])
orders = orders[~orders["InvoiceNo"].str.startswith("C")]
orders = orders[(orders["Quantity"] > 0) & (orders["UnitPrice"] > 0)].copy()
orders["CustomerID"] = orders["CustomerID"].astype(int)
orders["TotalPrice"] = orders["Quantity"] * orders["UnitPrice"]
print(orders.shape, orders["CustomerID"].nunique(), orders["InvoiceNo"].nunique())

# %% [markdown]
# ## A first look
# %%
top_products = (
    orders.groupby("Description")
    .agg(Quantity=("Quantity", "sum"), Revenue=("TotalPrice", "sum"))
    .sort_values("Revenue", ascending=False)
    .head(10)
)
print(top_products)

# %%
top_countries = (
    orders.groupby("Country")
    .agg(
        Customers=("CustomerID", "nunique"),
        Orders=("InvoiceNo", "nunique"),
        Revenue=("TotalPrice", "sum"),
    )
    .sort_values("Revenue", ascending=False)
    .head(10)
)
print(top_countries)

# %%
monthly_revenue = orders.set_index("InvoiceDate")["TotalPrice"].resample("MS").sum()
print(monthly_revenue)

# %% [markdown]
# ## Recency, frequency, monetary
# %%
today = orders["InvoiceDate"].max().normalize() + pd.Timedelta(days=1)
rfm = orders.groupby("CustomerID").agg(
    LastOrder=("InvoiceDate", "max"),
    Frequency=("InvoiceNo", "nunique"),
    Monetary=("TotalPrice", "sum"),
)
rfm.insert(0, "Recency", (today - rfm.pop("LastOrder").dt.normalize()).dt.days)
print(rfm.describe().T)

# %% [markdown]
# ## Scores
# %%
rfm["R"] = pd.qcut(rfm["Recency"], 5, labels=[5, 4, 3, 2, 1]).astype(int)
rfm["F"] = pd.qcut(rfm["Frequency"].rank(method="first"), 5, labels=[1, 2, 3, 4, 5]).astype(int)
rfm["M"] = pd.qcut(rfm["Monetary"], 5, labels=[1, 2, 3, 4, 5]).astype(int)
rfm["RF"] = rfm["R"].astype(str) + rfm["F"].astype(str)
print(rfm.head())

# %% [markdown]
# ## Segments
# %%
segment_map = {
    r"[1-2][1-2]": "hibernating",
    r"[1-2][3-4]": "at_risk",
    r"[1-2]5": "cant_lose",
    r"3[1-2]": "about_to_sleep",
    r"33": "need_attention",
    r"[3-4][4-5]": "loyal_customers",
    r"41": "promising",
    r"51": "new_customers",
    r"[4-5][2-3]": "potential_loyalists",
    r"5[4-5]": "champions",
}
rfm["Segment"] = rfm["RF"].replace(segment_map, regex=True)

# %%
segments = rfm.groupby("Segment").agg(
    Customers=("Recency", "size"),
    Recency=("Recency", "mean"),
    Orders=("Frequency", "sum"),
    Frequency=("Frequency", "mean"),
    Monetary=("Monetary", "mean"),
    Revenue=("Monetary", "sum"),
)
segments["CustomerShare"] = segments["Customers"] / segments["Customers"].sum() * 100
segments["RevenueShare"] = segments["Revenue"] / segments["Revenue"].sum() * 100
segments["AverageOrder"] = segments["Revenue"] / segments["Orders"]
segments = segments.sort_values("Revenue", ascending=False)
print(segments)

# %%
print(rfm[rfm["Segment"] == "champions"].sort_values("Monetary", ascending=False).head(10))

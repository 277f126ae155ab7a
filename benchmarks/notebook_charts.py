"""The charts that go with the recipe, drawn as notebooks draw them: the ones our report has.

What stands above the first cell mark is left out of the notebook, where the recipe's cells have
already run.
"""

from notebook_recipe import monthly_revenue, rfm, segments

# %% [markdown]
# ## Charts
# %%
import matplotlib.pyplot as plt
import seaborn as sns

sns.set_theme(style="whitegrid")

# %%
customers_per_segment = segments.sort_values("Customers", ascending=False).reset_index()
plt.figure(figsize=(10, 6))
axis = sns.barplot(data=customers_per_segment, x="Customers", y="Segment", color="steelblue")
axis.bar_label(axis.containers[0])
plt.title("Customers per segment")
plt.show()

# %%
plt.figure(figsize=(8, 8))
plt.pie(segments["Customers"], labels=segments.index.to_list(), autopct="%1.1f%%", startangle=90)
plt.title("Share of customers by segment")
plt.show()

# %%
plt.figure(figsize=(10, 7))
sns.scatterplot(
    data=segments.reset_index(),
    x="Recency",
    y="Frequency",
    size="Monetary",
    hue="Segment",
    sizes=(100, 2000),
    alpha=0.6,
    legend="brief",
)
plt.legend(bbox_to_anchor=(1.02, 1), loc="upper left")
plt.title("Recency, frequency and mean spend by segment")
plt.show()

# %%
plt.figure(figsize=(8, 6))
sns.heatmap(
    rfm.pivot_table(index="R", columns="F", values="Monetary", aggfunc="size"),
    annot=True,
    fmt=".0f",
    cmap="Blues",
)
plt.title("Customers by recency and frequency score")
plt.show()

# %%
plt.figure(figsize=(8, 6))
sns.heatmap(
    rfm.pivot_table(index="R", columns="F", values="Monetary", aggfunc="mean"),
    annot=True,
    fmt=".0f",
    cmap="Greens",
)
plt.title("Mean spend by recency and frequency score")
plt.show()

# %%
segments[["CustomerShare", "RevenueShare"]].plot.barh(figsize=(10, 7))
plt.xlabel("%")
plt.title("Share of customers against share of revenue")
plt.show()

# %%
figure, axes = plt.subplots(1, 3, figsize=(16, 4))
for axis, measure in zip(axes, ["Recency", "Frequency", "Monetary"], strict=True):
    sns.histplot(rfm[rfm[measure] <= rfm[measure].quantile(0.99)][measure], bins=40, ax=axis)
    axis.set_title(measure)
plt.show()

# %%
plt.figure(figsize=(12, 5))
monthly_revenue.plot(marker="o")
plt.title("Monthly revenue")
plt.show()

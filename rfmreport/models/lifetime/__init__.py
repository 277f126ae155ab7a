"""Customer lifetime value: models of how often customers come back, fitted, judged and asked.

Pure mathematics on arrays: no engine, no tables, and SciPy is imported only when a model is fitted.
"""

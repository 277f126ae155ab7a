"""Customers measured, scored and named, today and on earlier dates."""

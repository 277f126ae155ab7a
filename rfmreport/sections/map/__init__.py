"""The RFM map, and how customers spread."""

"""Lay out official documents by Decree 30/2020/NĐ-CP."""

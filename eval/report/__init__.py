"""The report of an evaluation: one HTML file that opens offline and needs nothing beside it."""

from __future__ import annotations

from eval.report.baseline import BaselineRun, read_baseline
from eval.report.page import REPORT, write_report

__all__ = ["REPORT", "BaselineRun", "read_baseline", "write_report"]

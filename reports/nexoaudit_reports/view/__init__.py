"""The view model: evidence in, one frozen value out; nothing here knows how it will look."""

from nexoaudit_reports.view.report import Report, build_view

__all__ = ["Report", "build_view"]

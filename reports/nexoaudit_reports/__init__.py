"""The monthly report: evidence -> view model -> HTML -> PDF."""

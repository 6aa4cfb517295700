"""Sections of a configuration that several tests add to a site."""

PLAIN = """
[component.config]
kind = "config"
schedule = "on-change"
watch = ["/nothing/at/all"]
[[component.config.series]]
pattern = "config_*.tar"
keep = "365d"
locations = ["local"]
sidecar = false
"""

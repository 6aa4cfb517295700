"""Listing locations and recognising what lies there."""

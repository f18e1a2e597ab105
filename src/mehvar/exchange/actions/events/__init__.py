"""Publish and subscribe: topics, subscriptions, and events on their way."""

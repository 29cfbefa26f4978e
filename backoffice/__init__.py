"""The one way to build a page of the back office. Rooms register here what they bring."""

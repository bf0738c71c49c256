"""The `sample` feed of the Live page: a stream that follows the clock, from the sample's model."""

from lib.live.sample.days import keep_days
from lib.live.sample.feed import SampleFeed, open_sample_feed
from lib.live.sample.kept import folder_beside

__all__ = ["SampleFeed", "folder_beside", "keep_days", "open_sample_feed"]

"""The sample source: simulated downloads, modeled on published figures, the same for a seed."""

from lib.sources.sample.build import NOTE, SOURCE, build_sample, extend_sample
from lib.sources.sample.recipe import MODEL_VERSION, sample_is_complete

__all__ = ["MODEL_VERSION", "NOTE", "SOURCE", "build_sample", "extend_sample", "sample_is_complete"]

"""What the tracker may be told; every default says where it comes from."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from msgspec import Meta

from tocsin.model.value import Seconds, Value


class TrackSettings(Value, frozen=True, kw_only=True):
    """Bounds and habits of one tracker.

    late_s             observations up to this late give the answer they would have given in time
    slice_s            one sensor's plots within a slice are associated together; no target is seen twice in one
    coast_s            a confirmed track that no sensor should be seeing is kept this long without an update
    confirm_score      log-likelihood ratio (nats) of "a target" against "clutter" at which a track is confirmed:
                       8 is one false track in 3,000 candidates
    drop_score         fall below its best score (nats) at which a confirmed track is deleted
    height_m, height_sigma_m   what is believed of a height nobody has measured
    tracks_max         tracks alive at once; beyond it nothing new is started
    registration       learn the biases of the radars and take them off their plots
    pending_max        observations held for the late window; beyond it the newest are refused
    """

    late_s: Seconds = 180.0
    slice_s: Annotated[float, Meta(ge=0.1, le=5.0)] = 0.5
    coast_s: Seconds = 120.0
    confirm_score: Annotated[float, Meta(ge=1, le=50)] = 8.0
    drop_score: Annotated[float, Meta(ge=1, le=100)] = 12.0
    height_m: float = 2_500.0
    height_sigma_m: Annotated[float, Meta(gt=0, le=30_000)] = 2_500.0
    tracks_max: Annotated[int, Meta(ge=1, le=200_000)] = 20_000
    registration: bool = True
    pending_max: Annotated[int, Meta(ge=1_000, le=10_000_000)] = 1_000_000


class KernelSettings(NamedTuple):
    """What the kernels are told of `TrackSettings`: numbers of the types they were compiled for."""

    slice_s: float
    coast_s: float
    height_m: float
    height_sigma_m: float
    confirm_score: float
    drop_score: float
    tracks_max: int
    registration: bool


def for_kernels(settings: TrackSettings) -> KernelSettings:
    """The settings as the kernels take them; a setting that was given as 120 is 120.0."""
    return KernelSettings(
        slice_s=float(settings.slice_s),
        coast_s=float(settings.coast_s),
        height_m=float(settings.height_m),
        height_sigma_m=float(settings.height_sigma_m),
        confirm_score=float(settings.confirm_score),
        drop_score=float(settings.drop_score),
        tracks_max=int(settings.tracks_max),
        registration=bool(settings.registration),
    )

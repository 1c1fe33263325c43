"""A profile with its components built: what one item runs through."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from deidkit.interfaces import Detector, Policy, Recogniser, Redactor, Scrubber, Verifier
from deidkit.limits import Limits
from deidkit.nn.weights_used import noted
from deidkit.profiles.profile_set import Profile, Use
from deidkit.registry import Registry


@dataclass(frozen=True, slots=True)
class Chain:
    """The built components of one profile, in the profile's order."""

    profile: Profile
    limits: Limits
    detectors: tuple[tuple[str, Detector], ...]
    recognisers: tuple[tuple[str, Recogniser], ...]
    policy: Policy
    redactor: Redactor
    scrubbers: tuple[tuple[str, Scrubber], ...]
    verifiers: tuple[tuple[str, Verifier], ...]
    weights: Mapping[str, str] = field(default_factory=dict)
    """The weights files of all of them, name -> hexadecimal SHA-256."""


def build(profile: Profile, registry: Registry) -> Chain:
    """Builds every component of ``profile``; equal components of several profiles are made once.

    Raises:
        EnvironmentFault: this machine lacks something that a component needs.
    """

    def made(kind: str, uses: tuple[Use, ...]) -> tuple[tuple[str, Any], ...]:
        return tuple((use.name, registry.build(kind, use.name, use.options)) for use in uses)

    def single(kind: str, uses: tuple[Use, ...]) -> Any:
        return made(kind, uses)[0][1] if uses else None

    with noted() as weights:
        policy = single("policy", profile.decide)
        return Chain(
            profile=profile,
            limits=profile.limits,
            detectors=made("detector", profile.detect),
            recognisers=made("recogniser", profile.recognise) if getattr(policy, "reads", True) else (),
            policy=policy,
            redactor=single("redactor", profile.redact),
            scrubbers=made("scrubber", profile.scrub),
            verifiers=made("verifier", profile.verify),
            weights=weights,
        )

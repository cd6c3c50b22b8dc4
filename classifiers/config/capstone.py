"""The settings of the capstone: underfit, overfit and good networks on the same moons."""

from pydantic import Field

from classifiers.config.base import Config, Integer, Seed


class MoonsConfig(Config):
    """The capstone's data; defaults are the lesson's."""

    samples: Integer = Field(default=300, ge=10, le=20_000)
    noise: float = Field(default=0.3, ge=0.0, le=20.0)
    seed: Seed = 0


class CapstoneTrainingConfig(Config):
    """How long, how often, and from which seed all three networks are trained."""

    epochs: Integer = Field(default=2000, ge=1, le=20_000)
    members: Integer = Field(default=1, ge=1, le=20)
    seed: Seed = 0


class GoodConfig(Config):
    """The settings of the third network, the one that is meant to be good."""

    width: Integer = Field(default=16, ge=1, le=256)
    dropout: float = Field(default=0.2, ge=0.0, le=0.95)
    weight_decay: float = Field(default=1e-4, ge=0.0, le=10.0)


class CapstoneConfig(Config):
    """Underfit, overfit and good networks on the same moons."""

    dataset: MoonsConfig = MoonsConfig()
    training: CapstoneTrainingConfig = CapstoneTrainingConfig()
    good: GoodConfig = GoodConfig()

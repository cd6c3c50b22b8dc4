"""The settings of the capstone: underfit, overfit and good networks on the same moons."""

from pydantic import Field

from classifiers.config.base import Config, Integer, Seed


class MoonsConfig(Config):
    """The capstone's data; defaults are the lesson's."""

    samples: Integer = Field(default=300, ge=10, le=20_000, description="Points drawn.")
    noise: float = Field(
        default=0.3, ge=0.0, le=20.0, description="Standard deviation around each point."
    )
    seed: Seed = Field(default=0, description="Of points and split.")


class CapstoneTrainingConfig(Config):
    """How long, how often, and from which seed all three networks are trained."""

    epochs: Integer = Field(
        default=2000, ge=1, le=20_000, description="Passes over the training rows."
    )
    members: Integer = Field(
        default=1, ge=1, le=20, description="Networks of each kind, from other seeds."
    )
    seed: Seed = Field(default=0, description="Of starting weights, batches and dropout.")


class GoodConfig(Config):
    """The settings of the third network, the one that is meant to be good."""

    width: Integer = Field(
        default=16, ge=1, le=256, description="Units of each of its hidden layers."
    )
    dropout: float = Field(
        default=0.2, ge=0.0, le=0.95, description="Share of hidden units left out at each step."
    )
    weight_decay: float = Field(default=1e-4, ge=0.0, le=10.0, description="Adam's own, coupled.")


class CapstoneConfig(Config):
    """Underfit, overfit and good networks on the same moons."""

    dataset: MoonsConfig = Field(default=MoonsConfig(), description="The points.")
    training: CapstoneTrainingConfig = Field(
        default=CapstoneTrainingConfig(), description="How all three are trained."
    )
    good: GoodConfig = Field(default=GoodConfig(), description="The third network.")

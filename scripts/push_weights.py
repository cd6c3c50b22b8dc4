"""Pushes a trained model to a Hub repo in one commit; writes a card for one that has none."""

import argparse
import re
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from publish import PublishError, Repository, Snapshot, finish, say

from classifiers.artifacts import (
    CONFIG_FILE,
    METADATA_FILE,
    MODEL_FILE,
    Metadata,
    hub_config,
    load_artifact,
)
from classifiers.errors import ArtifactError, ClassifiersError
from classifiers.hub import Revision
from classifiers.recipes.heart.card import CARD_FILE, name_repo
from classifiers.recipes.heart.direction import load_checked
from classifiers.recipes.heart.model import TASK
from classifiers.wording import counted

_PICTURE = re.compile(r"!\[[^\]]*\]\(([\w-]+\.png)\)")  # of a card: a file beside it


def read_artifact(folder: Path, repo: str) -> dict[str, bytes]:
    """The artifact's own files, its card's pictures, and no other, verified as by who loads them.

    What is verified is the very bytes that are sent, not a folder that may change meanwhile. The
    card names the repo, and a `config.json` is made, by which the Hub counts downloads.

    Raises:
        ArtifactError: a file is missing or the artifact is not what it says.
    """
    files = {}
    for name in (MODEL_FILE, METADATA_FILE, CARD_FILE):
        path = folder / name
        if path.is_file():
            files[name] = path.read_bytes()
        elif name != CARD_FILE:
            raise ArtifactError(str(path), "is missing; point to a folder from scripts/train.py")
    for name in _PICTURE.findall(files.get(CARD_FILE, b"").decode(errors="replace")):
        path = folder / name
        if not path.is_file():
            raise ArtifactError(
                str(path), "is missing and the card shows it; scripts/train.py makes both anew"
            )
        files[name] = path.read_bytes()
    with tempfile.TemporaryDirectory() as copy:
        for name, data in files.items():
            Path(copy, name).write_bytes(data)
        try:
            metadata = load_artifact(copy).metadata
            if metadata.task == TASK:
                load_checked(copy)
        except ArtifactError as error:
            field = error.field.replace(copy, str(folder))
            raise ArtifactError(field, error.message.replace(copy, str(folder))) from None
    card = files.get(CARD_FILE, minimal_card(metadata).encode())
    files[CARD_FILE] = name_repo(card, repo)
    files[CONFIG_FILE] = hub_config(metadata)
    return files


def minimal_card(metadata: Metadata) -> str:
    """A card for an artifact that brings none of its own."""
    return (
        "---\ntags:\n- tabular-classification\n---\n\n"
        f"# {metadata.task}\n\nA neural network for {', '.join(metadata.class_names)}. "
        f"`{METADATA_FILE}` holds everything about it: features, preprocessing, evaluation, and "
        f"the SHA-256 of `{MODEL_FILE}`, `{metadata.model.sha256}`.\n"
    )


def show_changes(repository: Repository, seen: Snapshot | None, files: dict[str, bytes]) -> None:
    """Prints a line a file: + new, ~ changed, = as it is on the Hub."""
    say(f"{repository.name} {f'at {seen.commit}' if seen else '(does not exist yet)'}")
    for name, data in files.items():
        known = seen is not None and name in seen.files
        same = seen is not None and seen.holds(name, data)
        say(f"  {'=' if same else '~' if known else '+'} {name}  {counted(len(data), 'byte')}")


def push(repository: Repository, files: dict[str, bytes], args: argparse.Namespace) -> str:
    """Does what was asked for; gives the sentence that says what is on the Hub now."""
    seen = repository.look()
    show_changes(repository, seen, files)
    if seen is None and not args.create:
        raise PublishError(
            f"{args.repo}: does not exist, or this token cannot see it; pass --create to make it"
        )
    changes = {n: d for n, d in files.items() if seen is None or not seen.holds(n, d)}
    tagged = repository.refs()[0].get(args.tag) if seen and args.tag else None
    if tagged and (changes or tagged != seen.commit):  # type: ignore[union-attr]
        raise PublishError(
            f"--tag: {args.tag} is taken by commit {tagged}; tags are not moved, choose another"
        )
    if args.dry_run:
        return f"Dry run: nothing was sent; {len(changes)} of {len(files)} files would change."
    if seen is None:
        repository.create(private=args.private)
        seen = repository.look()
        if seen is None:
            raise PublishError(f"{args.repo}: was made but cannot be read; try again")
    if not changes:
        done = f"Nothing to push: {args.repo} holds these files already, at commit {seen.commit}."
        commit = seen.commit
    else:
        message = args.message or f"Push {', '.join(sorted(changes))}"
        commit = repository.commit(seen, changes, message, as_request=args.pr)
        where = "a pull request of " if args.pr else ""
        done = f"Pushed {', '.join(sorted(changes))} to {where}{args.repo}: commit {commit}."
    if args.tag and not tagged:
        repository.tag(args.tag, commit)
        done += f" Tag {args.tag} points to it."
    return done


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("artifact", type=Path, help="a folder with weights and metadata")
    parser.add_argument("--repo", required=True, help="user/name on the Hub")
    parser.add_argument("--create", action="store_true", help="make the repo if there is none")
    parser.add_argument("--private", action="store_true", help="with --create: make it private")
    parser.add_argument("--pr", action="store_true", help="open a pull request instead")
    parser.add_argument("--tag", help="name the pushed commit, v1.0 for example")
    parser.add_argument("--message", help="the commit's message")
    parser.add_argument("--dry-run", action="store_true", help="show the changes, send nothing")
    parser.add_argument("--timeout", type=float, default=300, help="seconds for all of it (300)")
    args = parser.parse_args()
    if args.private and not args.create:
        parser.error("--private: goes with --create; an existing repo keeps its visibility")
    if args.pr and args.tag:
        parser.error("--tag: a pull request is not tagged; tag its commit when it is merged")
    if args.tag and not re.fullmatch(r"\w[\w.-]*", args.tag):
        parser.error(f"--tag: must be letters, digits, '.', '_' and '-', got {args.tag!r}")
    return args


def main() -> None:
    args = parse_args()
    try:
        Revision.parse(args.repo, "--repo", refs=False)
        files = read_artifact(args.artifact, args.repo)
    except ClassifiersError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
    repository = Repository(args.repo, "model", args.timeout)
    finish(repository, args.timeout, lambda: push(repository, files, args))


if __name__ == "__main__":
    main()

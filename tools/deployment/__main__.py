"""`python -m deployment` checks Compose and Kubernetes; `python -m deployment secrets` makes a local cluster's secrets;
`python -m deployment render OVERLAY` prints its manifests."""

import sys

import yaml

from deployment import compose, kubernetes, kustomize, secrets


def main(arguments: list[str]) -> int:
    """Returns 1 where something is wrong, and says what."""
    if arguments == ["secrets"]:
        sys.stdout.write(f"{secrets.LOCAL} {'written' if secrets.write() else 'is there already'}\n")
        return 0
    # A local overlay without its secrets cannot be built, by nobody.
    secrets.write()
    if len(arguments) == 2 and arguments[0] == "render":
        yaml.safe_dump_all(kustomize.build(kubernetes.OVERLAYS / arguments[1]), sys.stdout)
        return 0
    found = compose.problems()
    for overlay in sorted(kubernetes.OVERLAYS.iterdir()):
        found += kubernetes.problems(overlay)
    sys.stdout.writelines(f"{problem}\n" for problem in found)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

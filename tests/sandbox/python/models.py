"""Prints what AWS's own service models say of requests, as one JSON object: a service's name, its model.

An argument is a service, or `service:Operation,Operation` where it has hundreds that nobody here calls.
"""

import json
import sys

from botocore.loaders import Loader


def reachable(shapes, names):
    """The shapes that these are made of."""
    found, left = {}, list(names)
    while left:
        name = left.pop()
        if name in found:
            continue
        shape = found[name] = shapes[name]
        parts = [*shape.get("members", {}).values(), *(shape[part] for part in ("member", "key", "value") if part in shape)]
        left += [part["shape"] for part in parts]
    return found


models = {}
for argument in sys.argv[1:]:
    service, _, wanted = argument.partition(":")
    model = Loader().load_service_model(service, "service-2")
    model["operations"] = {
        name: {"http": operation["http"], "input": operation.get("input", {}).get("shape")}
        for name, operation in model["operations"].items()
        if not wanted or name in wanted.split(",")
    }
    inputs = [operation["input"] for operation in model["operations"].values() if operation["input"]]
    model["shapes"] = reachable(model["shapes"], inputs)
    for shape in model["shapes"].values():
        for part in [shape, *shape.get("members", {}).values()]:
            part.pop("documentation", None)
    # By the name that signatures have: another one than the file's for tags.
    metadata = model["metadata"]
    models[metadata.get("signingName", metadata["endpointPrefix"])] = model
print(json.dumps(models))

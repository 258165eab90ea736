"""Prints what AWS's own service models say of requests, as one JSON object: a service's name, its model."""

import json
import sys

from botocore.loaders import Loader

loader = Loader()
models = {service: loader.load_service_model(service, "service-2") for service in sys.argv[1:]}
for model in models.values():
    model["operations"] = {
        name: {"http": operation["http"], "input": operation.get("input", {}).get("shape")}
        for name, operation in model["operations"].items()
    }
    for shape in model["shapes"].values():
        for part in [shape, *shape.get("members", {}).values()]:
            part.pop("documentation", None)
print(json.dumps(models))

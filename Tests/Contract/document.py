"""The OpenAPI document as the tests read it."""

from __future__ import annotations

import re
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
SCOPES = ("kiosk", "door", "technician", "integrator", "admin", "device")
JSON_TYPE = "application/json"
FORM_TYPE = "multipart/form-data"


@dataclass(frozen=True)
class Operation:
    """One method of one path."""

    document: Document
    method: str
    path: str
    spec: dict[str, Any]
    shared_parameters: tuple[dict[str, Any], ...]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def id(self) -> str:
        return str(self.spec.get("operationId", ""))

    @property
    def security(self) -> list[dict[str, list[str]]]:
        return list(self.spec.get("security", self.document.body.get("security", [])))

    @property
    def wants_credentials(self) -> bool:
        """Whether somebody without credentials is refused."""
        return bool(self.security) and {} not in self.security

    @property
    def takes_credentials(self) -> bool:
        return any(self.security)

    @property
    def scopes(self) -> frozenset[str]:
        """Who may call it: every scope where nothing else is said."""
        return frozenset(self.spec.get("x-scopes", SCOPES if not self.wants_credentials else ()))

    @property
    def never_ends(self) -> bool:
        return bool(self.spec.get("x-stream", False))

    @cached_property
    def parameters(self) -> list[dict[str, Any]]:
        named = {}
        for parameter in (*self.shared_parameters, *self.spec.get("parameters", [])):
            resolved = self.document.resolved(parameter)
            named[(resolved["in"], resolved["name"])] = resolved
        return list(named.values())

    @property
    def path_names(self) -> list[str]:
        return re.findall(r"\{([^{}]+)\}", self.path)

    @property
    def body_types(self) -> dict[str, dict[str, Any]]:
        """The schema of the request's body for each content type."""
        body = self.document.resolved(self.spec.get("requestBody", {}))
        return {kind: media.get("schema", {}) for kind, media in body.get("content", {}).items()}

    @property
    def plain(self) -> str:
        """The path without a slash at the end."""
        return self.path.rstrip("/") or "/"

    def target(self, values: dict[str, str]) -> str:
        """The path with its parameters filled in, percent-encoded."""
        return re.sub(r"\{([^{}]+)\}", lambda match: urllib.parse.quote(values[match.group(1)], safe=""), self.path)


class Document:
    """The parsed document."""

    def __init__(self, body: dict[str, Any]) -> None:
        self.body = body

    @cached_property
    def operations(self) -> list[Operation]:
        return [
            Operation(self, method.upper(), path, item[method], tuple(item.get("parameters", [])))
            for path, item in self.body["paths"].items()
            for method in METHODS
            if method in item
        ]

    @cached_property
    def paths(self) -> dict[str, set[str]]:
        """The methods of each path."""
        methods: dict[str, set[str]] = {}
        for operation in self.operations:
            methods.setdefault(operation.path, set()).add(operation.method)
        return methods

    def find(self, method: str, path: str) -> Operation | None:
        """An operation by its path; the slash at the end and the names of parameters do not matter."""
        wanted = shape(path)
        return next((one for one in self.operations if one.method == method and shape(one.path) == wanted), None)

    def resolved(self, node: dict[str, Any]) -> dict[str, Any]:
        """The node itself, or what it refers to."""
        while "$ref" in node:
            target: Any = self.body
            for step in node["$ref"].removeprefix("#/").split("/"):
                target = target[step.replace("~1", "/").replace("~0", "~")]
            node = target
        return node

    def properties(self, schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
        """The members that a body may have, those of parts and alternatives included."""
        schema = self.resolved(schema)
        for name, member in schema.get("properties", {}).items():
            yield name, self.resolved(member)
        for keyword in ("allOf", "anyOf", "oneOf"):
            for part in schema.get(keyword, []):
                yield from self.properties(part)


def shape(path: str) -> str:
    """A path with its parameters' names left out."""
    return re.sub(r"\{[^{}]+\}", "{}", path.rstrip("/"))

"""Valid values for schemas: one that a person would send, not a clever one."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import jsonschema

from document import FORM_TYPE, JSON_TYPE, Document, Operation
from wire import form

NOBODY = "0e7f1a52-9d3c-4b1e-8f5a-6c2d4e8b7a90"
TEXTS = {
    "uuid": NOBODY,
    "date-time": "2026-01-02T03:04:05Z",
    "date": "2026-01-02",
    "uri": "https://device.example/hook",
    "email": "somebody@device.example",
    "hostname": "device.example",
    "external-id": "somebody-else",
    "byte": "ZWRnZWQ=",
}
# By their patterns, of any length.
HEXADECIMAL = "[0-9A-Fa-f]{64}"


class Samples:
    """Makes values, bodies and paths for the operations of one document."""

    def __init__(self, document: Document, picture: Path) -> None:
        self.document = document
        self.picture = picture.read_bytes()
        self.picture_url = "data:image/jpeg;base64," + base64.b64encode(self.picture).decode()

    def value(self, schema: dict[str, Any], name: str = "") -> Any:
        """A value that the schema allows."""
        schema = self.document.resolved(schema)
        for keyword in ("const", "default", "example"):
            if keyword in schema and schema[keyword] is not None:
                return schema[keyword]
        if schema.get("examples"):
            return schema["examples"][0]
        if "enum" in schema:
            return next(choice for choice in schema["enum"] if choice is not None)
        if "allOf" in schema:
            parts = [self.value(part, name) for part in schema["allOf"]]
            return {key: value for part in parts for key, value in part.items()}
        for keyword in ("anyOf", "oneOf"):
            for part in schema.get(keyword, []):
                if self.document.resolved(part).get("type") != "null":
                    value = self.value(part, name)
                    # The alternatives may only add to what the object has anyway.
                    return {**self._of_type(schema, name), **value} if "properties" in schema else value
        return self._of_type(schema, name)

    def _of_type(self, schema: dict[str, Any], name: str) -> Any:
        kinds = schema.get("type", "object" if "properties" in schema else "string")
        kind = next(kind for kind in ([kinds] if isinstance(kinds, str) else kinds) if kind != "null")
        match kind:
            case "object":
                return {
                    member: self.value(schema["properties"].get(member, {}), member)
                    for member in schema.get("required", [])
                    if not self.document.resolved(schema["properties"].get(member, {})).get("readOnly")
                }
            case "array":
                return [self.value(schema.get("items", {}), name) for _ in range(schema.get("minItems", 0))]
            case "integer" | "number":
                return schema.get("minimum", 1)
            case "boolean":
                return True
        if schema.get("format") == "face-image":
            return self.picture_url
        if schema.get("contentEncoding") == "base64":
            size = schema.get("minLength", 8)
            return base64.b64encode(bytes(size // 4 * 3 - 1)).decode()
        if HEXADECIMAL in schema.get("pattern", ""):
            return "0" * 64
        text = TEXTS.get(schema.get("format", ""), f"sample-{name}"[:100] if name else "sample")
        return text.ljust(schema.get("minLength", 0), "x")[: schema.get("maxLength", len(text) + 1000)]

    def body(self, operation: Operation, given: dict[str, Any] | None = None) -> tuple[str | None, bytes | None]:
        """The content type and bytes of a good request; `given` members replace what would stand there."""
        kinds = operation.body_types
        if not kinds:
            return None, None
        for kind, schema in kinds.items():
            if kind == JSON_TYPE or kind.endswith("+json"):
                fields = self.value(schema)
                if isinstance(fields, dict):
                    fields = {**fields, **(given or {})}
                self._check(operation, schema, fields)
                return kind, json.dumps(fields).encode()
        if FORM_TYPE in kinds:
            return self.multipart(operation, given)
        kind = next(iter(kinds))
        return kind, b"sample"

    def multipart(self, operation: Operation, given: dict[str, Any] | None = None) -> tuple[str, bytes]:
        """A form with the required members; files are a real picture."""
        schema = self.document.resolved(operation.body_types[FORM_TYPE])
        parts: list[tuple[str, str | None, str | None, bytes]] = []
        for name in schema.get("required", []):
            member = self.document.resolved(schema["properties"][name])
            if self.is_file(member):
                parts.append((name, "frame.jpg", "image/jpeg", self.picture))
                continue
            value = (given or {}).get(name, self.value(member, name))
            parts.append((name, None, None, (value if isinstance(value, str) else json.dumps(value)).encode()))
        return form(parts)

    @staticmethod
    def is_file(member: dict[str, Any]) -> bool:
        return member.get("format") in ("binary", "face-image") or "contentMediaType" in member

    def nobody(self, operation: Operation) -> dict[str, str]:
        """Parameters of a path that lead to nothing."""
        known = {one["name"]: one.get("schema", {}) for one in operation.parameters if one["in"] == "path"}
        return {name: self._nobody(known.get(name, {})) for name in operation.path_names}

    def _nobody(self, schema: dict[str, Any]) -> str:
        schema = self.document.resolved(schema)
        return str(schema["enum"][0]) if "enum" in schema else NOBODY

    def query(self, operation: Operation) -> str:
        """The required parameters of the query."""
        wanted = [one for one in operation.parameters if one["in"] == "query" and one.get("required")]
        return "&".join(f"{one['name']}={self.value(one.get('schema', {}), one['name'])}" for one in wanted)

    def _check(self, operation: Operation, schema: dict[str, Any], fields: Any) -> None:
        """A sample that the schema does not allow would make every test that uses it pass for the wrong reason."""
        whole = {**schema, "components": self.document.body.get("components", {})}
        errors = sorted(jsonschema.Draft202012Validator(whole).iter_errors(fields), key=lambda error: list(error.path))
        if errors:
            raise AssertionError(f"no sample for {operation}: {errors[0].message[:200]}")

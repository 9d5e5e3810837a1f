"""Enrolls and recognizes a person with a generated client and nothing else.

Every address and every field comes from the generated package. Run by test_client in a process of its own; prints what
each step answered.
"""

from __future__ import annotations

import argparse
import base64
import importlib
import inspect
import json
import sys
import typing
from pathlib import Path
from types import ModuleType
from typing import Any

PACKAGE = "edged_client"


def endpoint(place: str) -> ModuleType:
    return importlib.import_module(f"{PACKAGE}.api.{place}")


def body_classes(function: Any) -> list[type]:
    """The models that the body of a call may be."""
    annotation = inspect.signature(function).parameters["body"].annotation
    return [one for one in typing.get_args(annotation) or (annotation,) if hasattr(one, "from_dict")]


def json_body(function: Any, fields: dict[str, Any]) -> Any:
    model = next(one for one in body_classes(function) if not hasattr(one, "to_multipart"))
    return model.from_dict(fields)


def data_url(picture: bytes) -> str:
    return "data:image/jpeg;base64," + base64.b64encode(picture).decode()


def call(place: str, client: Any, wanted: int, **arguments: Any) -> Any:
    response = endpoint(place).sync_detailed(client=client, **arguments)
    if response.status_code != wanted or response.parsed is None:
        raise SystemExit(f"{place}: {int(response.status_code)} {response.content[:300]!r}")
    return response.parsed


def stream(places: dict[str, str], client: Any, token: str, clip: Path, start: int) -> Any:
    function = endpoint(places["picture"]).sync_detailed
    for file in sorted(clip.glob("*.jpg"))[start::5]:
        # As text: the generator forgets the boundary of forms where a body may be of several kinds.
        fields = {"session_token": token, "image": data_url(file.read_bytes())}
        answer = call(places["picture"], client, 200, body=json_body(function, fields))
        if not answer.requires_more_frames:
            break
    return answer


def flow(arguments: argparse.Namespace) -> None:
    places: dict[str, str] = json.loads(arguments.places)
    package = importlib.import_module(PACKAGE)
    secrets = json.load(sys.stdin)
    stranger = package.Client(base_url=arguments.base)
    log_in = endpoint(places["token"]).sync_detailed
    tokens = call(places["token"], stranger, 200, body=json_body(log_in, secrets))
    client = package.AuthenticatedClient(base_url=arguments.base, token=tokens.access)

    if places["user"]:
        create = endpoint(places["user"]).sync_detailed
        call(places["user"], client, 201, body=json_body(create, {"external_user_id": arguments.user}))
    open_enrollment = endpoint(places["enrollment"]).sync_detailed
    wanted = {"user_id": arguments.user, "session_type": "api"}
    session = call(places["enrollment"], client, 201, body=json_body(open_enrollment, wanted))
    enrolled = stream(places, client, session.session_token, arguments.clip, 0)
    print(f"enrollment: {enrolled.session_status}")
    if enrolled.session_status != "completed":
        raise SystemExit(f"not enrolled: {enrolled.to_dict()}")

    open_authentication = endpoint(places["authentication"]).sync_detailed
    session = call(places["authentication"], client, 201, body=json_body(open_authentication, wanted))
    recognized = stream(places, client, session.session_token, arguments.clip, 3)
    print(f"authentication: {recognized.result}")
    if recognized.result != "success" or recognized.success is not True:
        raise SystemExit(f"not recognized: {recognized.to_dict()}")

    name = next(iter(inspect.signature(endpoint(places["session"]).sync_detailed).parameters))
    state = call(places["session"], client, 200, **{name: session.session_token})
    print(f"session: {state.to_dict().get('session_status') or state.to_dict().get('status')}")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--base", required=True, help="the address of the device")
    parser.add_argument("--places", required=True, help="the modules of the calls, as JSON")
    parser.add_argument("--clip", type=Path, required=True, help="a directory of frames")
    parser.add_argument("--user", required=True, help="the id of the person")
    flow(parser.parse_args())


if __name__ == "__main__":
    main()

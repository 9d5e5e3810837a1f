"""Measures the line between devices and central with real processes and TLS; what it prints stands in docs/decisions/0035."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import sqlite3
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(HERE), str(ROOT / "Tests" / "Endurance"), str(ROOT / "Tests" / "Contract"), str(ROOT / "scripts")]

from device import open_session, stream  # noqa: E402
from fleet import Central, Member, man  # noqa: E402
from smoke_client import until  # noqa: E402
from many_devices import Key, LightDevice, Line, trust_of  # noqa: E402

PARTS = ("drain", "resync", "erasure", "wire", "fleet")


def quantile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)] if ordered else float("nan")


def in_figures(values: list[float], scale: float = 1000, unit: str = "ms") -> str:
    return (f"p50 {quantile(values, 0.5) * scale:.0f} {unit}, p99 {quantile(values, 0.99) * scale:.0f} {unit},"
            f" longest {max(values, default=0) * scale:.0f} {unit} of {len(values)}")  # fmt: skip


def memory(process: int | None, what: str = "VmRSS") -> float:
    """MiB of a process."""
    text = Path(f"/proc/{process}/status").read_text()
    return int(next(line for line in text.splitlines() if line.startswith(f"{what}:")).split()[1]) / 1024


class Direct(Member):
    """A device whose line to central has nothing in between."""

    def join(self, name: str, token: str | None = None) -> None:
        self.command(
            "provision", "--central", f"https://127.0.0.1:{self.central.port}", "--token",
            token or self.central.token(), "--name", name, "--ca", str(self.central.certificate),
        )  # fmt: skip
        self.name = name

    def waiting(self) -> int:
        return sum(int(lane["waiting"]) for lane in self.sync()["lanes"])

    def fill(self, *words: str) -> None:
        lanes = self.command("bench", "backlog", "--expendable", *words, seconds=1800)["lanes"]
        print("  waiting:", ", ".join(f"{lane['lane']} {lane['waiting']}" for lane in lanes), flush=True)


class Figures:
    def __init__(self, arguments: argparse.Namespace, directory: Path) -> None:
        self.arguments, self.directory = arguments, directory
        self.place = directory
        self.houses: list[Any] = []

    def central(self, connections: int = 4000) -> Central:
        central = Central(self.arguments.daemon, self.place / "central", self.arguments.models)
        with central.configuration.open("a") as text:
            text.write(f"\n[central]\nconnections = {connections}\n")
        self.houses.append(central)
        central.start()
        return central

    def device(self, central: Central, name: str, joins: bool = True) -> Direct:
        device = Direct(self.arguments.daemon, self.place / name, self.arguments.models, central)
        device.configuration.write_text(device.configuration.read_text().replace('"5s"', '"25s"'))
        self.houses.append(device)
        device.start()
        if joins:
            device.join(name)
            until("online", lambda: device.sync()["phase"] == "online")
        return device

    def run(self) -> None:
        for part in self.arguments.only:
            self.place = self.directory / part
            self.place.mkdir()
            print(f"{part}:", flush=True)
            try:
                getattr(self, f"measure_{part}")()
            finally:
                for house in reversed(self.houses):
                    house.stop()
                self.houses.clear()

    # A backlog.

    def measure_drain(self) -> None:
        central = self.central()
        device = self.device(central, "door")
        client = device.make_client("door")
        done = device.enroll(client, "jan", man(self.arguments.footage))
        assert done.get("enrollment_complete"), done
        until("all is told", lambda: device.waiting() == 0)
        self.fill_stopped(device, self.arguments.events)
        device.start()
        device.command("sync", "pause")
        total, begun = device.waiting(), time.monotonic()
        device.command("sync", "resume")
        until("all is told", lambda: device.waiting() == 0, 3600)
        seconds = time.monotonic() - begun
        print(f"  {total} records in {seconds:.1f} s: {total / seconds:.0f} a second")
        print(f"  memory: device {memory(self.pid(device)):.0f} MiB, central {memory(self.pid(central)):.0f} MiB")
        self.fill_stopped(device, self.arguments.events)
        device.start()
        self.behind(device, client)

    def fill_stopped(self, device: Direct, records: int, people: int = 0) -> None:
        device.stop()
        device.fill("--records", str(records), "--people", str(people))

    @staticmethod
    def pid(house: Any) -> int | None:
        return house.process.pid if house.process else None

    def behind(self, device: Direct, client: Any) -> None:
        """While a backlog goes out: how long the control lane takes, and what recognising somebody takes."""
        urgent: list[float] = []
        calm: list[float] = []
        busy: list[float] = []
        frames = man(self.arguments.footage, start=3)
        for turn in range(self.arguments.turns):
            device.command("sync", "pause" if turn % 2 == 0 else "resume")
            end = time.monotonic() + 4
            while time.monotonic() < end:
                begun = time.monotonic()
                caller = device.caller(client)
                token = open_session(caller, "authentication", user_id="jan")
                answer = stream(caller, token, frames)
                assert answer.get("result") == "success", answer
                (calm if turn % 2 == 0 else busy).append(time.monotonic() - begun)
        left = device.waiting()
        print(f"  recognising, nothing sent: {in_figures(calm)}")
        print(f"  recognising, beside the backlog: {in_figures(busy)}: {left} still wait")
        print(f"  worse by {(statistics.median(busy) / statistics.median(calm) - 1) * 100:.1f} %")
        device.command("sync", "resume")
        number = 0
        while device.waiting() > 5000 and number < 200:
            caller = device.caller(client)
            user = f"urgent-{number}"
            # Whoever is erased is told of in the control lane.
            made = caller.ask_json("POST", "/api/clients/users/", {"external_user_id": user})
            assert made.status == 201, made
            begun = time.monotonic()
            gone = caller.ask("DELETE", f"/api/clients/users/{made.json['id']}/")
            assert gone.status < 300, gone
            until("the erasure is at central", lambda: not self.control(device))
            urgent.append(time.monotonic() - begun)
            number += 1
        print(f"  the control lane behind the backlog: {in_figures(urgent)}; {device.waiting()} still wait")

    @staticmethod
    def control(device: Direct) -> int:
        return next(int(lane["waiting"]) for lane in device.sync()["lanes"] if lane["lane"] == "control")

    # People.

    def measure_resync(self) -> None:
        central = self.central()
        first = self.device(central, "first")
        self.fill_stopped(first, 0, self.arguments.people)
        first.start()
        begun = time.monotonic()
        until("all is told", lambda: first.waiting() == 0, 3600)
        print(f"  {self.arguments.people} enrollments told in {time.monotonic() - begun:.1f} s")
        fresh = self.device(central, "fresh", joins=False)
        begun = time.monotonic()
        fresh.join("fresh")
        until("everybody is known", lambda: self.people(fresh) >= self.arguments.people, 600)
        print(f"  a fresh device knows {self.people(fresh)} people after {time.monotonic() - begun:.1f} s")

    @staticmethod
    def people(device: Direct) -> int:
        _, status = device.ask("status")
        return int(status["people"]["templates"] if isinstance(status.get("people"), dict) else status.get("people", 0))

    def measure_erasure(self) -> None:
        central = self.central()
        devices = [self.device(central, f"door-{number}") for number in range(3)]
        people = self.arguments.erasures
        self.fill_stopped(devices[0], 0, people)
        devices[0].start()
        for device in devices:
            until("everybody is known", lambda device=device: self.people(device) >= people)
        listing = devices[0].command("clients", "list")
        tenant = next(client["id"] for client in listing["clients"] if client["name"] == "bench")
        for number in range(people):
            central.command("central", "erase", f"bench-{number}", "--client", tenant)
        until("all are proven", lambda: all(not erasure["outstanding"] for erasure in central.erasures()))
        central.stop()
        with contextlib.closing(sqlite3.connect(central.directory / "store" / "central" / "central.sqlite")) as books:
            rows = books.execute(
                "SELECT (p.proven_at - e.ordered_at) / 1e6 FROM erasures e JOIN erasure_proofs p USING (subject)"
                " WHERE p.proven_at IS NOT NULL").fetchall()  # fmt: skip
        print(f"  order to proof, {len(devices)} devices and central itself: {in_figures([row[0] for row in rows])}")

    # Bytes.

    def measure_wire(self) -> None:
        central = self.central()
        trust = trust_of(central)
        key = Key(self.place)
        for pack in (True, False):
            device = LightDevice(f"wire-{pack}", self.place, key, Line("127.0.0.1", central.port, trust),
                                 Line("127.0.0.1", central.port, trust))  # fmt: skip
            for size in (1, 10, 100, 256):
                asyncio.run(self.bytes_of(device, central, pack, size))

    async def bytes_of(self, device: LightDevice, central: Central, pack: bool, size: int) -> None:
        device.line.close()
        if not device.token:
            await device.join(central.token())
        before = device.line.sent + device.line.received
        ask = device.line.ask
        device.line.ask = lambda path, message, token="": ask(path, message, token, pack)  # type: ignore[method-assign]
        for _ in range(4):
            await device.push(size)
        device.line.ask = ask  # type: ignore[method-assign]
        total = device.line.sent + device.line.received - before
        print(f"  {'gzip ' if pack else 'plain'} batches of {size:3}: {total / (4 * size):.0f} bytes for each event, both ways")
        device.line.close()

    # A thousand devices.

    def measure_fleet(self) -> None:
        central = self.central()
        before = memory(self.pid(central))
        asyncio.run(self.fleet(central, before))

    async def fleet(self, central: Central, before: float) -> None:
        trust, key, count = trust_of(central), Key(self.place), self.arguments.devices
        admin = central.caller(central.make_client("admin", "admin"))
        tokens = [str(admin.ask_json("POST", "/api/sync/v1/fleet/tokens/", {}).json["token"]) for _ in range(count)]
        devices = [
            LightDevice(f"light-{number}", self.place, key, Line("127.0.0.1", central.port, trust),
                        Line("127.0.0.1", central.port, trust)) for number in range(count)
        ]  # fmt: skip
        begun = time.monotonic()
        gate = asyncio.Semaphore(8)

        async def join(device: LightDevice, token: str) -> None:
            async with gate:
                await device.join(token)

        await asyncio.gather(*(join(*pair) for pair in zip(devices, tokens, strict=True)))
        print(f"  {count} devices joined in {time.monotonic() - begun:.0f} s", flush=True)
        pushes: list[float] = []
        heard: list[float] = []
        answers = 0
        end = time.monotonic() + self.arguments.seconds

        async def listen(device: LightDevice) -> None:
            nonlocal answers
            while time.monotonic() < end:
                if await device.hear(25):
                    heard.append(time.monotonic())
                answers += 1

        async def talk(device: LightDevice, number: int) -> None:
            await asyncio.sleep(self.arguments.interval * number / count)
            while time.monotonic() < end:
                pushes.append(await device.push(10))
                await asyncio.sleep(self.arguments.interval)

        await asyncio.gather(*(listen(d) for d in devices), *(talk(d, n) for n, d in enumerate(devices)))
        print(f"  {len(pushes)} pushes of 10 records, each device every {self.arguments.interval} s: {in_figures(pushes)}")
        print(f"  {answers} polls answered; devices without a push: {sum(d.sequence == 0 for d in devices)}")
        print(f"  central: {before:.0f} MiB before, {memory(self.pid(central)):.0f} MiB now,"
              f" {memory(self.pid(central), 'VmHWM'):.0f} MiB at the highest")  # fmt: skip
        for device in devices:
            device.line.close()
            device.poll.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").strip())
    parser.add_argument("--daemon", type=Path, required=True)
    parser.add_argument("--models", type=Path, required=True)
    parser.add_argument("--footage", type=Path, required=True)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--events", type=int, default=500_000)
    parser.add_argument("--people", type=int, default=10_000)
    parser.add_argument("--erasures", type=int, default=50)
    parser.add_argument("--devices", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=60, help="how long the many devices talk")
    parser.add_argument("--interval", type=float, default=20, help="seconds between two pushes of one of them")
    parser.add_argument("--turns", type=int, default=8, help="blocks of 4 s with and without sending, in turn")
    parser.add_argument("--directory", type=Path, default=Path("/var/tmp"))
    arguments = parser.parse_args()
    print(f"machine: {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory(prefix="edged-figures-", dir=arguments.directory) as temporary:
        Figures(arguments, Path(temporary)).run()


if __name__ == "__main__":
    main()

"""Run the server as a process with its keys in a folder: python -m tests.wechatpay --folder DIR.

It prints the configuration of a gateway as one line of JSON once it listens.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
from pathlib import Path

from tests.wechatpay.server import Server
from tests.wechatpay.signing import Keys

STOP_SIGNALS = {signal.SIGINT, signal.SIGTERM}


def main() -> None:
    words = argparse.ArgumentParser(prog="python -m tests.wechatpay", description=__doc__)
    words.add_argument("--port", type=int, default=0, help="0: any that is free")
    words.add_argument(
        "--folder", type=Path, required=True, help="for the keys; created if missing"
    )
    words.add_argument("--balance", type=int, default=100_000_000, help="fen")
    words.add_argument("--latency", type=float, default=0.0, help="seconds an answer takes")
    words.add_argument("--notifying", action="store_true", help="post notices by itself")
    given = words.parse_args()
    server = Server(
        keys=Keys.load_or_create(given.folder), port=given.port, balance=given.balance,
        latency=given.latency, notifying=given.notifying,
    )  # fmt: skip
    # Block the signals before threads inherit the mask: only sigwait receives them.
    signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
    with server:
        config = {
            "base_url": server.url,
            "mchid": server.merchant,
            "appid": server.app,
            "cert_serial": server.keys.merchant_serial,
            "api_v3_key": server.keys.api_v3_key,
            "public_key_id": server.keys.platform_serial,
            "private_key_file": str(given.folder / "merchant.pem"),
            "public_key_file": str(given.folder / "platform_public.pem"),
        }
        sys.stdout.write(json.dumps(config) + "\n")
        sys.stdout.flush()
        signal.sigwait(STOP_SIGNALS)


if __name__ == "__main__":
    main()

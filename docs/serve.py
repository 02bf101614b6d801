"""Open the built site in a browser: ``make docs-serve``; Ctrl-C ends it."""

from __future__ import annotations

import argparse
import functools
import http.server
import webbrowser
from pathlib import Path

HTML = Path(__file__).parent / "_build" / "html"


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--port", type=int, default=0, help="where to serve (any that is free)")
    parser.add_argument("--no-browser", action="store_true", help="print the address only")
    arguments = parser.parse_args()
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(HTML))
    with http.server.ThreadingHTTPServer(("127.0.0.1", arguments.port), handler) as server:
        address = f"http://127.0.0.1:{server.server_address[1]}/"
        print(f"The site is at {address} until Ctrl-C.", flush=True)
        if not arguments.no_browser:
            webbrowser.open(address)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print()


if __name__ == "__main__":
    main()

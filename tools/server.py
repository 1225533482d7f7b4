"""Serve a folder as GitHub Pages does, compressed: ``python -m tools.server FOLDER [PORT]``."""

import gzip
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread

COMPRESSED = {".css", ".html", ".ico", ".ipynb", ".js", ".json", ".svg", ".txt", ".xml"}


def sent(path: Path) -> bytes:
    """Give what goes over the wire for a file: text is compressed."""
    content = path.read_bytes()
    return gzip.compress(content, 6) if path.suffix in COMPRESSED else content


class Pages(SimpleHTTPRequestHandler):
    """Answers with files, text compressed."""

    def do_GET(self) -> None:
        """Answer with a file, or the page that says that there is none."""
        path = Path(self.translate_path(self.path))
        path = path / "index.html" if path.is_dir() else path
        status = 200 if path.is_file() else 404
        path = path if path.is_file() else Path(self.directory, "404.html")
        content = sent(path) if path.is_file() else b""
        self.send_response(status)
        if path.suffix in COMPRESSED:
            self.send_header("Content-Encoding", "gzip")
        kind = self.guess_type(path)
        self.send_header("Content-Type", f"{kind}; charset=utf-8" if kind.startswith("text/") else kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "max-age=600")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *arguments: object) -> None:
        """Keep quiet."""


@contextmanager
def serve(folder: Path, port: int = 0) -> Iterator[str]:
    """Serve a folder from a thread of its own, and give its address."""
    with ThreadingHTTPServer(("127.0.0.1", port), partial(Pages, directory=str(folder))) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()


if __name__ == "__main__":
    with serve(Path(sys.argv[1]), int((sys.argv[2:] or ["8000"])[0])) as address, suppress(KeyboardInterrupt):
        print(f"{address} (Ctrl+C ends it)", flush=True)
        Event().wait()

"""Files through the front door: streamed both ways, parts by range, and what is too large refused at once."""

import hashlib
import socket
import threading
from collections.abc import Iterator
from urllib.parse import urlsplit

import psutil
import pytest

from .product import Product

MEGABYTE = 1024 * 1024
LARGE = 48 * MEGABYTE
# Three processes' worth of buffers live in this one; none of them may grow with the file.
MOST_MEMORY = 24 * MEGABYTE


class Form:
    """A multipart form whose file is made while it is sent."""

    content_type = "multipart/form-data; boundary=between"

    def __init__(self, size: int) -> None:
        self._block = hashlib.sha512(b"block").digest() * (MEGABYTE // 64)
        self._blocks = size // MEGABYTE
        self._head = (
            b'--between\r\nContent-Disposition: form-data; name="category"\r\n\r\nbackup\r\n--between\r\n'
            b'Content-Disposition: form-data; name="file"; filename="switch.bak"\r\n'
            b"Content-Type: application/octet-stream\r\n\r\n"
        )
        self._tail = b"\r\n--between--\r\n"

    def __len__(self) -> int:
        return len(self._head) + self._blocks * MEGABYTE + len(self._tail)

    def __iter__(self) -> Iterator[bytes]:
        yield self._head
        for _ in range(self._blocks):
            yield self._block
        yield self._tail

    @property
    def sha256(self) -> str:
        whole = hashlib.sha256()
        for _ in range(self._blocks):
            whole.update(self._block)
        return whole.hexdigest()


class Memory:
    """The most memory that this process held, above what it held at first, while the block ran."""

    def __enter__(self) -> "Memory":
        self._process = psutil.Process()
        self._first = self._process.memory_info().rss
        self.most = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self

    def _watch(self) -> None:
        while not self._stop.wait(0.01):
            self.most = max(self.most, self._process.memory_info().rss - self._first)

    def __exit__(self, *_error: object) -> None:
        self._stop.set()
        self._thread.join()


@pytest.fixture(scope="module")
def token(product: Product) -> str:
    return product.tokens.staff(["customers.view", "customers.edit", "documents.manage"])


@pytest.fixture(scope="module")
def files(product: Product, token: str) -> str:
    made = product.ask("POST", "/customers", token, json={"name": "Files"})
    return f"/customers/{made.json()['id']}/files"


def test_a_large_file_goes_through_in_pieces_both_ways(product: Product, token: str, files: str) -> None:
    # A small one first: what is made once must not count.
    small = product.ask("POST", files, token, data=Form(MEGABYTE), headers={"Content-Type": Form.content_type})
    assert small.status_code == 201, small.text
    product.ask("DELETE", f"{files}/{small.json()['id']}", token, headers={"If-Match": '"v1"'})
    form = Form(LARGE)
    with Memory() as memory:
        made = product.ask("POST", files, token, data=form, headers={"Content-Type": Form.content_type})
    assert (made.status_code, made.json().get("bytes")) == (201, LARGE), made.text
    assert made.json()["sha256"] == form.sha256
    assert memory.most < MOST_MEMORY, f"{memory.most / MEGABYTE:.0f} MB more while {LARGE // MEGABYTE} MB arrived"

    whole = hashlib.sha256()
    with Memory() as memory:
        content = product.ask("GET", f"{files}/{made.json()['id']}/content", token, stream=True)
        for piece in content.iter_content(256 * 1024):
            whole.update(piece)
    assert whole.hexdigest() == form.sha256
    assert memory.most < MOST_MEMORY, f"{memory.most / MEGABYTE:.0f} MB more while {LARGE // MEGABYTE} MB left"

    part = product.ask("GET", f"{files}/{made.json()['id']}/content", token, headers={"Range": "bytes=64-127"})
    assert (part.status_code, part.headers["Content-Range"]) == (206, f"bytes 64-127/{LARGE}")
    assert part.content == hashlib.sha512(b"block").digest()
    assert part.headers["X-Content-Type-Options"] == "nosniff"
    assert part.headers["Content-Disposition"].startswith("attachment;")


def test_a_declared_length_of_five_gigabytes_is_refused_at_once(product: Product, token: str, files: str) -> None:
    address = urlsplit(product.url)
    head = (
        f"POST /api{files} HTTP/1.1\r\nHost: {address.netloc}\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: {Form.content_type}\r\nContent-Length: 5000000000\r\n\r\n--between\r\n"
    )
    with socket.create_connection((address.hostname, address.port), timeout=5) as client:
        client.sendall(head.encode())
        answer = b""
        while piece := client.recv(65536):  # until it closes, because nobody reads what would follow
            answer += piece
    assert answer.startswith(b"HTTP/1.1 413")
    assert b'"code":"gateway.body_too_large"' in answer
    assert b'"limit":100100000' in answer


def test_the_service_itself_says_why_it_refuses_what_the_gateway_lets_pass(
    product: Product, token: str, files: str
) -> None:
    url = product.another_gateway(upload_limit=1_000_000_000)
    answer = product.ask(
        "POST", files, token, url=url, data=Form(120 * MEGABYTE), headers={"Content-Type": Form.content_type}
    )
    assert (answer.status_code, answer.json()["code"]) == (413, "upload_too_large")
    assert answer.json()["limit"] == 100_000_000

"""Who may use the application: the browser that was given its token. The token is in the printed address."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field

MARK_BYTES = 16


@dataclass(frozen=True)
class Access:
    """`hosts` are the names, with the port, by which browsers may address the application.

    A browser that shows the token gets a cookie with a mark of its own. The form word of a browser is made from its
    mark: a form of another page cannot know it.
    """

    hosts: frozenset[str]
    cookie: str
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    key: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)

    def is_token(self, text: str) -> bool:
        return hmac.compare_digest(text.encode(), self.token.encode())

    def new_cookie(self) -> str:
        """The value of the cookie of one more browser."""
        mark = secrets.token_hex(MARK_BYTES)
        return f"{mark}.{self._sign('cookie', mark)}"

    def is_cookie(self, value: str) -> bool:
        """Whether this application gave out a cookie with this value."""
        mark, _, signature = value.partition(".")
        return hmac.compare_digest(signature.encode(), self._sign("cookie", mark).encode())

    def form_word(self, cookie: str) -> str:
        """What a form of the browser with this cookie must contain."""
        return self._sign("form", cookie)

    def is_form_word(self, cookie: str, word: str) -> bool:
        return hmac.compare_digest(word.encode(), self.form_word(cookie).encode())

    def _sign(self, purpose: str, text: str) -> str:
        return hmac.new(self.key, f"{purpose}:{text}".encode(), hashlib.sha256).hexdigest()

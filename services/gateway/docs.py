"""The readable documentation at `/api/docs`: Swagger UI from an installed package: it needs no network."""

import base64
import hashlib
import re

from flask import Flask, Response, redirect, request
from flask_swagger_ui import get_swaggerui_blueprint
from werkzeug.wrappers import Response as Redirect

from gateway.routing import PREFIX, Route

PATH = f"{PREFIX}/docs"
ROUTES = (Route("GET", "/docs", "", anonymous=True), Route("GET", "/docs/{asset}", "", anonymous=True))
_SCRIPT = re.compile(rb"<script>(.*?)</script>", re.DOTALL)


def install(app: Flask) -> None:
    """Adds the page and its assets."""
    pages = get_swaggerui_blueprint(
        PATH,
        f"{PREFIX}/openapi.json",
        config={
            "app_name": "Atrium: the REST interface",
            "docExpansion": "none",
            "filter": True,
            "oauth2RedirectUrl": f"{PATH}/oauth2-redirect.html",
            "tagsSorter": "alpha",
        },
    )
    pages.after_request(_allow_own_script)
    app.register_blueprint(pages)

    @app.get(PATH)
    def docs() -> Redirect:
        return redirect(f"{PATH}/")


def _allow_own_script(response: Response) -> Response:
    """The page's own inline script, named by its digest, and nothing from elsewhere."""
    if response.mimetype != "text/html" or not request.path.startswith(PATH):
        return response
    digests = [base64.b64encode(hashlib.sha256(script).digest()).decode() for script in _SCRIPT.findall(response.data)]
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; script-src 'self' " + " ".join(f"'sha256-{digest}'" for digest in digests) + "; "
        "style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; "
        "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    )
    return response

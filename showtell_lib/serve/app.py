"""The web application: its addresses and their answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from contextlib import asynccontextmanager, suppress
from http import HTTPStatus
from importlib.resources import files
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, FastAPI, Query, Request
from fastapi.responses import HTMLResponse, Response
from fastapi_offline import FastAPIOffline
from starlette.requests import ClientDisconnect

import showtell_lib
from showtell_lib.captioner import Captioner
from showtell_lib.plots import tree_viewer
from showtell_lib.serve import problems, uploads
from showtell_lib.serve.answers import CaptionsAnswer, SearchSettings, StateAnswer
from showtell_lib.serve.by_hand import HandSettings, TurnAnswer
from showtell_lib.serve.clients import LOOPBACK, TrustedHosts
from showtell_lib.serve.connections import SaidOnce
from showtell_lib.serve.limits import Limits
from showtell_lib.serve.metrics import Measured, Metrics
from showtell_lib.serve.problems import Problem
from showtell_lib.serve.service import CaptionService

DESCRIPTION = """\
Send a photo, get the captions that beam search finds. Photos are held in memory until they are
answered, and neither stored nor logged. Photos that come at about the same time are captioned
together. That may change the last digits of a log-probability, and so which of two captions that
almost tie is kept or comes first; it changes nothing else. Every error has the same shape: `title`,
`status`, `detail`.
"""
CAPTIONS, TURNS, METRICS = "/v1/captions", "/v1/turns", "/metrics"
PATHS = frozenset((CAPTIONS, TURNS, METRICS, "/healthz", "/readyz", "/"))
METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"
BINARY = {"schema": {"type": "string", "format": "binary"}}
FORM = {
    "type": "object",
    "properties": {uploads.FIELD: {"type": "string", "format": "binary"}},
    "required": [uploads.FIELD],
    "additionalProperties": False,
}
BODY = {
    "requestBody": {
        "required": True,
        "description": "The photo: its bytes, or a form with one file.",
        "content": {
            uploads.FORM: {"schema": FORM},
            **dict.fromkeys((*uploads.RAW, uploads.ANY_BYTES), BINARY),
        },
    }
}
PROBLEMS = problems.documented(
    {
        HTTPStatus.REQUEST_TIMEOUT: "The photo was sent too slowly.",
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "Too many bytes or pixels.",
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "Not a photo.",
        HTTPStatus.UNPROCESSABLE_ENTITY: "A damaged photo, or a bad setting.",
        HTTPStatus.TOO_MANY_REQUESTS: "Too many requests are waiting; try again.",
        HTTPStatus.SERVICE_UNAVAILABLE: "It took too long; try again.",
    }
)
Result = TypeVar("Result")
router = APIRouter()


def create_app(
    captioner: Captioner, limits: Limits | None = None, hosts: Iterable[str] = LOOPBACK
) -> FastAPI:
    """The web application over a loaded captioner.

    Args:
        captioner: the captioner that answers.
        limits: the most that the service takes on.
        hosts: the names and addresses of the service; see `TrustedHosts`.

    Returns:
        An ASGI application; it starts working when its lifespan starts.
    """
    metrics = Metrics()
    service = CaptionService(captioner, limits or Limits(), metrics)
    app = FastAPIOffline(
        redoc_url=None,
        title="Show and Tell",
        summary="Captions for photos",
        description=DESCRIPTION,
        version=showtell_lib.__version__,
        lifespan=_lifespan,
        # A redirect would name the host that the client named; see `WithoutSlash`.
        redirect_slashes=False,
    )
    app.state.service, app.state.metrics = service, metrics
    app.include_router(router)
    problems.add_handlers(app)
    app.add_middleware(TrustedHosts, hosts=hosts)
    app.add_middleware(Measured, metrics=metrics, paths=PATHS)
    app.add_middleware(WithoutSlash)
    return app


class WithoutSlash:
    """ASGI middleware that takes an address with a slash at its end for the one without.

    Args:
        app: what answers the requests.
    """

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answers one request."""
        if scope["type"] == "http":
            scope = {**scope, "path": scope["path"].rstrip("/") or "/"}
        await self._app(scope, receive, send)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    service: CaptionService = app.state.service
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(SaidOnce())
    await loop.run_in_executor(None, service.warm_up)
    running = asyncio.create_task(service.run())
    try:
        yield
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        await service.close()


@router.post(
    CAPTIONS,
    summary="Caption a photo",
    responses=PROBLEMS,
    openapi_extra=BODY,
    response_model_exclude_none=True,
)
async def caption(request: Request, settings: Annotated[SearchSettings, Query()]) -> CaptionsAnswer:
    """The captions of one photo, best first, with the probability of each word."""
    service: CaptionService = request.app.state.service
    return await _answered(request, lambda photo: service.answer(photo, settings))


@router.post(TURNS, summary="Be the beam", responses=PROBLEMS, openapi_extra=BODY)
async def turn(request: Request, settings: Annotated[HandSettings, Query()]) -> TurnAnswer:
    """A beam search in which you decide, step by step, which hypotheses stay open.

    Send the photo with all that you kept so far; at the end you learn what beam search and exact
    search found, and where you lost the optimum.
    """
    service: CaptionService = request.app.state.service
    return await _answered(request, lambda photo: service.turn(photo, settings))


async def _answered(
    request: Request, work: Callable[[bytes], Coroutine[Any, Any, Result]]
) -> Result:
    """What `work` makes of the photo that a request brings."""
    service: CaptionService = request.app.state.service
    with service.place():
        try:
            with service.uploads.one_more(request.client.host if request.client else None):
                photo = await uploads.read_photo(request, service.limits)
            answer = work(photo)
            return await _while_connected(request, answer, service.limits.answer_seconds)
        except ClientDisconnect:
            raise _gone() from None
        except asyncio.CancelledError:
            detail = "the service is shutting down and could not finish; send the photo elsewhere"
            raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, detail) from None


async def _while_connected(
    request: Request, work: Coroutine[Any, Any, Result], seconds: float
) -> Result:
    """What `work` returns; the work is dropped if it takes too long or the client has gone."""
    task = asyncio.create_task(work)
    # The body is read, so only the end of the connection can still come.
    left = asyncio.ensure_future(request.receive())
    try:
        await asyncio.wait({task, left}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
        if left.done():
            raise _gone()
        detail = f"no answer within {seconds:g} seconds; try again, or with a narrower beam"
        raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, detail)
    finally:
        task.cancel()
        left.cancel()


def _gone() -> Problem:
    """Ends a request that nobody waits for; only the metrics see its status."""
    return Problem(HTTPStatus.REQUEST_TIMEOUT, "the connection was closed")


@router.head("/healthz", include_in_schema=False)
@router.get("/healthz", summary="Whether the service runs")
async def health() -> StateAnswer:
    """Answers as long as the process works; if there is no answer, restart the service."""
    return StateAnswer(status="alive")


@router.head("/readyz", include_in_schema=False)
@router.get(
    "/readyz",
    summary="Whether the service takes requests",
    response_model=StateAnswer,
    responses=problems.documented(
        {HTTPStatus.SERVICE_UNAVAILABLE: "It is full or stuck; send requests elsewhere."}
    ),
)
async def readiness(request: Request) -> Any:
    """Whether the service would take the next request; if not, send it elsewhere."""
    service: CaptionService = request.app.state.service
    if service.full:
        raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, "all places are taken; try again in a moment")
    if service.stuck:
        detail = "photos that take long to open hold up all others; try again in a few seconds"
        raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, detail)
    return StateAnswer(status="ready")


@router.head(METRICS, include_in_schema=False)
@router.get(METRICS, summary="Counts and times", response_class=Response)
async def metrics(request: Request) -> Response:
    """Metrics for Prometheus: requests, seconds, photos in a batch, memory."""
    return Response(request.app.state.metrics.text(), media_type=METRICS_TYPE)


@router.head("/", include_in_schema=False)
@router.get("/", include_in_schema=False)
async def page() -> HTMLResponse:
    """The page on which you can try the service."""
    text = files(__package__).joinpath("page.html").read_text(encoding="utf-8")
    return HTMLResponse(text.replace("/* the viewer */", tree_viewer()))

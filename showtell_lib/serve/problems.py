"""Everything that can go wrong with a request, in one JSON shape (RFC 9457)."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

MEDIA_TYPE = "application/problem+json"
# A full queue is empty again after about this time.
RETRY_SECONDS = 1


class ProblemAnswer(BaseModel):
    """What went wrong and what to do next."""

    title: str = Field(description="The status in words.")
    status: int = Field(description="The HTTP status code.")
    detail: str = Field(description="What was wrong with this request, and what to do.")


class Problem(Exception):  # noqa: N818 (RFC 9457 calls it so)
    """Ends a request with an HTTP status and a sentence: what was wrong, and what to do next."""

    def __init__(self, status: HTTPStatus, detail: str) -> None:
        super().__init__(detail)
        self.status, self.detail = status, detail


def add_handlers(app: FastAPI) -> None:
    """Gives all errors of an app the same shape."""

    async def of_problem(_: Request, error: Any) -> JSONResponse:
        return answer(error.status, error.detail)

    async def of_parameters(_: Request, error: Any) -> JSONResponse:
        wrong = [f"{one['loc'][-1]}: {one['msg']}" for one in error.errors()]
        return answer(HTTPStatus.UNPROCESSABLE_ENTITY, "; ".join(wrong))

    async def of_routing(_: Request, error: Any) -> JSONResponse:
        detail = f"{error.detail}; GET /docs lists all addresses"
        return answer(HTTPStatus(error.status_code), detail, error.headers)

    async def of_fault(_: Request, __: Exception) -> JSONResponse:
        detail = "the service failed; that is a fault of the service, not of your request"
        return answer(HTTPStatus.INTERNAL_SERVER_ERROR, detail)

    app.add_exception_handler(Problem, of_problem)
    app.add_exception_handler(RequestValidationError, of_parameters)
    app.add_exception_handler(HTTPException, of_routing)
    app.add_exception_handler(Exception, of_fault)


def answer(status: HTTPStatus, detail: str, headers: Any = None) -> JSONResponse:
    """A problem as an HTTP response."""
    headers = dict(headers or {})
    if status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE):
        headers["Retry-After"] = str(RETRY_SECONDS)
    if status in (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.INTERNAL_SERVER_ERROR):
        # A slow client may still be sending, and after a fault the server closes the connection:
        # the client must not use it for its next request.
        headers["Connection"] = "close"
    content = {"title": status.phrase, "status": int(status), "detail": detail}
    return JSONResponse(content, status, headers, MEDIA_TYPE)


def documented(statuses: dict[HTTPStatus, str]) -> dict[int | str, dict[str, Any]]:
    """These statuses, each with its meaning, in the form that an API's description takes."""
    schema = {"$ref": "#/components/schemas/ProblemAnswer"}
    return {
        int(status): {"description": text, "content": {MEDIA_TYPE: {"schema": schema}}}
        for status, text in statuses.items()
    }

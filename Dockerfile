# Two images from one file: `lab`, JupyterLab with the notebooks (the default), and `api`, the REST
# API. Neither image holds the tools that build it (wheels, hatchling).
# The base image is named by its tag, so every build gets the security fixes of Debian and Python.
# For the very same base again, name it by digest:
# --build-arg BASE_IMAGE=python:3.11-slim@sha256:...
ARG BASE_IMAGE=python:3.11-slim

# The library with the bundled model, in an environment without the packages that it needs.
FROM ${BASE_IMAGE} AS library
WORKDIR /source
COPY container/wheel.lock container/
RUN python3 -m venv /build \
    && /build/bin/pip install --no-cache-dir --require-hashes --only-binary :all: \
        -r container/wheel.lock
COPY pyproject.toml README.md LICENSE ./
COPY data/broader_captions.csv data/
COPY data/mini data/mini
COPY showtell_lib showtell_lib
# Without its dependencies: on x86-64 tensorflow-cpu meets them, which pip cannot know.
RUN /build/bin/pip wheel --no-cache-dir --no-deps --no-build-isolation --wheel-dir /wheels . \
    && python3 -m venv --without-pip /opt/showtell \
    && /build/bin/pip --python /opt/showtell/bin/python install --no-deps --no-index /wheels/*.whl

# The packages that the library and the API need, and then those of the notebooks, in an environment
# at the same place. They have layers of their own, which a change of the library does not touch.
FROM ${BASE_IMAGE} AS api-packages
# This stage is part of no image: its package lists cost nothing, and any binutils will do.
# hadolint ignore=DL3008,DL3009
RUN apt-get update && apt-get install --yes --no-install-recommends binutils
WORKDIR /
COPY container container
RUN container/install api

FROM api-packages AS lab-packages
RUN container/install lab

# A full-size model, if one was asked for.
FROM api-packages AS model
COPY --from=library /opt/showtell /opt/showtell
ARG MODEL=mini
ARG MODEL_URL=
ENV SHOWTELL_HOME=/models
RUN mkdir /models && if [ "${MODEL}" != mini ]; then \
        /opt/showtell/bin/showtell download "${MODEL}" ${MODEL_URL:+--url "${MODEL_URL}"} \
        && rm -rf /models/downloads; \
    fi

# Common to both images: a user who is not root and who owns the models.
FROM ${BASE_IMAGE} AS runtime
RUN useradd --create-home --uid 1000 learner
ENV PATH=/opt/showtell/bin:${PATH} \
    PYTHONUNBUFFERED=1 \
    SHOWTELL_HOME=/home/learner/models
WORKDIR /home/learner/showtell
USER 1000

FROM runtime AS api
COPY --from=api-packages /opt/showtell /opt/showtell
COPY --from=library /opt/showtell /opt/showtell
COPY --from=model --chown=1000 /models /home/learner/models
ARG MODEL=mini
ENV MODEL=${MODEL}
EXPOSE 8000
HEALTHCHECK --start-period=60s \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/healthz', timeout=5)"]
CMD ["sh", "-c", "exec showtell serve --host 0.0.0.0 --port 8000 --model \"${MODEL}\""]

FROM runtime AS lab
COPY --from=lab-packages /opt/showtell /opt/showtell
COPY --from=library /opt/showtell /opt/showtell
COPY --from=model --chown=1000 /models /home/learner/models
COPY --chown=1000 notebooks notebooks
EXPOSE 8888
# JupyterLab prints an address with a token made for this container; JUPYTER_TOKEN sets another.
HEALTHCHECK --start-period=60s \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8888/api', timeout=5)"]
CMD ["jupyter", "lab", "--ip=0.0.0.0", "--port=8888", "--no-browser", "--LabApp.default_url=/lab/tree/notebooks/00_caption_a_photo.ipynb"]

ARG BASE_IMAGE=python:3.11-slim
FROM ${BASE_IMAGE}

RUN useradd --create-home learner
WORKDIR /home/learner/showtell
COPY --chown=learner . .
RUN pip install --no-cache-dir -r requirements.txt .

USER learner
EXPOSE 8888
CMD ["jupyter", "lab", "--ip=0.0.0.0", "--no-browser", "notebooks/00_caption_a_photo.ipynb"]

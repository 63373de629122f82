"""Stage three: the decoder learns from captions of its own.

This is self-critical training (Rennie et al. 2017, "Self-critical sequence training for image
captioning"). Teacher forcing asks for the next word of somebody else's caption. Here the decoder
says whole captions of a photo by chance, and CIDEr says how good each is. Words of captions that
are better than the others of the same photo become more probable, those of worse ones less (the
mean of the others as the baseline is that of Luo 2020, "A better variant of self-critical sequence
training").

Captions that were written for a whole class of photos judge nothing: to recite one of them word by
word would be worth more than any caption of a photo that somebody looked at, and soon a cup of
coffee is "a close up of a pizza with toppings". They are for teacher forcing only.

A scene has no people's captions to be like: it is learned by teacher forcing, from many pictures,
and without dropout, which would hide the very facts that a sentence about it is made of.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from showtell_lib.metrics.cider import CiderScorer
from showtell_lib.quiet import import_tensorflow
from showtell_lib.search import LONGEST
from showtell_lib.training import batches
from showtell_lib.training.batches import Source
from showtell_lib.training.network import Decoder, caption_loss, forced_loss
from showtell_lib.training.stages import Loop
from showtell_lib.vocabulary import UNKNOWN, Vocabulary

SAMPLES = 5
# How many pictures of each source a step takes.
PER_STEP = {"train": 32, "broader": 12, "scenes": 160}
# How much teacher forcing counts: of photos, which keeps the language, and of scenes.
PHOTOS_FORCED, SCENES_FORCED = 0.2, 1.5


class Rewards:
    """CIDEr of captions of the photos of some sources, over the references of all of them.

    The end token counts as a word: else a caption that breaks off in its middle loses nothing. An
    unknown word of a reference is like no word of a caption.

    Args:
        sources: of photos.
        vocabulary: of their captions.
    """

    def __init__(self, sources: Sequence[Source], vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        photos = [photo for source in sources for photo in source.captions]
        self.first = np.cumsum([0] + [len(source.captions) for source in sources])
        self.scorer = CiderScorer(
            [[self._reference(caption) for caption in photo] for photo in photos]
        )

    def of(self, source: int, photo: int, tokens: Iterable[int]) -> float:
        """CIDEr of a caption, as a fraction, of a photo of a source; padding is left out."""
        words = [self.vocabulary.tokens[token] for token in tokens if token >= 0]
        return self.scorer.score(int(self.first[source]) + photo, words)

    def _reference(self, tokens: Sequence[int]) -> list[str]:
        words = [self.vocabulary.tokens[token] for token in tokens[1:]]
        return ["" if word == UNKNOWN else word for word in words]


def sample_captions(decoder: Decoder, features: Any, start: int, end: int, seed: Any) -> Any:
    """Captions drawn word by word from the decoder's own probabilities.

    Args:
        decoder: the decoder.
        features: float32 [N, features].
        start: id of `<S>`.
        end: id of `</S>`.
        seed: int32 scalar; the same one draws the same captions.

    Returns:
        Tokens, int32 [N, `LONGEST`], after `<S>`, with -1 after `</S>`.
    """
    tf = import_tensorflow()
    states = decoder.first_states(features)
    last = tf.fill([tf.shape(features)[0]], start)
    said = tf.TensorArray(tf.int32, LONGEST)
    for position in tf.range(LONGEST):
        logits, states = decoder.step(tf.maximum(last, 0), states)
        drawn = tf.random.stateless_categorical(logits, 1, tf.stack([seed, position]), tf.int32)
        is_over = (last == end) | (last < 0)
        last = tf.where(is_over, -1, drawn[:, 0])
        said = said.write(position, last)
    return tf.transpose(said.stack())


def advantages(rewards: np.ndarray) -> np.ndarray:
    """How much better each caption is than the mean of the others of its photo.

    Args:
        rewards: float32 [N photos, samples].
    """
    others = rewards.sum(axis=1, keepdims=True) - rewards
    better: np.ndarray = rewards - others / (rewards.shape[1] - 1)
    return better


def policy_loss(logits: Any, tokens: Any, advantage: Any) -> Any:
    """Mean over words of the negative log-probability times the caption's advantage.

    Its gradient is that of the expected reward, the other way round (Rennie et al., equation 6),
    divided by the number of words.

    Args:
        logits: float32 [N, length, vocabulary], of each token given those before it.
        tokens: int32 [N, length], padded with -1.
        advantage: float32 [N].
    """
    return caption_loss(logits, tokens, advantage[:, np.newaxis])


class SelfCriticalLoop(Loop):
    """The decoder alone, on features of the encoder as stage two left it.

    The last of its epochs is kept that is better than all of the stages before.
    """

    stage = "self_critical"
    # CIDEr on photos is soon as high as it gets, while scenes are still being learned.
    strict = False

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        # Scenes come last, if there are any.
        self.photos = [i for i, name in enumerate(self.names) if name != "scenes"]
        self.rewards = Rewards([self.sources[i] for i in self.photos], self.learner.vocabulary)
        tf = import_tensorflow()
        self.sample = tf.function(self._sample, reduce_retracing=True)

    def _per_step(self) -> list[int]:
        return [PER_STEP[name] for name in self.names]

    def _steps_per_epoch(self) -> int:
        return batches.photo_steps(self.sources, self._per_step())

    def _trained(self) -> list[tuple[float, list[Any]]]:
        return [(self.learner.options.self_critical_rate, self.learner.decoder.trainable_variables)]

    def _sample(self, features: Any, seed: Any) -> Any:
        words = self.learner.vocabulary
        return sample_captions(self.learner.decoder, features, words.start_id, words.end_id, seed)

    def _prepared(self, random: np.random.Generator) -> Iterator[tuple[Any, ...]]:
        for chosen in batches.chosen_photos(self.sources, self._per_step(), random):
            photos = [(source, photo) for source, photo in chosen if source in self.photos]
            scenes = chosen[len(photos) :]
            sampled = self._sampled(photos, random)
            forced = batches.forced(self.sources, photos, random)
            yield *sampled, forced, batches.forced(self.sources, scenes, random) if scenes else None

    def _sampled(self, photos: Sequence[tuple[int, int]], random: np.random.Generator) -> Any:
        """Features of the photos, several captions of each, and the captions' advantages."""
        tf = import_tensorflow()
        features = batches.views(self.sources, photos, random)
        many = np.repeat(features, SAMPLES, axis=0)
        tokens = self.sample(many, tf.constant(int(random.integers(2**31)), tf.int32)).numpy()
        owners = [pick for pick in photos for _ in range(SAMPLES)]
        rewards = [self.rewards.of(*pick, said) for pick, said in zip(owners, tokens, strict=True)]
        table = np.array(rewards, np.float32).reshape(len(photos), SAMPLES)
        longest = int((tokens >= 0).sum(axis=1).max())
        better = advantages(table) * self._judged(photos)[:, np.newaxis]
        return many, tokens[:, :longest], better.reshape(-1)

    def _judged(self, photos: Sequence[tuple[int, int]]) -> np.ndarray:
        """1 for each photo whose own captions can judge another, else 0: float32 [N]."""
        judges = [self.sources[source].judges for source, _ in photos]
        fit = [j is None or j[photo] for j, (_, photo) in zip(judges, photos, strict=True)]
        return np.array(fit, np.float32)

    def _losses(self, *batch: Any) -> tuple[Any, Any]:
        features, said, advantage, photos, scenes = batch
        decoder = self.learner.decoder
        captions = forced_loss(decoder, *photos, training=True)
        logits = decoder(features, self._shifted(said))
        loss = policy_loss(logits, said, advantage) + PHOTOS_FORCED * captions
        if scenes is not None:
            loss += SCENES_FORCED * forced_loss(decoder, *scenes)
        return loss, captions

    def _shifted(self, said: Any) -> Any:
        tf = import_tensorflow()
        start = tf.fill([tf.shape(said)[0], 1], self.learner.vocabulary.start_id)
        return tf.concat([start, tf.maximum(said[:, :-1], 0)], axis=1)

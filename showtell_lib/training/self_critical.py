"""Stage three: the decoder learns from captions of its own.

This is self-critical training (Rennie et al. 2017, "Self-critical sequence training for image
captioning"). Teacher forcing asks for the next word of somebody else's caption. Here the decoder
draws whole captions of a photo by chance, and CIDEr measures how good each is. The words of a
caption that is better than the others of the same photo become more probable, those of a worse
caption less probable (the mean of the others as the baseline is that of Luo 2020, "A better variant
of self-critical sequence training").

Captions that were written for a whole class of photos are no references here: reciting one of them
would earn more than any caption of a photo that somebody looked at, and soon a cup of coffee would
be "a close up of a pizza with toppings". Such captions serve for teacher forcing only.

Nobody has captioned the scenes, so there are no references for them: scenes are learned by teacher
forcing, from many pictures, and without dropout, which would hide the facts that a sentence about a
scene consists of.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np

from showtell_lib.metrics.cider import CiderScorer
from showtell_lib.quiet import Tensor, import_tensorflow
from showtell_lib.search import LONGEST
from showtell_lib.training import batches
from showtell_lib.training.batches import Source
from showtell_lib.training.learner import Learner
from showtell_lib.training.network import Decoder, caption_loss, forced_loss
from showtell_lib.training.options import StageOptions, TrainingOptions
from showtell_lib.training.stages import Loop, Trained
from showtell_lib.vocabulary import UNKNOWN, Vocabulary

tf = import_tensorflow()

SAMPLES = 5
# The weight of teacher forcing: on photos, where it preserves the language, and on scenes.
PHOTOS_FORCED, SCENES_FORCED = 0.2, 1.5


class Rewards:
    """CIDEr of captions of photos; rarity is counted over the references of all sources together.

    The end token counts as a word: otherwise a caption that breaks off would lose nothing. An
    unknown word of a reference matches no word of a caption.
    """

    def __init__(self, sources: Sequence[Source], vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        photos = [photo for source in sources for photo in source.captions]
        self.first = np.cumsum([0] + [len(source.captions) for source in sources])
        self.scorer = CiderScorer(
            [[self._reference(caption) for caption in photo] for photo in photos]
        )

    def score(self, source: int, photo: int, tokens: Iterable[int]) -> float:
        """CIDEr of a caption, as a fraction, of a photo of a source; padding is left out."""
        words = [self.vocabulary.tokens[token] for token in tokens if token >= 0]
        return self.scorer.score(int(self.first[source]) + photo, words)

    def _reference(self, tokens: Sequence[int]) -> list[str]:
        words = [self.vocabulary.tokens[token] for token in tokens[1:]]
        return ["" if word == UNKNOWN else word for word in words]


def sample_captions(
    decoder: Decoder, features: Tensor, start: int, end: int, seed: Tensor
) -> Tensor:
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
    states = decoder.first_states(features)  # [N, units] each
    last = tf.fill([tf.shape(features)[0]], start)  # [N]
    tokens = tf.TensorArray(tf.int32, LONGEST)
    for position in tf.range(LONGEST):
        logits, states = decoder.step(tf.maximum(last, 0), states)  # [N, vocabulary]
        # [N, 1]
        drawn = tf.random.stateless_categorical(logits, 1, tf.stack([seed, position]), tf.int32)
        is_over = (last == end) | (last < 0)  # [N]
        last = tf.where(is_over, -1, drawn[:, 0])  # [N]
        tokens = tokens.write(position, last)
    return tf.transpose(tokens.stack())  # [20, N] -> [N, 20]


def advantages(rewards: np.ndarray) -> np.ndarray:
    """How much better each caption is than its photo's others on average, [photos, samples]."""
    others = rewards.sum(axis=1, keepdims=True) - rewards  # [photos, samples]
    better: np.ndarray = rewards - others / (rewards.shape[1] - 1)
    return better


def policy_loss(logits: Tensor, tokens: Tensor, advantage: Tensor) -> Tensor:
    """Mean over words of the negative log-probability times the caption's advantage.

    Its gradient is that of the expected reward with its sign turned (Rennie et al., equation 6),
    divided by the number of words.

    Args:
        logits: float32 [N, length, vocabulary], of each token given those before it.
        tokens: int32 [N, length], padded with -1.
        advantage: float32 [N].
    """
    return caption_loss(logits, tokens, advantage[:, np.newaxis])


class SelfCriticalLoop(Loop):
    """The decoder alone, on features of the encoder as stage two left it.

    The last epoch that is better than all earlier stages is kept.
    """

    stage = "self_critical"
    # CIDEr on photos soon stops rising, while the decoder is still learning scenes.
    strict = False

    @staticmethod
    def stage_options(options: TrainingOptions) -> StageOptions:
        """What this stage takes from the options of the run."""
        return options.self_critical_stage

    def __init__(self, learner: Learner, sources: Mapping[str, Source]) -> None:
        super().__init__(learner, sources)
        # Scenes come last, if there are any.
        self.photos = [i for i, name in enumerate(self.names) if name != "scenes"]
        self.rewards = Rewards([self.sources[i] for i in self.photos], self.learner.vocabulary)
        self.sample = tf.function(self._sample, reduce_retracing=True)

    def _steps_per_epoch(self) -> int:
        return batches.photo_steps(self.sources, self._per_step())

    def _trained(self) -> list[Trained]:
        return [(self.options.decoder_rate, self.learner.decoder.trainable_variables)]

    def _sample(self, features: Tensor, seed: Tensor) -> Tensor:
        words = self.learner.vocabulary
        return sample_captions(self.learner.decoder, features, words.start_id, words.end_id, seed)

    def _prepared(self, random: np.random.Generator) -> Iterator[tuple[Tensor, ...]]:
        for chosen in batches.chosen_photos(self.sources, self._per_step(), random):
            photos = [(source, photo) for source, photo in chosen if source in self.photos]
            scenes = chosen[len(photos) :]
            sampled = self._sampled(photos, random)
            forced = batches.forced(self.sources, photos, random)
            yield *sampled, forced, batches.forced(self.sources, scenes, random) if scenes else None

    def _sampled(
        self, photos: Sequence[tuple[int, int]], random: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Features of each caption's photo, several captions of each photo, their advantages."""
        features = batches.views(self.sources, photos, random)  # [photos, features]
        many = np.repeat(features, SAMPLES, axis=0)  # [captions, features]
        # [captions, 20]
        tokens = self.sample(many, tf.constant(int(random.integers(2**31)), tf.int32)).numpy()
        owners = [pick for pick in photos for _ in range(SAMPLES)]
        rewards = [
            self.rewards.score(*pick, caption) for pick, caption in zip(owners, tokens, strict=True)
        ]
        # [photos, samples]
        table = np.array(rewards, np.float32).reshape(len(photos), SAMPLES)
        longest = int((tokens >= 0).sum(axis=1).max())
        better = advantages(table) * self._judged(photos)[:, np.newaxis]  # [photos, samples]
        # [captions, features], [captions, longest], [captions]
        return many, tokens[:, :longest], better.reshape(-1)

    def _judged(self, photos: Sequence[tuple[int, int]]) -> np.ndarray:
        """1 for each photo whose own captions can judge another, else 0: float32 [N]."""
        judges = [self.sources[source].judges for source, _ in photos]
        fit = [j is None or j[photo] for j, (_, photo) in zip(judges, photos, strict=True)]
        return np.array(fit, np.float32)

    def _losses(self, *batch: Tensor) -> tuple[Tensor, Tensor]:
        features, tokens, advantage, photos, scenes = batch
        decoder = self.learner.decoder
        captions = forced_loss(decoder, *photos, training=True)
        logits = decoder(features, self._shifted(tokens))  # [captions, longest, vocabulary]
        loss = policy_loss(logits, tokens, advantage) + PHOTOS_FORCED * captions
        if scenes is not None:
            loss += SCENES_FORCED * forced_loss(decoder, *scenes)
        return loss, captions

    def _shifted(self, tokens: Tensor) -> Tensor:
        """The token before each: `<S>` before the first."""
        start = tf.fill([tf.shape(tokens)[0], 1], self.learner.vocabulary.start_id)
        return tf.concat([start, tf.maximum(tokens[:, :-1], 0)], axis=1)  # [captions, longest]

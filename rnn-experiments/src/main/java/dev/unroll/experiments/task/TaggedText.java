package dev.unroll.experiments.task;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Generated sentences with a tag for each word. Some words take their tag from a neighbour: "the
 * light box" has an adjective where "the light falls" has a noun, and "they play" has a verb where
 * "the play" has a noun.
 */
public final class TaggedText {
  /** The tags. */
  public static final List<String> TAGS = List.of("DET", "ADJ", "NOUN", "VERB", "PRON");

  private static final List<String> DETERMINERS = List.of("the", "a", "this");
  private static final List<String> ADJECTIVES = List.of("small", "red", "old");
  private static final List<String> NOUNS = List.of("dog", "box", "child", "river");
  private static final List<String> VERBS = List.of("sees", "holds", "falls");
  private static final List<String> PRONOUNS = List.of("they", "we");

  /** Adjective before a noun, noun otherwise: only what follows tells. */
  private static final List<String> ADJECTIVE_OR_NOUN = List.of("light", "cold", "round");

  /** Noun after a determiner, verb after a pronoun: what went before tells. */
  private static final List<String> NOUN_OR_VERB = List.of("watch", "play", "walk");

  private static final List<String> WORDS = new ArrayList<>();

  static {
    List.of(DETERMINERS, ADJECTIVES, NOUNS, VERBS, PRONOUNS, ADJECTIVE_OR_NOUN, NOUN_OR_VERB)
        .forEach(WORDS::addAll);
  }

  private TaggedText() {}

  /**
   * One sentence.
   *
   * @param words indices into the vocabulary
   * @param tags indices into {@link #TAGS}
   */
  public record Sentence(List<Integer> words, List<Integer> tags) {
    private void add(String word, String tag) {
      words.add(WORDS.indexOf(word));
      tags.add(TAGS.indexOf(tag));
    }
  }

  /** Different words. */
  public static int vocabularySize() {
    return WORDS.size();
  }

  /** A sentence of 5 to 8 words. */
  public static Sentence draw(RandomGenerator random) {
    Sentence sentence = new Sentence(new ArrayList<>(), new ArrayList<>());
    if (random.nextBoolean()) {
      sentence.add(pick(PRONOUNS, random), "PRON");
      sentence.add(pick(NOUN_OR_VERB, random), "VERB");
    } else {
      nounPhrase(sentence, random);
      sentence.add(pick(VERBS, random), "VERB");
    }
    nounPhrase(sentence, random);
    sentence.add(pick(VERBS, random), "VERB");
    return sentence;
  }

  private static void nounPhrase(Sentence sentence, RandomGenerator random) {
    sentence.add(pick(DETERMINERS, random), "DET");
    if (random.nextBoolean()) {
      sentence.add(pick(random.nextBoolean() ? ADJECTIVES : ADJECTIVE_OR_NOUN, random), "ADJ");
      sentence.add(pick(NOUNS, random), "NOUN");
    } else {
      List<String> nouns =
          switch (random.nextInt(3)) {
            case 0 -> NOUNS;
            case 1 -> ADJECTIVE_OR_NOUN;
            default -> NOUN_OR_VERB;
          };
      sentence.add(pick(nouns, random), "NOUN");
    }
  }

  private static String pick(List<String> words, RandomGenerator random) {
    return words.get(random.nextInt(words.size()));
  }
}

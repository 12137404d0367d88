package dev.unroll.experiments.task;

import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Names of an invented people, such as {@code tostruvat}: two to four syllables and an end. Two
 * laws reach further than a few letters: all vowels are front (e, i, y) or all are back (a, o, u),
 * and the last letter is the first one again. Which vowels it are the vowel before tells, up to
 * four letters back; the first letter is four to fourteen letters back.
 */
public final class InventedNames {
  private static final String CONSONANTS = "bdfgklmnrstv";
  private static final List<String> CLUSTERS =
      List.of("br", "dr", "kl", "sk", "st", "str", "tr", "vl");
  private static final List<String> VOWELS = List.of("eiy", "aou");

  private InventedNames() {}

  /** A name. */
  public static String draw(RandomGenerator random) {
    String vowels = VOWELS.get(random.nextInt(VOWELS.size()));
    char first = letter(CONSONANTS, random);
    StringBuilder name = new StringBuilder().append(first).append(letter(vowels, random));
    int more = random.nextInt(1, 4);
    for (int i = 0; i < more; i++) {
      if (random.nextInt(3) == 0) {
        name.append(CLUSTERS.get(random.nextInt(CLUSTERS.size())));
      } else {
        name.append(letter(CONSONANTS, random));
      }
      name.append(letter(vowels, random));
    }
    return name.append(first).toString();
  }

  private static char letter(String letters, RandomGenerator random) {
    return letters.charAt(random.nextInt(letters.length()));
  }

  /** Whether a name keeps both laws. */
  public static boolean isLawful(String name) {
    long kinds =
        VOWELS.stream()
            .filter(vowels -> name.chars().anyMatch(letter -> vowels.indexOf(letter) >= 0))
            .count();
    return kinds == 1 && name.length() > 2 && name.charAt(0) == name.charAt(name.length() - 1);
  }
}

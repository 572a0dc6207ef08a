import { DESTINATIONS } from "../../src/destinations/registry.ts";
import type { ExplanationEntry } from "../../src/explanations/entry.ts";
import { knownEntry } from "../../src/explanations/explain.ts";
import { EXPLANATIONS } from "../../src/explanations/registry.ts";
import { platformWords } from "../../src/pipeline/platform-words.ts";
import { classified, goldenFailures, type KnownFailure } from "../support/golden-failures.ts";
import { PLATFORM_ANSWERS } from "./platform-answers.ts";

const ids = Object.keys(DESTINATIONS).sort();

/** Codes of goldens that no platform documents: there to show what `classify` does with what it does not know. */
const UNKNOWN_CODES: Readonly<Record<string, RegExp>> = {
  meta: /^987654:/,
  tiktok: /^40987:/,
  x: /^(?:NEW_CODE|unknown code):/,
};

/** What the documentation says OAuth's endpoint answers; no `classify` reads it. */
const TOKEN_WORDS: Readonly<Record<string, readonly string[]>> = {
  "amazon-ads": ["access token: invalid_grant: the refresh token or key has expired or was revoked"],
  "google-ads": ["access token: invalid_grant: the refresh token or key has expired or was revoked (Bad Request)"],
};

function shownBy(id: string, { kind, words }: KnownFailure): string | undefined {
  return knownEntry(id, [kind], words)?.shown;
}

test("every destination has a file, and no file is of another", () => {
  expect(Object.keys(EXPLANATIONS).sort()).toEqual(ids);
});

describe.each(ids)("%s", (id) => {
  const failures = goldenFailures(id);
  const answers = (PLATFORM_ANSWERS[id] ?? []).map(
    ([shown, answer]) => [shown, answer, classified(id, answer)] as const,
  );

  // Failing? Explain the words in src/explanations/<id>.ts.
  test("everything that its goldens show is known, but for codes that nobody documents", () => {
    const unknown = failures.filter((failure) => shownBy(id, failure) === undefined);
    const unexpected = unknown.filter(({ words }) => UNKNOWN_CODES[id]?.test(words) !== true);
    expect(unexpected).toEqual([]);
    expect(unknown.length > 0).toBe(id in UNKNOWN_CODES);
  });

  test("classify's reasons are found by the entries that are meant for them", () => {
    for (const [shown, answer, made] of answers) {
      expect({ answer, made, shown: made.map((failure) => shownBy(id, failure)?.slice(0, shown.length)) }).toEqual({
        answer,
        made: [expect.anything()],
        shown: [shown],
      });
    }
  });

  test("every status is known by itself, whatever has answered in the platform's place", () => {
    const statuses = Array.from({ length: 500 }, (_, index) => 100 + index);
    const unknown = statuses.flatMap((status) =>
      ["", "<html><title>Blocked</title></html>"].flatMap((body) =>
        classified(id, { status, body }).filter((failure) => shownBy(id, failure) === undefined),
      ),
    );
    expect(unknown).toEqual([]);
  });

  test("reasons are found in the form in which they are kept, without what may be personal", () => {
    for (const failure of [...failures, ...answers.flatMap(([, , made]) => made)]) {
      const kept = { ...failure, words: platformWords(failure.words) };
      expect({ kept, shown: shownBy(id, kept) }).toEqual({ kept, shown: shownBy(id, failure) });
    }
  });

  test("every entry explains something that is there", () => {
    const words = (TOKEN_WORDS[id] ?? []).map((said): KnownFailure => ({ kind: "unauthorized", words: said }));
    const seen = [...failures, ...answers.flatMap(([, , made]) => made), ...words];
    const hit = new Set(seen.map((failure) => shownBy(id, failure)));
    const entries: readonly ExplanationEntry[] = EXPLANATIONS[id]?.entries ?? [];
    expect(entries.map(({ shown }) => shown).filter((shown) => !hit.has(shown))).toEqual([]);
    expect(new Set(entries.map(({ shown }) => shown)).size).toBe(entries.length);
  });
});

import type { Explanation, Failure } from "../core/explanation.ts";
import { ANY_ANSWER } from "./answers.ts";
import { type Explained, type ExplanationEntry, fits } from "./entry.ts";
import { LAST_RESORT } from "./last-resort.ts";
import { OWN_WORDS } from "./own-words.ts";
import { EXPLANATIONS } from "./registry.ts";
import { AFTERWARDS } from "./remedies.ts";
import { ANY_SKIP } from "./skips.ts";

/** Entries that hold for every lane, in the order in which they are asked after the destination's own. */
export const SHARED: readonly ExplanationEntry[] = [...OWN_WORDS, ...ANY_ANSWER, ...ANY_SKIP];

const OUTCOMES: readonly Explained[] = ["unauthorized", "rejected", "retry"];

/** As the pipeline writes the reason of an event whose time ran out; see `deliveryDeadline`. */
const EXPIRED = /^(not delivered within|older than the) .*?(?:; last: (.*))?$/s;

/** What the sign-in of a platform says: each has ways of its own to connect an account. */
const SIGN_IN = /^access token: /;

/**
 * The entry for these words; undefined when nobody knows them. What TrackLayer says itself goes first, since it may quote
 * a platform or an error that the destination's entries would take for something else; then the destination's own.
 */
export function knownEntry(
  destination: string | undefined,
  kinds: readonly Explained[],
  words: string,
): ExplanationEntry | undefined {
  const own =
    destination !== undefined && Object.hasOwn(EXPLANATIONS, destination) ? EXPLANATIONS[destination] : undefined;
  const ours = SIGN_IN.test(words) ? undefined : OWN_WORDS.find((entry) => fits(entry, kinds, words));
  if (ours !== undefined) return ours;
  const found = own?.entries.find((entry) => fits(entry, kinds, words));
  if (found !== undefined) return own?.docs === undefined ? found : { docs: own.docs, ...found };
  return SHARED.find((entry) => fits(entry, kinds, words));
}

/** Explains a failure at a destination of this type; of an unknown type, by what is the same for all. */
export function explainFailure(destination: string | undefined, failure: Failure): Explanation {
  const { means, todo, docs } = parts(destination, failure);
  const explanation = { said: said(failure), means, todo: todo.replaceAll("<lane>", () => failure.lane) };
  return docs === undefined ? explanation : { ...explanation, docs };
}

type Parts = Pick<ExplanationEntry, "means" | "todo" | "docs">;

function parts(destination: string | undefined, failure: Failure): Parts {
  const { state, reason = "", skip } = failure;
  if (state === "not_sent") return NOT_SENT;
  if (state === "attempting") return ATTEMPTING;
  if (state === "expired") return expired(destination, failure);
  if (state !== "skipped") {
    const known = knownEntry(destination, [state], reason) ?? LAST_RESORT[state];
    return { ...known, todo: followed(known.todo, failure.test ? undefined : AFTERWARDS[state]) };
  }
  if (skip === undefined) return LAST_RESORT.not_configured;
  return knownEntry(destination, [skip.code], skip.detail) ?? LAST_RESORT[skip.code];
}

function followed(todo: string, afterwards: string | undefined): string {
  return afterwards === undefined || isNothing(todo) ? todo : `${todo} ${afterwards}`;
}

function isNothing(todo: string): boolean {
  return /^Nothing\b/.test(todo);
}

const ATTEMPTING: Parts = {
  means:
    "A request went out and its answer is not known yet; the platform would count a copy, so nobody sends it meanwhile.",
  todo: "Nothing: after some minutes it is sent again.",
};

const NOT_SENT: Parts = {
  means: "Our own side kept the test from being sent.",
  todo: "Read the messages above and try again.",
};

/** Given up for its age or the lane's time; why it never passed is in the last words before that. */
function expired(destination: string | undefined, { reason = "", attempted }: Failure): Parts {
  const [, limit, last] = EXPIRED.exec(reason) ?? [];
  const tooOld = limit === "older than the";
  const end = tooOld ? "It waited until it was too old for the platform" : "The lane tried it until its time was up";
  const rest = tooOld
    ? "This event cannot be sent any more; those after it can."
    : 'Then put it back from the lane\'s dead-letter queue within 14 days (docs/operations.md, "Dead-letter queues").';
  if (last === undefined) {
    return {
      means: `${end}, without ever being sent: the lane stood still.`,
      todo: `Look at alarms and log of \`deliver-<lane>\` and mend what stopped it. ${rest}`,
    };
  }
  const kinds = OUTCOMES.filter((kind) => kind === attempted);
  const cause = knownEntry(destination, kinds.length > 0 ? kinds : OUTCOMES, last) ?? LAST_RESORT[kinds[0] ?? "retry"];
  const means = `${end}. Why it did not pass: ${cause.means}`;
  const todo = isNothing(cause.todo) ? `Wait until the platform takes events again. ${rest}` : `${cause.todo} ${rest}`;
  return cause.docs === undefined ? { means, todo } : { means, todo, docs: cause.docs };
}

/** The code and the words, without the pipeline's own about the end of the lane's time. */
function said({ state, status, reason, skip }: Failure): string {
  if (skip !== undefined) return `${skip.code}: ${skip.detail}`;
  if (state === "attempting") return "nothing yet";
  const words = state === "expired" ? (EXPIRED.exec(reason ?? "")?.[2] ?? reason) : reason;
  if (words === undefined || words.trim() === "") return status === undefined ? "nothing" : `HTTP ${status}`;
  return status === undefined || words.includes(`HTTP ${status}`) ? words : `HTTP ${status}, ${words}`;
}

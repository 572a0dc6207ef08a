import { CONSENT_PURPOSES, type ConsentPurpose } from "../core/consent.ts";
import type { DeliveryAttempt, EventStory, RoutingDecision } from "../core/delivery-record.ts";
import { IDENTIFIERS, type Identifier, type SkipCode } from "../core/destination.ts";
import { fieldsOfLetters, mergeLetters } from "../core/merge-fields.ts";
import { type PackedForm, packForm, packSeen, unpackForm, unpackSeen } from "./consent-text.ts";

/**
 * Stories and attempts as short text. A write of up to 1 KB costs one unit and every further KB another, so the claim
 * of an ordinary purchase and a receipt must stay below that; attribute names and repeated words would not.
 */

const IDENTIFIER_LETTERS: Readonly<Record<Identifier, string>> = {
  email: "e",
  phone: "p",
  external_id: "x",
  click_id: "c",
  browser_id: "b",
  ip_and_user_agent: "i",
  name: "n",
  address: "a",
  date_of_birth: "d",
  gender: "g",
};
const PURPOSE_LETTERS: Readonly<Record<ConsentPurpose, string>> = {
  ad_storage: "s",
  ad_user_data: "u",
  ad_personalization: "p",
  analytics_storage: "a",
};

/** `points`: a character for each identifier, in the order of the two lists before it; absent in old stories. */
export type PackedQuality = [
  score: number,
  present: string,
  missing: string,
  points?: string,
  version?: number,
  doubts?: [identifier: string, factor: number, reason: number][],
];

/** Tenths of a point, 0 to 100, by their place: what JSON would escape is left out. */
const POINTS = Array.from({ length: 103 }, (_, index) => String.fromCodePoint(index + (index < 94 ? 33 : 67)))
  .filter((character) => character !== '"' && character !== "\\")
  .join("");

type PackedDecision = [
  lane: string,
  send: 0 | 1,
  allowed: 0 | 1,
  reason: number,
  required: string,
  quality: PackedQuality | 0,
  skip?: [code: SkipCode, detail: number] | 0,
  awaits?: string,
  form?: PackedForm,
];

interface PackedStory {
  o: EventStory["event_id_origin"];
  t: number;
  r: number;
  s: [id: string, kind: EventStory["source"]["kind"], dialect: EventStory["source"]["dialect"], library?: string];
  i?: string;
  v?: string;
  c?: string;
  k: string;
  p?: string[];
  x?: string[];
  /** Fourth: 1 for a person that was found by the order, 2 for one that was by the click. */
  d: [personId: string, filled: string, learned: string, foundBy?: 1 | 2];
  l: PackedDecision[];
  /** Absent in old stories. */
  n?: string;
  /** The wait, ms from `r`, and letters. */
  m?: [wait: number, fields: string, undecided: string, deviceKeys?: string];
  /** Sentences that the decisions refer to: most lanes share theirs. */
  w: string[];
}

/** Packs a story; the scope is left out, since the item's key holds it. */
export function packStory(story: EventStory): string {
  const words = new Words();
  const { source, identity, merge } = story;
  const packed: PackedStory = {
    o: story.event_id_origin,
    t: story.event_time,
    r: story.received_at,
    s: [
      source.id,
      source.kind,
      source.dialect,
      ...(source.library === undefined ? [] : [source.library]),
    ] as PackedStory["s"],
    ...(story.order_id === undefined ? {} : { i: story.order_id }),
    ...(story.value === undefined ? {} : { v: story.value }),
    ...(story.currency === undefined ? {} : { c: story.currency }),
    k: identifierLetters(story.carried),
    ...(story.problems === undefined ? {} : { p: story.problems }),
    ...(story.removed === undefined ? {} : { x: story.removed }),
    d: [
      identity.person_id ?? "",
      identity.filled.join(" "),
      identity.learned.join(" "),
      ...(identity.found_by === undefined ? [] : [identity.found_by === "order" ? 1 : 2]),
    ] as PackedStory["d"],
    l: story.decisions.map((decision) => packDecision(decision, words)),
    ...(story.consent === undefined ? {} : { n: packSeen(story.consent) }),
    ...(merge === undefined ? {} : { m: packMerge(merge, story.received_at) }),
    w: words.list,
  };
  return JSON.stringify(packed);
}

/** The story that `packStory` packed. */
export function unpackStory(text: string, dedupScope: string): EventStory {
  const packed = JSON.parse(text) as PackedStory;
  const [id, kind, dialect, library] = packed.s;
  const [personId, filled, learned, foundBy] = packed.d;
  return {
    event_id_origin: packed.o,
    event_time: packed.t,
    received_at: packed.r,
    source: { id, kind, dialect, dedup_scope: dedupScope, ...(library === undefined ? {} : { library }) },
    ...(packed.i === undefined ? {} : { order_id: packed.i }),
    ...(packed.v === undefined ? {} : { value: packed.v }),
    ...(packed.c === undefined ? {} : { currency: packed.c }),
    carried: identifiersOf(packed.k),
    ...(packed.p === undefined ? {} : { problems: packed.p }),
    ...(packed.x === undefined ? {} : { removed: packed.x }),
    identity: {
      ...(personId === "" ? {} : { person_id: personId }),
      filled: wordsOf(filled),
      learned: wordsOf(learned),
      ...(foundBy === undefined ? {} : { found_by: foundBy === 1 ? ("order" as const) : ("click" as const) }),
    },
    ...(packed.n === undefined ? {} : { consent: unpackSeen(packed.n) }),
    decisions: packed.l.map((decision) => unpackDecision(decision, packed.w, packed.n !== undefined)),
    ...(packed.m === undefined ? {} : { merge: unpackMerge(packed.m, packed.r) }),
  };
}

type Merge = NonNullable<EventStory["merge"]>;
type PackedMerge = NonNullable<PackedStory["m"]>;

function packMerge({ device_keys: keys, fields, undecided, until }: Merge, receivedAt: number): PackedMerge {
  const fixed = [until - receivedAt, mergeLetters(fields), purposeLetters(undecided)] as const;
  return keys === undefined ? [...fixed] : [...fixed, keys.join(" ")];
}

function unpackMerge([wait, fields, undecided, keys]: PackedMerge, receivedAt: number): Merge {
  return {
    until: receivedAt + wait,
    fields: fieldsOfLetters(fields),
    undecided: purposesOf(undecided),
    ...(keys === undefined ? {} : { device_keys: wordsOf(keys) }),
  };
}

type PackedAttempt = [
  at: number,
  status: number,
  outcome: DeliveryAttempt["outcome"],
  batch: number,
  took: number,
  reason?: string,
];

/** Packs attempts; status 0 stands for no answer. */
export function packAttempts(attempts: readonly DeliveryAttempt[]): string {
  const packed = attempts.map(({ at, status, outcome, batch, took_ms, reason }): PackedAttempt => {
    const fixed = [at, status ?? 0, outcome, batch, took_ms] as const;
    return reason === undefined ? [...fixed] : [...fixed, reason];
  });
  return JSON.stringify(packed);
}

/** The attempts that `packAttempts` packed. */
export function unpackAttempts(text: string): DeliveryAttempt[] {
  return (JSON.parse(text) as PackedAttempt[]).map(([at, status, outcome, batch, took_ms, reason]) => ({
    at,
    ...(status === 0 ? {} : { status }),
    outcome,
    ...(reason === undefined ? {} : { reason }),
    batch,
    took_ms,
  }));
}

function packDecision(decision: RoutingDecision, words: Words): PackedDecision {
  const { awaits, consent, lane, quality, send, skip } = decision;
  const scored = quality === undefined ? 0 : packQuality(quality, words);
  const required = purposeLetters(consent.required);
  const reason = words.indexOf(consent.reason);
  const fixed = [lane, send ? 1 : 0, consent.allowed ? 1 : 0, reason, required, scored] as const;
  const why: PackedDecision[6] = skip === undefined ? 0 : [skip.code, words.indexOf(skip.detail)];
  const form = packForm(consent, (text) => words.indexOf(text));
  if (form !== undefined) return [...fixed, why, purposeLetters(awaits ?? []), form];
  if (awaits !== undefined) return [...fixed, why, purposeLetters(awaits)];
  return why === 0 ? [...fixed] : [...fixed, why];
}

function unpackDecision(packed: PackedDecision, words: readonly string[], hasRules: boolean): RoutingDecision {
  const [lane, send, allowed, reason, required, scored, skip = 0, awaits = "", form] = packed;
  return {
    lane,
    send: send === 1,
    ...(skip === 0 ? {} : { skip: { code: skip[0], detail: words[skip[1]] ?? "" } }),
    consent: {
      allowed: allowed === 1,
      reason: words[reason] ?? "",
      required: purposesOf(required),
      ...unpackForm(form, words, hasRules),
    },
    ...(awaits === "" ? {} : { awaits: purposesOf(awaits) }),
    ...(scored === 0 ? {} : { quality: unpackQuality(scored, words) }),
  };
}

function purposeLetters(purposes: readonly ConsentPurpose[]): string {
  return purposes.map((purpose) => PURPOSE_LETTERS[purpose]).join("");
}

function purposesOf(letters: string): ConsentPurpose[] {
  return [...letters].flatMap((letter) => CONSENT_PURPOSES.filter((it) => PURPOSE_LETTERS[it] === letter));
}

type Quality = NonNullable<RoutingDecision["quality"]>;

/** A score as short text; its reasons go into `words`. */
export function packQuality(
  { doubts, missing, points, present, score, version }: Quality,
  words: Words,
): PackedQuality {
  const lists = [score, identifierLetters(present), identifierLetters(missing)] as const;
  if (points === undefined || version === undefined) return [...lists];
  const packed = [...present, ...missing].map((it) => POINTS.charAt(Math.round((points[it] ?? 0) * 10))).join("");
  const reasons = Object.entries(doubts ?? {}).map(([identifier, { factor, reason }]) => {
    return [IDENTIFIER_LETTERS[identifier as Identifier], factor, words.indexOf(reason)] as [string, number, number];
  });
  return reasons.length === 0 ? [...lists, packed, version] : [...lists, packed, version, reasons];
}

/** The score that `packQuality` packed. */
export function unpackQuality(packed: PackedQuality, words: readonly string[]): Quality {
  const [score, presentLetters, missingLetters, points, version, doubts = []] = packed;
  const present = identifiersOf(presentLetters);
  const missing = identifiersOf(missingLetters);
  if (points === undefined || version === undefined) return { score, present, missing };
  const pointsOf = [...points].map((character) => POINTS.indexOf(character) / 10);
  return {
    score,
    present,
    missing,
    points: Object.fromEntries([...present, ...missing].map((it, index) => [it, pointsOf[index] ?? 0])),
    doubts: Object.fromEntries(
      doubts.flatMap(([letter, factor, reason]) => {
        return identifiersOf(letter).map((it) => [it, { factor, reason: words[reason] ?? "" }]);
      }),
    ),
    version,
  };
}

function identifierLetters(identifiers: readonly Identifier[]): string {
  return identifiers.map((identifier) => IDENTIFIER_LETTERS[identifier]).join("");
}

function identifiersOf(letters: string): Identifier[] {
  return [...letters].flatMap((letter) => IDENTIFIERS.filter((it) => IDENTIFIER_LETTERS[it] === letter));
}

function wordsOf(text: string): string[] {
  return text === "" ? [] : text.split(" ");
}

/** A table of distinct sentences. */
export class Words {
  readonly list: string[] = [];

  indexOf(sentence: string): number {
    const index = this.list.indexOf(sentence);
    return index === -1 ? this.list.push(sentence) - 1 : index;
  }
}

import { CONSENT_PURPOSES, type ConsentPurpose } from "../core/consent.ts";
import type { EventStory, RoutingDecision } from "../core/delivery-record.ts";
import type { SkipCode } from "../core/destination.ts";
import { fieldsOfLetters, mergeLetters } from "../core/merge-fields.ts";
import { type PackedForm, packForm, packSeen, unpackForm, unpackSeen } from "./consent-text.ts";
import { identifierLetters, identifiersOf, type PackedQuality, packQuality, unpackQuality } from "./quality-text.ts";
import { Words } from "./words.ts";

/**
 * Stories as short text. A write of up to 1 KB costs one unit and every further KB another, so the claim of an ordinary
 * purchase must stay below that; attribute names and repeated words would not.
 */

const PURPOSE_LETTERS: Readonly<Record<ConsentPurpose, string>> = {
  ad_storage: "s",
  ad_user_data: "u",
  ad_personalization: "p",
  analytics_storage: "a",
};

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
  m?: [wait: number, fields: string, undecided: string, deviceKeysOrNamed?: string | 1];
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

function packMerge(merge: Merge, receivedAt: number): PackedMerge {
  const { device_keys: keys, fields, names_person: isNamed, undecided, until } = merge;
  const fixed = [until - receivedAt, mergeLetters(fields), purposeLetters(undecided)] as const;
  // Never both: a device's copy has the keys, and a server's the name.
  if (isNamed === true) return [...fixed, 1];
  return keys === undefined ? [...fixed] : [...fixed, keys.join(" ")];
}

function unpackMerge([wait, fields, undecided, whose]: PackedMerge, receivedAt: number): Merge {
  return {
    until: receivedAt + wait,
    fields: fieldsOfLetters(fields),
    undecided: purposesOf(undecided),
    ...(typeof whose === "string" ? { device_keys: wordsOf(whose) } : {}),
    ...(whose === 1 ? { names_person: true as const } : {}),
  };
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

function wordsOf(text: string): string[] {
  return text === "" ? [] : text.split(" ");
}

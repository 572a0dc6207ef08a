import type { CanonicalEvent, User } from "../../src/core/event.ts";
import { hashVariants } from "../../src/core/hash-variants.ts";
import { createSeeded, type Seeded } from "../simulation/seeded.ts";
import { purchaseEvent } from "./events.ts";

/** An event, and the person who caused it. */
export interface LabelledEvent {
  readonly event: CanonicalEvent;
  readonly human: number;
}

/** People, what they share, and what they did, in random order. */
export interface Population {
  readonly events: readonly LabelledEvent[];
  /** Whose a value is, as `<field> <value>`; a value of nobody has an empty set. */
  readonly owners: ReadonlyMap<string, ReadonlySet<number>>;
}

/** The fields of an event that the identity graph takes for identifiers. */
export const IDENTIFIER_FIELDS = ["user_id", "email", "phone", "anonymous_id", "fbp", "ga_client_id"] as const;
type Field = (typeof IDENTIFIER_FIELDS)[number];

/** Shares of people and events; every one is a guess at a shop of consumers, on the hard side. */
const SHARE = {
  account: 0.5,
  secondEmail: 0.12,
  phone: 0.85,
  secondPhone: 0.06,
  /** Of households of two and more. */
  sharedTablet: 0.35,
  sharedEmail: 0.03,
  /** Of people: at a company with a mailbox that all of its people order with, and one that is not called `info`. */
  companyMailbox: 0.04,
  unusualMailbox: 0.1,
  /** Of events with contacts. */
  typo: 0.01,
  testAddress: 0.005,
  /** Of visits without a name: by an ad's click. */
  click: 0.25,
  /** Of those: the link was sent on with its click id, and a lead of the click came from the shop's CRM. */
  sentOn: 0.05,
  lead: 0.3,
} as const;
const HUMANS_PER_KIOSK = 1_000;
const HUMANS_PER_CALL_CENTRE = 3_000;
const VISITS_OF_KIOSK = 60;
const ORDERS_OF_CALL_CENTRE = 40;
const START = Date.UTC(2026, 5, 1);
const SPAN_MS = 150 * 86_400_000;

interface Browser {
  readonly anonymous_id: string;
  readonly fbp: string;
  readonly ga_client_id: string;
}

interface Human {
  readonly id: number;
  readonly emails: readonly string[];
  readonly phones: readonly string[];
  readonly userId?: string;
  readonly own: readonly Browser[];
  readonly sharedTablet?: Browser;
  readonly companyMailbox?: string;
  readonly ip: string;
}

/** Makes the population of one seed. */
export function createPopulation(seed: number, size: number): Population {
  const random = createSeeded(seed);
  const humans = settle(random, size);
  const lives = [
    ...humans.flatMap((human) => livesOf(human, random)),
    ...kiosks(humans, random),
    ...callCentres(humans, random),
  ].map((event, n) => clicked(event, n, random));
  const events = [...lives, ...lives.flatMap((event) => afterClick(event, humans, random))].map((event, n) =>
    numbered(event, n, random),
  );
  // In random order, but what comes of a click comes after it.
  const visits = new Map(events.toReversed().map(({ event }, n) => [clickOf(event), events.length - 1 - n]));
  const order = events.map((event, n) => {
    const visit = visits.get(clickOf(event.event)) ?? n;
    const from = clickOf(event.event) === undefined || visit === n ? 0 : random.fraction(`order ${visit}`);
    return { event, at: from + (1 - from) * random.fraction(`order ${n}`) };
  });
  return {
    events: order.sort((a, b) => a.at - b.at).map(({ event }) => event),
    owners: ownersOf(events),
  };
}

/** Households of one to four, who share an address of the network, and some a tablet or an e-mail. */
function settle(random: Seeded, size: number): Human[] {
  const humans: Human[] = [];
  for (let home = 0; humans.length < size; home += 1) {
    const members = random.whole(`members ${home}`, 1, 4);
    const isShared = (share: number, what: string) => members > 1 && random.chance(`${what} ${home}`, share);
    const sharedTablet = isShared(SHARE.sharedTablet, "tablet") ? browser(`tablet-${home}`) : undefined;
    const familyEmail = isShared(SHARE.sharedEmail, "family") ? `familie.${home}@mail.example` : undefined;
    for (let n = 0; n < members && humans.length < size; n += 1) {
      humans.push(humanOf(humans.length, random, { home, sharedTablet, familyEmail }));
    }
  }
  return humans;
}

interface Home {
  readonly home: number;
  readonly sharedTablet: Browser | undefined;
  readonly familyEmail: string | undefined;
}

function humanOf(id: number, random: Seeded, { familyEmail, home, sharedTablet }: Home): Human {
  const has = (what: keyof typeof SHARE) => random.chance(`${what} ${id}`, SHARE[what]);
  // A family that shares an e-mail has accounts, or the shop could not tell them apart either.
  const userId = familyEmail !== undefined || has("account") ? `user-${id}` : undefined;
  const company = Math.floor(id / 25);
  const mailbox = random.chance(`mailbox ${company}`, SHARE.unusualMailbox) ? "team.nord" : "info";
  return {
    id,
    emails: [familyEmail ?? `h${id}@mail.example`, ...(has("secondEmail") ? [`work.h${id}@firm.example`] : [])],
    phones: has("phone") ? [phone(id, 1), ...(has("secondPhone") ? [phone(id, 2)] : [])] : [],
    own: Array.from({ length: random.whole(`browsers ${id}`, 1, 3) }, (_, n) => browser(`b${id}-${n}`)),
    ip: `198.51.${home % 256}.${(home >> 8) % 256}`,
    ...(userId === undefined ? {} : { userId }),
    ...(sharedTablet === undefined ? {} : { sharedTablet }),
    ...(has("companyMailbox") ? { companyMailbox: `${mailbox}@firm-${company}.example` } : {}),
  };
}

function browser(name: string): Browser {
  return { anonymous_id: `anon-${name}`, fbp: `fb.1.1700000000000.${name}`, ga_client_id: `ga-${name}` };
}

function phone(human: number, which: number): string {
  return `+4915${which}${String(20_000_000 + human * 7).padStart(8, "0")}`;
}

function livesOf(human: Human, random: Seeded): LabelledEvent[] {
  return Array.from({ length: random.whole(`events ${human.id}`, 5, 14) }, (_, n) => {
    const key = `${human.id} ${n}`;
    const isAtTablet = human.sharedTablet !== undefined && random.chance(`at tablet ${key}`, 0.2);
    const own = human.own[random.whole(`browser ${key}`, 0, human.own.length - 1)];
    return did(human, isAtTablet ? human.sharedTablet : own, key, random);
  });
}

/** One action: looking around without a name, logging in, a checkout, or what the shop's server says of it. */
function did(human: Human, at: Browser | undefined, key: string, random: Seeded): LabelledEvent {
  const action = random.pick(`action ${key}`, ["look", "look", "login", "checkout", "checkout", "server"]);
  const visitor: User = { ip: human.ip, user_agent: "Mozilla/5.0" };
  if (action === "look") return labelled(human.id, visitor, at);
  const { userId } = human;
  const account = userId === undefined ? {} : { user_id: userId };
  if (action === "login" && userId !== undefined) return labelled(human.id, { ...visitor, ...account }, at);
  if (random.chance(`test ${key}`, SHARE.testAddress)) {
    return labelled(human.id, { ...visitor, email: "test@test.com", user_id: "null" }, at);
  }
  // Who has an account is logged in at most of their checkouts.
  const isLoggedIn = random.chance(`logged in ${key}`, 0.8);
  const user = { ...visitor, ...(isLoggedIn ? account : {}), ...contactsOf(human, key, random) };
  return labelled(human.id, user, action === "server" ? undefined : at);
}

function contactsOf(human: Human, key: string, random: Seeded): User {
  const usesCompany = human.companyMailbox !== undefined && random.chance(`company ${key}`, 0.3);
  const main = random.chance(`main e-mail ${key}`, 0.8) ? human.emails[0] : human.emails.at(-1);
  const email = (usesCompany ? human.companyMailbox : main) ?? "";
  const number = random.chance(`main phone ${key}`, 0.8) ? human.phones[0] : human.phones.at(-1);
  const isGiven = number !== undefined && random.chance(`gives phone ${key}`, 0.7);
  const contacts = { email, ...(isGiven ? { phone: number } : {}) };
  if (!random.chance(`typo ${key}`, SHARE.typo)) return contacts;
  if (isGiven && random.chance(`typo in phone ${key}`, 0.5)) return { ...contacts, phone: swapped(number, 8) };
  return { ...contacts, email: email.replace(".example", ".exmaple") };
}

/** Two neighbouring characters in the wrong order. */
function swapped(text: string, at: number): string {
  return `${text.slice(0, at)}${text.charAt(at + 1)}${text.charAt(at)}${text.slice(at + 2)}`;
}

function kiosks(humans: readonly Human[], random: Seeded): LabelledEvent[] {
  return Array.from({ length: Math.ceil(humans.length / HUMANS_PER_KIOSK) }, (_, kiosk) => {
    const at = browser(`kiosk-${kiosk}`);
    return some(humans, VISITS_OF_KIOSK, `kiosk ${kiosk}`, random).map((human, n) =>
      did(human, at, `kiosk ${kiosk} ${n}`, random),
    );
  }).flat();
}

/** Orders taken by telephone: the customer's e-mail, and the phone of who typed it. */
function callCentres(humans: readonly Human[], random: Seeded): LabelledEvent[] {
  return Array.from({ length: Math.ceil(humans.length / HUMANS_PER_CALL_CENTRE) }, (_, centre) =>
    some(humans, ORDERS_OF_CALL_CENTRE, `centre ${centre}`, random).map(({ id, emails }) =>
      labelled(id, { email: emails[0] ?? "", phone: callCentrePhone(centre) }, undefined),
    ),
  ).flat();
}

function clickOf({ click_ids }: CanonicalEvent): string | undefined {
  return click_ids?.gclid?.value;
}

/** Some come by an ad. */
function clicked({ event, human }: LabelledEvent, n: number, random: Seeded): LabelledEvent {
  const isNamed = event.user.email !== undefined || event.user.user_id !== undefined;
  if (isNamed || !random.chance(`click ${n}`, SHARE.click)) return { event, human };
  return { human, event: { ...event, click_ids: { gclid: { value: `Cj0KCQ-${n}`, seen_at: 0 } } } };
}

/** What comes of a click besides the visit: somebody else opens the same link, and the CRM reports a lead of it. */
function afterClick({ event, human }: LabelledEvent, humans: readonly Human[], random: Seeded): LabelledEvent[] {
  const { click_ids } = event;
  const [click, owner] = [clickOf(event), humans[human]];
  if (click_ids === undefined || click === undefined || owner === undefined) return [];
  const friend = humans[random.whole(`friend ${click}`, 0, humans.length - 1)];
  const isSentOn = friend !== undefined && random.chance(`sent on ${click}`, SHARE.sentOn);
  const opened = isSentOn ? [labelled(friend.id, { ip: friend.ip }, friend.own[0])] : [];
  const contacts = { email: owner.emails[0] ?? "" };
  const leads = random.chance(`lead ${click}`, SHARE.lead) ? [labelled(human, contacts, undefined)] : [];
  return [...opened, ...leads.map(fromCrm)].map((it) => ({ ...it, event: { ...it.event, click_ids } }));
}

function fromCrm({ event, human }: LabelledEvent): LabelledEvent {
  return { human, event: { ...event, source: { ...event.source, id: "crm", kind: "server" } } };
}

const CALL_CENTRE = "+49305550";

function callCentrePhone(centre: number): string {
  return `${CALL_CENTRE}${String(100 + centre)}`;
}

function some(humans: readonly Human[], count: number, what: string, random: Seeded): Human[] {
  const picked = Array.from({ length: count }, (_, n) => humans[random.whole(`${what} ${n}`, 0, humans.length - 1)]);
  return picked.filter((human) => human !== undefined);
}

function labelled(human: number, user: User, at: Browser | undefined): LabelledEvent {
  const { anonymous_id, ...ids } = at ?? {};
  const known = anonymous_id === undefined ? user : { ...user, anonymous_id };
  return { human, event: purchaseEvent({ user: known, browser_ids: ids }) };
}

function numbered({ event, human }: LabelledEvent, n: number, random: Seeded): LabelledEvent {
  const at = START + Math.floor(random.fraction(`time ${n}`) * SPAN_MS);
  const { hashes } = hashVariants(event.user, { defaultCountry: "DE" });
  const click = event.click_ids?.gclid;
  const clicks = click === undefined ? {} : { click_ids: { gclid: { ...click, seen_at: at } } };
  return { human, event: { ...event, ...clicks, event_id: `e-${n}`, event_time: at, received_at: at, hashes } };
}

/** One of an event's identifiers as the sender wrote it. */
export function writtenAs(event: CanonicalEvent, field: Field): string | undefined {
  if (field === "fbp" || field === "ga_client_id") return event.browser_ids?.[field];
  return event.user[field];
}

function ownersOf(events: readonly LabelledEvent[]): Map<string, Set<number>> {
  const owners = new Map<string, Set<number>>();
  for (const { event, human } of events) {
    for (const field of IDENTIFIER_FIELDS) {
      const value = writtenAs(event, field);
      if (value === undefined) continue;
      const whose = owners.get(`${field} ${value}`) ?? new Set();
      owners.set(`${field} ${value}`, whose);
      if (!value.startsWith(CALL_CENTRE)) whose.add(human);
    }
  }
  return owners;
}

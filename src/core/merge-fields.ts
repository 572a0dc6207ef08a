import type { BrowserId } from "./browser-ids.ts";
import type { ClickId } from "./click-ids.ts";
import type { CanonicalEvent } from "./event.ts";
import type { CopyParts } from "./merged-copies.ts";

/** What one copy can bring that another lacks; ids by their own names. */
export type MergeField =
  | "email"
  | "phone"
  | "user_id"
  | "anonymous_id"
  | "name"
  | "address"
  | "date_of_birth"
  | "gender"
  | "ip"
  | "user_agent"
  | "page"
  | "app"
  | "device"
  | "value"
  | "items"
  | "order_id"
  | "ga_sessions"
  | BrowserId
  | ClickId;

/** A letter for each, by which a claim remembers what its copy had: it must stay within one write unit. Never give one anew. */
export const MERGE_LETTERS: Readonly<Record<MergeField, string>> = {
  email: "e",
  phone: "p",
  user_id: "u",
  anonymous_id: "n",
  name: "N",
  address: "a",
  date_of_birth: "d",
  gender: "g",
  ip: "i",
  user_agent: "U",
  page: "P",
  app: "A",
  device: "D",
  value: "v",
  items: "I",
  order_id: "o",
  ga_sessions: "S",
  fbp: "f",
  fbc: "F",
  ga_client_id: "c",
  ttp: "t",
  scid: "s",
  rdt_uuid: "r",
  uetvid: "m",
  hubspotutk: "h",
  obref: "b",
  fbclid: "1",
  gclid: "2",
  gbraid: "3",
  wbraid: "4",
  ttclid: "5",
  epik: "6",
  ScCid: "7",
  rdt_cid: "8",
  msclkid: "9",
  li_fat_id: "l",
  twclid: "x",
  awc: "w",
  tblci: "T",
  ob_click_id: "O",
  oppref: "q",
  qclid: "Q",
  ndclid: "z",
  _kx: "k",
  aref: "R",
};

const FIELDS = /* @__PURE__ */ Object.keys(MERGE_LETTERS) as MergeField[];

/** What this copy can give to a union, its own or from the identity graph. */
export function mergeFieldsOf({ browser_ids, click_ids, hashes, known, user, ...event }: CanonicalEvent): MergeField[] {
  const contact = (it: "email" | "phone") =>
    Boolean(user[it] ?? user[`${it}_sha256`]) ||
    Object.keys({ ...hashes, ...known?.hashes }).some((variant) => variant.startsWith(it));
  const has: Partial<Record<MergeField, boolean>> = {
    email: contact("email"),
    phone: contact("phone"),
    user_id: (user.user_id ?? known?.user_id) !== undefined,
    anonymous_id: (user.anonymous_id ?? known?.anonymous_id) !== undefined,
    name: (user.first_name ?? user.last_name) !== undefined,
    address: (user.street ?? user.city ?? user.region ?? user.postal_code ?? user.country) !== undefined,
    date_of_birth: user.date_of_birth !== undefined,
    gender: user.gender !== undefined,
    ip: user.ip !== undefined,
    user_agent: user.user_agent !== undefined,
    page: event.page?.url !== undefined,
    app: event.app !== undefined,
    device: event.device !== undefined,
    value: event.value !== undefined,
    items: (event.items ?? []).length > 0,
    order_id: event.order_id !== undefined,
  };
  const ids = { ...known?.browser_ids, ...browser_ids, ...known?.click_ids, ...click_ids };
  return FIELDS.filter((field) => has[field] ?? Object.hasOwn(ids, field));
}

/** Letters of fields, in one order. */
export function mergeLetters(fields: readonly MergeField[]): string {
  return FIELDS.flatMap((field) => (fields.includes(field) ? [MERGE_LETTERS[field]] : [])).join("");
}

/** The fields of such letters; one that this version does not know is left out. */
export function fieldsOfLetters(letters: string): MergeField[] {
  return FIELDS.filter((field) => letters.includes(MERGE_LETTERS[field]));
}

/** Where two copies differ the server is believed; it knows what was paid. */
const SERVERS: ReadonlySet<MergeField> = new Set([
  "email",
  "phone",
  "user_id",
  "name",
  "address",
  "date_of_birth",
  "gender",
  "value",
  "items",
  "order_id",
]);

/** What of a copy takes the place of what the first copy said, or may: nobody keeps the first one's values to compare. */
export function replacedFields(
  fields: readonly MergeField[],
  first: { readonly isServer: boolean; readonly fields: readonly MergeField[] },
  isServer: boolean,
): MergeField[] {
  if (isServer === first.isServer) return [];
  return fields.filter((field) => first.fields.includes(field) && SERVERS.has(field) === isServer);
}

/** The parts of a later copy that can change the union: what the first one had, and is believed about, is left out. */
export function newParts(parts: CopyParts, changed: readonly MergeField[]): CopyParts {
  const { items, ...others } = parts;
  return items === undefined || !changed.includes("items") ? others : { ...others, items };
}

import fc from "fast-check";
import { CLICK_IDS } from "../../src/core/click-ids.ts";
import { ALL_KINDS, type Cleaning, cleanText, cleanUrl } from "../../src/core/sensitive-url.ts";
import { SECRET_KINDS } from "../../src/core/sensitive-value.ts";

function cleaned(clean: typeof cleanUrl, text: string, changes: Partial<Cleaning> = {}): [string, string[]] {
  const found: string[] = [];
  const onFound: Cleaning["onFound"] = (kind, parameter) =>
    found.push(parameter === undefined ? kind : `${parameter}:${kind}`);
  return [clean(text, { kinds: ALL_KINDS, onFound, ...changes }), found];
}

const encode = (text: string) => encodeURIComponent(text);
const base64 = (text: string) => Buffer.from(text).toString("base64");
const hex = (text: string) => [...text].map((letter) => `%${letter.charCodeAt(0).toString(16)}`).join("");

test.each([
  ["https://shop.example.com/p/blue-mug-large?utm_source=google&utm_medium=email&page=2#reviews", undefined, []],
  [
    "https://shop.example.com/?email_campaign=7&product_name=Mug&ip_address=x&phone_model=15&hotel=1234567",
    undefined,
    [],
  ],
  ["https://shop.example.com/?order=100017&t=1764000000000&ean=4006381333931&id=120210123456789012", undefined, []],
  ["https://shop.example.com/@brand/p/8f14e45f-ceea-467f-a9d2-8b1d0c1c2f3a?v=1.2.3&sort=a-z", undefined, []],
  ["/?e=jane@example.com&x=1", "/?e=redacted&x=1", ["email"]],
  ["/u/jane%2540example.com/orders", "/u/redacted/orders", ["email"]],
  [`/u?e=${hex("jane@example.com")}`, "/u?e=redacted", ["email"]],
  [`/u?e=${base64("jane@example.com")}&x=1`, "/u?e=redacted&x=1", ["email"]],
  [`/u/${base64("jane@example.com").replace(/=+$/, "")}/x`, "/u/redacted/x", ["email"]],
  [`/u?d=${encode(base64('{"email":"jane@example.com"}'))}`, "/u?d=redacted", ["email"]],
  [`/u?d=${Buffer.from("jane@example.com").toString("hex")}`, "/u?d=redacted", ["email"]],
  [
    "/?customer[email]=j&billing_email=k&userEmail=l",
    "/?customer[email]=redacted&billing_email=redacted&userEmail=redacted",
    ["customer[email]:email", "billing_email:email", "userEmail:email"],
  ],
  [
    "/?first_name=Jane&lname=D&name=J&address1=Road+1&dob=1990",
    "/?first_name=redacted&lname=redacted&name=redacted&address1=redacted&dob=redacted",
    ["first_name:name", "lname:name", "name:name", "address1:address", "dob:birth_date"],
  ],
  [
    "/reset?token=abc&session_id=d&jwt=e&pwd=f&key=wc_order_1",
    "/reset?token=redacted&session_id=redacted&jwt=redacted&pwd=redacted&key=redacted",
    ["token:token", "session_id:token", "jwt:token", "pwd:password", "key:token"],
  ],
  ["/cb#access_token=abc&state=1", "/cb#access_token=redacted&state=1", ["access_token:token"]],
  ["/login?next=/reset?token=abc&x=1", "/login?next=/reset?token=redacted&x=1", ["token:token"]],
  [`/login?next=${encode(encode("/reset?token=abc"))}&x=1`, "/login?next=redacted&x=1", ["token"]],
  ["/x/eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln", "/x/redacted", ["token"]],
  ["/?q=4111+1111-1111%201111", "/?q=redacted", ["card"]],
  ["/?q=12+4111111111111111", "/?q=redacted", ["card"]],
  ["/?q=4111111111111112", undefined, []],
  ["/?q=DE89+3704+0044+0532+0130+00", "/?q=redacted", ["iban"]],
  ["/?q=DE89370400440532013001", undefined, []],
  ["/?q=078-05-1120", "/?q=redacted", ["national_id"]],
  ["/c;jsessionid=1A2B/p", "/c;jsessionid=redacted/p", ["jsessionid:token"]],
  ["https://jane:secret@shop.example.com/p", "https://shop.example.com/p", ["password"]],
  ["/?jane%40example.com=1", "/?redacted=redacted", ["email"]],
  ["/?tel=0176+1234-5678#top", "/?tel=redacted#top", ["tel:phone"]],
  ["/?q=%252B4917612345678", "/?q=redacted", ["phone"]],
])("the address %s", (url, expected, kinds) => {
  expect(cleaned(cleanUrl, url)).toEqual([expected ?? url, kinds]);
});

test.each([
  ["Blue mug, 350 ml (order 100017 of 2026-11-23 12:30:45)", undefined, []],
  ["Size 10 at https://shop.example.com/p?x=1 & more", undefined, []],
  ["Order of jane@example.com, thanks", "Order of redacted, thanks", ["email"]],
  [`see ${base64("jane@example.com")} there`, "see redacted there", ["email"]],
  ["paid with 4111 1111 1111 1111 today", "paid with redacted today", ["card"]],
  ["IBAN DE89 3704 0044 0532 0130 00 please", "IBAN redacted please", ["iban"]],
  ["call +49 (176) 1234-5678 now", "call redacted now", ["phone"]],
  ["ssn 078-05-1120", "ssn redacted", ["national_id"]],
  [
    "see https://shop.example.com/r?token=abc now",
    "see https://shop.example.com/r?token=redacted now",
    ["token:token"],
  ],
  ["https://shop.example.com/r?token=abc", "https://shop.example.com/r?token=redacted", ["token:token"]],
])("the text %s", (text, expected, kinds) => {
  expect(cleaned(cleanText, text)).toEqual([expected ?? text, kinds]);
});

test("only what is wanted is taken out, also when something else stands beside it", () => {
  const text =
    "jane@example.com 4111111111111111 https://shop.example.com/r?token=a&q=jane@example.com+4111111111111111";
  expect(cleaned(cleanText, text, { kinds: SECRET_KINDS })[0]).toBe(
    "jane@example.com redacted https://shop.example.com/r?token=a&q=redacted",
  );
});

test("a search goes from an address where it is to go", () => {
  const url = "https://shop.example.com/search?q=red+shoes&page=2";
  expect(cleaned(cleanUrl, url, { searchTerms: true })[0]).toBe("https://shop.example.com/search?q=redacted&page=2");
});

const ENCODINGS: Readonly<Record<string, (text: string) => string>> = {
  plain: (text) => text.replaceAll(" ", "+"),
  percent: encode,
  twice: (text) => encode(encode(text)),
  thrice: (text) => encode(encode(encode(text))),
  everyLetter: hex,
  everyLetterTwice: (text) => encode(hex(text)),
  link: (text) => encode(`https://shop.example.com/a?x=${encode(text)}&y=1`),
};
const BY_ALL: typeof ENCODINGS = {
  ...ENCODINGS,
  base64: (text) => base64(text),
  base64Percent: (text) => encode(base64(text)),
  base64url: (text) => Buffer.from(text).toString("base64url"),
};

const EMAIL = fc
  .tuple(fc.stringMatching(/^[a-z][a-z0-9]{3,12}$/), fc.constantFrom("example.com", "mail.example.org"))
  .map(([name, domain]) => `${name}@${domain}`);
const CARD = fc.constantFrom("4111111111111111", "5555555555554444", "378282246310005", "6011111111111117");
const JWT = fc.stringMatching(/^eyJ[A-Za-z0-9]{12,30}\.eyJ[A-Za-z0-9]{12,30}\.[A-Za-z0-9]{20,30}$/);
const IBAN = fc.constantFrom("DE89370400440532013000", "GB82WEST12345698765432", "NL91ABNA0417164300");
const PHONE = fc.stringMatching(/^\+[1-9][0-9]{9,12}$/);

const planted = fc.oneof(
  fc.tuple(fc.oneof(EMAIL, CARD, JWT, IBAN), fc.constantFrom(...Object.values(BY_ALL))),
  fc.tuple(PHONE, fc.constantFrom(...Object.values(ENCODINGS))),
);
const PLACES: readonly ((text: string) => string)[] = [
  (text) => `/account/${text}/orders?x=1`,
  (text) => `/?ref=${text}`,
  (text) => `/?a=1&ref=${text}&b=2`,
  (text) => `/p#${text}`,
  (text) => `/p#ref=${text}&x=2`,
  (text) => `/?${text}`,
  (text) => `/?utm_term=${text}`,
];

test("what is planted never survives, wherever and however it is encoded; click ids always do, unchanged", () => {
  const clickId = fc.tuple(
    fc.constantFrom(...Object.values(CLICK_IDS).flatMap(({ parameters }) => parameters)),
    fc.stringMatching(/^[A-Za-z0-9_-]{8,90}$/),
  );
  fc.assert(
    fc.property(planted, fc.constantFrom(...PLACES), clickId, ([secret, encoding], place, [parameter, id]) => {
      const page = place(encoding(secret));
      const [path = "", hash] = page.split("#");
      const click = `${path.includes("?") ? "&" : "?"}${parameter}=${id}`;
      const url = `https://shop.example.com${path}${click}${hash === undefined ? "" : `#${hash}`}`;
      const [clean, found] = cleaned(cleanUrl, url);
      expect(found).not.toEqual([]);
      // None of its forms is left, which are told from the click id by having it taken away.
      const rest = clean.replace(`${parameter}=${id}`, "");
      for (const form of Object.values(BY_ALL)) expect(rest.toLowerCase()).not.toContain(form(secret).toLowerCase());
      expect(clean).toContain(`${parameter}=${id}`);
      expect(cleaned(cleanUrl, clean)).toEqual([clean, []]);
    }),
    { numRuns: 500 },
  );
});

test("cleaning again changes nothing, whatever the text", () => {
  const piece = fc.constantFrom(
    "jane",
    "@",
    "%40",
    "%25",
    ".com",
    "/",
    "?",
    "&",
    "=",
    " ",
    "+49",
    "4111",
    "1111",
    "eyJ",
    "token",
    "#",
    "%",
    "q",
    "-",
  );
  const text = fc.oneof(
    fc.string(),
    fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join("")),
  );
  fc.assert(
    fc.property(text, (raw) => {
      for (const clean of [cleanUrl, cleanText]) {
        const [once] = cleaned(clean, raw);
        expect(cleaned(clean, once)[0]).toBe(once);
      }
    }),
    { numRuns: 1000 },
  );
});

test.each(["@", "%40", "%25", "4", "4 ", "a@", "eyJ", "DE89 ", "+1", "=?", "%3D%3F", "/?next=", "a%2525"])(
  "the longest text made of %s ends within the time of a test",
  (part) => {
    const text = part.repeat(Math.floor(8192 / part.length));
    for (const clean of [cleanUrl, cleanText]) expect(typeof cleaned(clean, text)[0]).toBe("string");
  },
);

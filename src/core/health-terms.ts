import type { CanonicalEvent, Item, JsonValue } from "./event.ts";
import { decoded } from "./sensitive-value.ts";
import { siteOf } from "./site-of.ts";

/**
 * English words for what Meta and Google forbid to be sent about people: conditions, treatments and medicines, sexual
 * and reproductive health, mental health, addiction. A start for each shop's own list, and no medical dictionary.
 * https://www.facebook.com/business/help/361948878201809
 * https://support.google.com/adspolicy/answer/143465
 */
export const HEALTH_TERMS: readonly string[] = [
  // Conditions
  ..."aids|alzheimer|alzheimers|arthritis|asthma|cancer|chemotherapy|chlamydia|colitis|copd|crohn|crohns|dementia".split(
    "|",
  ),
  ..."diabetes|diabetic|eczema|endometriosis|epilepsy|fibromyalgia|gonorrhea|hepatitis|herpes|hiv|hypertension".split(
    "|",
  ),
  ..."incontinence|leukemia|lupus|menopause|migraine|multiple sclerosis|obesity|osteoporosis|parkinson|parkinsons".split(
    "|",
  ),
  ..."psoriasis|std test|sti test|stroke recovery|syphilis|thyroid|tumor|tumour".split("|"),
  // Medicines and treatments
  ..."adderall|antibiotic|antibiotics|antidepressant|antidepressants|dialysis|finasteride|insulin|levothyroxine".split(
    "|",
  ),
  ..."lithium carbonate|methadone|mounjaro|naloxone|opioid|opioids|oxycodone|ozempic|prednisone|prescription".split(
    "|",
  ),
  ..."prozac|ritalin|semaglutide|suboxone|tirzepatide|truvada|valium|wegovy|xanax|zoloft".split("|"),
  // Sexual and reproductive health
  ..."abortion|birth control|cialis|contraceptive|contraception|egg freezing|erectile dysfunction|fertility|infertility".split(
    "|",
  ),
  ..."ivf|miscarriage|morning after pill|ovulation|plan b pill|pregnancy|pregnant|sildenafil|tadalafil|viagra".split(
    "|",
  ),
  // Mental health and addiction
  ..."adhd|alcoholism|anorexia|anxiety|autism|bipolar|bulimia|depression|depressed|detox clinic|eating disorder".split(
    "|",
  ),
  ..."gambling addiction|insomnia|ocd|panic attacks|ptsd|psychiatrist|psychiatry|psychotherapy|rehab|schizophrenia".split(
    "|",
  ),
  ..."self harm|suicidal|suicide|therapist".split("|"),
];

/** Tells texts and addresses that name one of the terms, as whole words, whatever stands between them. */
export interface HealthScreen {
  readonly drops: "field" | "event";
  holds(text: string): boolean;
}

/** Made once of the configuration; terms are compared in lower case, without signs. */
export function createHealthScreen(drops: HealthScreen["drops"], moreTerms: readonly string[]): HealthScreen {
  const terms = new Set(
    [...HEALTH_TERMS, ...moreTerms].map((term) => words(term).join(" ")).filter((term) => term !== ""),
  );
  const longest = Math.max(...[...terms].map((term) => term.split(" ").length));
  return {
    drops,
    holds(text) {
      const all = words(decoded(text));
      return all.some((_, start) => {
        for (let count = 1; count <= longest; count += 1) {
          if (terms.has(all.slice(start, start + count).join(" "))) return true;
        }
        return false;
      });
    },
  };
}

function words(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}

const screened = new WeakMap<CanonicalEvent, { readonly screen: HealthScreen; readonly found: Screened }>();

interface Screened {
  /** Without the fields that name a term; an address is cut down to its site. */
  readonly event: CanonicalEvent;
  /** Where one was found: `items.name`. */
  readonly fields: readonly string[];
}

/** What the screen finds in an event; asked for by each lane, and looked for once. */
export function screenEvent(event: CanonicalEvent, screen: HealthScreen): Screened {
  const known = screened.get(event);
  if (known?.screen === screen) return known.found;
  const found = screenFields(event, screen);
  screened.set(event, { screen, found });
  return found;
}

const TEXTS = ["search_term", "coupon", "custom_name"] as const;
const ITEM_TEXTS = ["name", "brand", "category", "variant", "coupon", "id"] as const;

function screenFields(event: CanonicalEvent, screen: HealthScreen): Screened {
  const fields = new Set<string>();
  const isClean = (field: string, text: string | undefined): boolean => {
    if (text === undefined || !screen.holds(text)) return true;
    fields.add(field);
    return false;
  };
  const left = { ...event };
  for (const field of TEXTS) {
    // The name of a custom event is what it is: without it there would be no event to send.
    if (!isClean(field, event[field]) && field !== "custom_name") delete left[field];
  }
  if (event.page !== undefined) left.page = screenPage(event.page, isClean);
  if (event.items !== undefined) left.items = event.items.map((item) => screenItem(item, isClean));
  if (event.properties !== undefined) {
    left.properties = Object.fromEntries(
      Object.entries(event.properties).filter(([key, value]) => isClean("properties", `${key} ${textOf(value)}`)),
    );
  }
  return fields.size === 0 ? { event, fields: [] } : { event: left, fields: [...fields] };
}

type IsClean = (field: string, text: string | undefined) => boolean;

function screenPage(page: NonNullable<CanonicalEvent["page"]>, isClean: IsClean): NonNullable<CanonicalEvent["page"]> {
  const { url, referrer, title } = page;
  return {
    ...(url === undefined ? {} : { url: isClean("page.url", url) ? url : siteOf(url) }),
    ...(referrer === undefined ? {} : { referrer: isClean("page.referrer", referrer) ? referrer : siteOf(referrer) }),
    ...(title === undefined || !isClean("page.title", title) ? {} : { title }),
  };
}

function screenItem(item: Item, isClean: IsClean): Item {
  const left = { ...item };
  for (const field of ITEM_TEXTS) if (!isClean(`items.${field}`, item[field])) delete left[field];
  return left;
}

function textOf(value: JsonValue): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

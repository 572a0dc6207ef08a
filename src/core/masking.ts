/** Shortest phone number that leaves two digits to show; shorter ones are a secret as a whole. */
const SHOWN_PHONE_DIGITS = 7;
/** Shortest id of which two characters at each end give nothing away. */
const SHOWN_ID_LENGTH = 12;
const HIDDEN = "***";

// Repetitions are bounded, or the search from each character of a long unbroken text would run to its end.
const EMAIL = /([^\s"<>(),;:@[\]\\]{1,64})(?:@|%40)([\p{L}\p{N}.-]{1,253}\.[\p{L}\p{N}-]{1,63})/giu;
/** With its plus; or with two zeros for it and a gap, since order numbers are filled up with zeros as well. */
const PHONE = /(?:\+\d[\d\s().-]{5,30}|\b00[1-9]\d{0,3}[\s()][\d\s().-]{4,28})\d/g;

/** An e-mail address as people recognise it who know it already: `j***@e***.com`. */
export function maskEmail(email: string): string {
  const at = email.lastIndexOf("@");
  if (at === -1) return HIDDEN;
  const [domain, end] = [email.slice(at + 1), email.slice(email.lastIndexOf(".") + 1)];
  const first = (text: string) => [...text][0] ?? "";
  return `${first(email.slice(0, at))}${HIDDEN}@${first(domain)}${HIDDEN}${domain.includes(".") ? `.${end}` : ""}`;
}

/** The last two digits of a phone number. */
export function maskPhone(phone: string): string {
  const digits = phone.replace(/\D/g, "");
  return digits.length < SHOWN_PHONE_DIGITS ? HIDDEN : `${HIDDEN}${digits.slice(-2)}`;
}

/** Both ends of an id that is long enough; an e-mail address or phone number in an id's place as one. */
export function maskId(id: string): string {
  if (maskText(id) !== id) return maskText(id);
  const letters = [...id];
  if (letters.length < SHOWN_ID_LENGTH) return HIDDEN;
  return `${letters.slice(0, 2).join("")}${HIDDEN}${letters.slice(-2).join("")}`;
}

/**
 * Text with every e-mail address and every international phone number in it masked. For ids and names that the sender
 * chose: they must stay readable, and sometimes hold what they should not. Digits alone are an order number more often
 * than a phone.
 */
export function maskText(text: string): string {
  return text
    .replaceAll(EMAIL, (_, mailbox: string, domain: string) => maskEmail(`${mailbox}@${domain}`))
    .replaceAll(PHONE, maskPhone);
}

/** An answer with all of its texts masked: what a route may have overlooked is not shown either. Keys stay as they are. */
export function maskAll<Answer>(answer: Answer): Answer {
  return masked(answer) as Answer;
}

function masked(value: unknown): unknown {
  if (typeof value === "string") return maskText(value);
  if (Array.isArray(value)) return value.map(masked);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, masked(inner)]));
}

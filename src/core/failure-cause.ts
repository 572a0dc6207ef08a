/** Longest cause; what platforms say is kept up to 300 characters. */
const LONGEST_CAUSE = 200;
const LEFT_OUT = "…";

/** Words after which a number is the platform's code and the best thing to look up. */
const CODE = /(?:\bHTTP|\b(?:sub)?codes?|\berrors?|\bstatus|#|\/)["']?\s{0,2}[:=(]?\s{0,2}$/i;

const QUOTED = /"[^"]{1,300}"|`[^`]{1,300}`|“[^”]{1,300}”|(?<![\p{L}\p{N}])'[^']{1,300}'(?![\p{L}\p{N}])/gu;
const TIME = /\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})?)?/g;
/** Letters and digits mixed: ids of requests, events, orders and people, but not `ERROR_12`. */
const ID = /(?<![\w-])(?=[\w-]*\d)(?=[\w-]*[A-Za-z])(?![A-Z_]+_?\d{1,4}(?![\w-]))[\w-]{8,}/g;
/** What a platform calls a request by may have no digit: one in fifty of Meta's has none. */
const REQUEST_ID = /\b((?:fbtrace|trace|request|log)[_ -]?id["']?[ :=]{1,3})[\w-]{6,}/gi;
/** Groups of digits too: a UUID may have no letter. */
const NUMBER = /(?<![\w-])\d+(?:[.,-]\d+)*(?![\w-])/g;

/**
 * What failures of one cause have in common: the platform's words without what differs from event to event, which are
 * quoted values, ids, times and numbers. A code stays: at the beginning (`190/463: …`), or after a word like `code`.
 */
export function failureCause(reason: string): string {
  const cause = reason
    .replaceAll(QUOTED, `"${LEFT_OUT}"`)
    .replaceAll(TIME, LEFT_OUT)
    .replaceAll(REQUEST_ID, `$1${LEFT_OUT}`)
    .replaceAll(ID, LEFT_OUT)
    .replaceAll(NUMBER, (number, at: number, text: string) => {
      const before = text.slice(Math.max(0, at - 24), at);
      return at === 0 || CODE.test(before) ? number : LEFT_OUT;
    })
    .replaceAll(/\s+/g, " ")
    .trim();
  return cause.length > LONGEST_CAUSE ? `${cause.slice(0, LONGEST_CAUSE - 1)}${LEFT_OUT}` : cause;
}

/** What ids and tokens consist of. A line end pasted along would be refused by the header, or end it. */
const VISIBLE = /^[\x21-\x7e]+$/;

/** True for one or more visible ASCII characters: neither empty, nor with white space, nor with anything beyond. */
export function isVisibleAscii(text: string): boolean {
  return VISIBLE.test(text);
}

/** The `credentialProblem` of a platform whose secret is one token or key, in the field of this name. */
export function tokenProblem(field: string): (credentials: Readonly<Record<string, string>>) => string | undefined {
  return ({ [field]: token = "" }) =>
    isVisibleAscii(token) ? undefined : `${field} is empty or holds characters no token has`;
}

/** The fields of a sign-in that cannot be right, in words; `vendor` is whose they are, as in "Google". */
export function signInFieldsProblem(fields: Readonly<Record<string, string>>, vendor: string): string | undefined {
  const wrong = Object.keys(fields).filter((name) => !isVisibleAscii(fields[name] ?? ""));
  return wrong.length === 0
    ? undefined
    : `${wrong.join(", ")} empty, or with characters that ${vendor}'s ids and tokens do not have`;
}

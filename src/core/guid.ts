const GUID = /^([0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12})(?:-[01])?$/i;

/**
 * A GUID in lower case with its dashes, from 32 hex digits with or without them; Microsoft's tag puts `-0` or `-1` behind
 * its own. Undefined for anything else.
 */
export function dashedGuid(text: string): string | undefined {
  const hex = GUID.exec(text)?.[1];
  if (hex === undefined) return undefined;
  return hex
    .toLowerCase()
    .replaceAll("-", "")
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** True for a UUID as it is written, in lower case. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}

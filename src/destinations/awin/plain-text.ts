import { withoutAddresses } from "../../core/page-url.ts";

/** A text without what Awin's lists are separated by, `|`, and without e-mail addresses. */
export function plainText(text: string): string {
  return withoutAddresses(text.replaceAll("|", " ")).trim();
}

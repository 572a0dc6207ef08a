/**
 * What is taken out of events beside what always is: contacts, tokens, and numbers of cards and accounts in page addresses
 * and free texts.
 */
export interface SensitiveDataConfig {
  /**
   * What becomes of events that name an illness, a medicine, pregnancy or the like, at ad and analytics platforms: they
   * forbid it. `drop_field` leaves out the text and cuts addresses down to their site, `drop_event` holds the event back.
   * Lifecycle tools and webhooks get all of it. Turn it on in a pharmacy or a clinic, and look at what it would hold back
   * first: a bookshop sells books on depression.
   * @default "off"
   */
  healthTerms?: "off" | "drop_field" | "drop_event";
  /**
   * Words and phrases beside the built-in English list, in any language.
   * @default none
   */
  moreHealthTerms?: string[];
  /**
   * Fields that are taken from every event before anything gets it, the archive included: `page.title`, `items.name`,
   * `user.date_of_birth`, `properties.diagnosis` ...
   * @default none
   */
  blockedFields?: string[];
  /**
   * `drop`: what people searched for goes nowhere, as a field or in an address.
   * @default "keep"
   */
  searchTerms?: "keep" | "drop";
}

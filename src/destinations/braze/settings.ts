import { byDefault, flag, listOf, oneOf, settingsFrom, text } from "../../core/settings-schema.ts";

/**
 * REST hosts by the name of the cluster that the dashboard shows. A list and not a host of the user's: the key is sent
 * there. Source: https://www.braze.com/docs/api/basics/#endpoints
 */
export const REST_HOSTS = {
  "US-01": "rest.iad-01.braze.com",
  "US-02": "rest.iad-02.braze.com",
  "US-03": "rest.iad-03.braze.com",
  "US-04": "rest.iad-04.braze.com",
  "US-05": "rest.iad-05.braze.com",
  "US-06": "rest.iad-06.braze.com",
  "US-07": "rest.iad-07.braze.com",
  "US-08": "rest.iad-08.braze.com",
  "US-09": "rest.us-09.braze.com",
  "US-10": "rest.us-10.braze.com",
  "EU-01": "rest.fra-01.braze.eu",
  "EU-02": "rest.fra-02.braze.eu",
  "AU-01": "rest.au-01.braze.com",
  "ID-01": "rest.id-01.braze.com",
  "JP-01": "rest.jp-01.braze.com",
} as const;

/** A cluster by its name in the dashboard. */
export type BrazeCluster = keyof typeof REST_HOSTS;

const CLUSTERS = Object.keys(REST_HOSTS) as [BrazeCluster, ...BrazeCluster[]];

/** Facts of the profile that a lane may keep up to date; each that is sent costs a data point. */
const PROFILE_FACTS = ["email", "phone", "name", "date_of_birth", "gender", "address", "google_consent"] as const;
export type ProfileFact = (typeof PROFILE_FACTS)[number];

/** What a user says of a Braze lane. */
export interface BrazeSettings {
  /** The cluster that the workspace is on, as in `US-06`. */
  cluster: BrazeCluster;
  /**
   * `recommended` sends shop events as Braze's eCommerce recommended events; `legacy` sends purchases as purchase
   * objects and every other event under its own name. Never both: revenue would count twice.
   */
  ecommerce: "recommended" | "legacy";
  /** Facts to write to the profile with every event that knows them. */
  attributes: ProfileFact[];
  /** Label of the alias under which people without user id, e-mail and phone are filed; without it they are left out. */
  anonymousAlias?: string | undefined;
  /** API identifier of the app that events belong to. */
  appId?: string | undefined;
  /** Leave people alone that Braze does not know yet, instead of making profiles of them. */
  existingProfilesOnly: boolean;
}

/** Reads and checks the settings of a Braze lane. */
export const brazeSettings = settingsFrom<BrazeSettings>({
  cluster: oneOf(CLUSTERS),
  ecommerce: byDefault(oneOf(["recommended", "legacy"]), "recommended"),
  attributes: byDefault(listOf(oneOf(PROFILE_FACTS)), []),
  anonymousAlias: byDefault(text("must be a label of 1 to 255 characters", isShortText), undefined),
  appId: byDefault(text("must be an app's API identifier, a UUID", isUuid), undefined),
  existingProfilesOnly: byDefault(flag, false),
});

function isShortText(given: string): boolean {
  return given.trim() === given && given !== "" && given.length <= 255;
}

function isUuid(given: string): boolean {
  return /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i.test(given);
}

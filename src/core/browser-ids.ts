interface BrowserIdSource {
  readonly platform: string;
  readonly cookie: string;
  /** What the cookie must be; the id is the first group, else the whole. */
  readonly form: RegExp;
  /** Byte for byte: percent signs stay. */
  readonly exact?: true;
  /** Of several cookies by this name the oldest counts: they begin with their time. */
  readonly oldest?: true;
}

const GUID = "[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}";

const BROWSER_ID_TABLE = {
  // https://developers.facebook.com/docs/marketing-api/conversions-api/parameters/fbp-and-fbc
  fbp: { platform: "meta", cookie: "_fbp", form: /^fb\.\d\.\d{9,}\.\d+.*$/ },
  fbc: { platform: "meta", cookie: "_fbc", form: /^fb\.\d\.\d{9,}\..+$/ },
  // GA1.<domain depth>.<random>.<first visit>: the depth may be several fields, the client id is always the last two.
  ga_client_id: { platform: "ga4", cookie: "_ga", form: /^GA\d\.[\d.-]+?\.(\d+\.\d+)$/ },
  ttp: { platform: "tiktok", cookie: "_ttp", form: /^[\w.-]{10,100}$/ },
  // Documented as a UUID; any token of about that length is taken.
  scid: { platform: "snapchat", cookie: "_scid", form: /^[\w-]{16,100}$/ },
  // <epoch ms>.<uuid>: Reddit wants the part after the dot.
  rdt_uuid: {
    platform: "reddit",
    cookie: "_rdt_uuid",
    form: new RegExp(`^(?:\\d{10,16}\\.)?(${GUID})$`),
    oldest: true,
  },
  uetvid: { platform: "microsoft", cookie: "_uetvid", form: new RegExp(`^${GUID}$`) },
  hubspotutk: { platform: "hubspot", cookie: "hubspotutk", form: new RegExp(`^${GUID}$`) },
  // https://developers.openai.com/ads/measurement-pixel
  obref: { platform: "openai", cookie: "__obref", form: /^[\x21-\x7e]{1,1000}$/, exact: true },
} as const satisfies Record<string, BrowserIdSource>;

export type BrowserId = keyof typeof BROWSER_ID_TABLE;

/** Ids of a browser that the platforms' own tags keep in cookies, by their name in `browser_ids`. */
export const BROWSER_IDS: Readonly<Record<BrowserId, BrowserIdSource>> = BROWSER_ID_TABLE;

/** Their names, in the order of `BROWSER_IDS`. */
export const BROWSER_ID_NAMES = Object.keys(BROWSER_IDS) as BrowserId[];

/** What the schema itself cannot say about its fields, by path; `[]` stands for the entries of a list. */
export const FIELD_NOTES: Readonly<Record<string, string>> = {
  event_name: "A canonical name, or your own (a custom event).",
  event_id:
    "Deduplication id of at most 200 characters, sent unchanged to every platform. Give the browser's and the server's copy of one event the same. Without it a purchase or refund with an order_id gets one made of that, anything else a UUIDv7.",
  event_time:
    "When it happened: ISO 8601 (UTC when it has no zone), epoch seconds or epoch milliseconds. Default: now. Up to 7 days ahead is taken as now, more is rejected.",
  sent_at:
    "The sender's clock at the moment of sending. Device clocks that are off by 2 minutes or more are corrected by it.",
  action_source:
    "Default: website from browsers, app under app keys; website from servers that give both page.url and user.user_agent; else other.",
  campaign: "What advertisers write behind links as utm_…, in place of what page.url has of it.",
  "campaign.name": "As utm_campaign.",
  "page.url":
    "Click ids and campaign parameters in its query are read. From browsers, the Referer or the Origin takes its place when it is missing.",
  "page.referrer": "Click ids in its query are read when found nowhere else.",
  app: "The app that the event happened in. Meta takes app events only with it and device.os_version.",
  "app.platform": "ios or android.",
  "app.id": "Bundle id or package name.",
  "app.store_id": "Apple's number of the app in its store; of Android apps the package name is enough.",
  "app.name": "The name that people know the app by.",
  "app.build": "Version with build number.",
  device: "The device that the app runs on, in the words of the mobile SDKs.",
  "device.timezone": "Abbreviation, such as PDT.",
  "device.timezone_name": "IANA name, such as America/Los_Angeles.",
  "device.screen_width": "Points.",
  "device.advertising_id": "IDFA or advertising id; leave it out when the person limited it.",
  "device.vendor_id": "IDFV: Apple's id of the device for all apps of one vendor.",
  "device.advertising_tracking_allowed":
    "The answer to the system's prompt (ATT), or the Android setting. Default: refused.",
  "device.application_tracking_allowed": "The same question answered inside the app. Default: refused.",
  "user.country": "ISO 3166-1 alpha-2. Alpha-3 codes and English names are understood.",
  "user.email": "As typed; each platform's own normalisation and hashing come later.",
  "user.phone": "International (+49...) unless a default country is configured.",
  "user.email_sha256": "Only when the address itself cannot be sent.",
  "user.phone_sha256": "Only when the number itself cannot be sent.",
  "user.ip": "The person's public address. Ignored from browsers and under app keys, where the connection's is used.",
  "user.user_agent": "Ignored from browsers, where the request's is used.",
  "browser_ids.fbp": "Value of the cookie _fbp.",
  "browser_ids.fbc": "Value of the cookie _fbc.",
  "browser_ids.ga_client_id":
    "The last two fields of the cookie _ga, such as 111.222; the whole value is understood too.",
  "browser_ids.ttp": "Value of TikTok's cookie _ttp.",
  "browser_ids.scid": "Value of Snapchat's cookie _scid.",
  "browser_ids.rdt_uuid": "The UUID in Reddit's cookie _rdt_uuid; the whole value is understood too.",
  "browser_ids.uetvid": "Value of Microsoft's cookie _uetvid.",
  "browser_ids.hubspotutk": "Value of HubSpot's cookie hubspotutk.",
  "browser_ids.obref": "Value of OpenAI's cookie __obref, byte for byte.",
  "click_ids.oppref": "OpenAI's, byte for byte.",
  click_ids: "By URL parameter name. Given ones win over those found in page.url and cookies.",
  cookies: "First-party cookies by name; platform ids are read from them and the rest is dropped.",
  "consent.gpc": "Global Privacy Control.",
  "consent.limited_data_use": "Asks platforms that can to limit what they do with the event.",
  "consent.tcf": "TC string of IAB Europe's TCF 2.",
  "consent.gpp": "GPP string of the IAB Tech Lab.",
  "consent.gpp_sid": 'Sections of it that apply: [7, 8], or "7_8". Absent: all of them.',
  "consent.us_privacy": "US Privacy string, such as 1YNN.",
  "consent.jurisdiction": "Country or ISO 3166-2 region whose law applies.",
  value:
    "What the event is worth. Zero or more; a refund's sign does not matter. Numbers, or decimal text with a point.",
  items: "Products; the first 512 are kept.",
  "items[].price": "Per unit, in currency.",
  properties: "Anything else about the event; given to webhooks, never to ad platforms.",
  destinations: 'By destination id: false leaves it out. "all": false leaves out all that are not set true.',
  test: "Delivered only to destinations in test mode.",
};

const PURCHASE = {
  event_name: "purchase",
  event_id: "order-1001",
  event_time: "2026-11-20T12:00:00Z",
  order_id: "1001",
  value: "149.85",
  currency: "EUR",
  page: { url: "https://shop.example.com/thanks?gclid=Cj0KCQ" },
  user: { user_id: "u-1", email: "ada@example.com", phone: "+4930123456", country: "DE" },
  browser_ids: { fbp: "fb.1.1760000000000.1234567890", ga_client_id: "111.222" },
  consent: { ad_storage: "granted", ad_user_data: "granted" },
  items: [{ id: "sku-1", name: "Hat", price: "49.95", quantity: 3 }],
};

const LEAD = {
  event_name: "lead",
  lead_id: "L-7",
  user: { email: "ada@example.com" },
  properties: { form: "newsletter" },
};

/** Requests and an answer that are true: a test sends the requests through ingest and compares. */
export const API_EXAMPLES = {
  purchase: PURCHASE,
  lead: LEAD,
  batch: { sent_at: "2026-11-20T12:00:05Z", events: [PURCHASE, { ...LEAD, event_id: "lead-7" }] },
  accepted: {
    results: [
      { index: 0, event_id: "order-1001", event_id_origin: "given", status: "accepted" },
      { index: 1, event_id: "lead-7", event_id_origin: "given", status: "accepted" },
    ],
    accepted: 2,
    rejected: 0,
    request_id: "request-1",
  },
} as const;

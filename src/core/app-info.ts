/** The app that an `app` event happened in. */
export interface AppInfo {
  platform: "ios" | "android";
  /** Bundle id or package name. */
  id?: string;
  /** Apple's number of the app in its store. Google Play has none of its own: it goes by the package name. */
  store_id?: string;
  /** The name that people know it by. */
  name?: string;
  version?: string;
  /** Version with build number. */
  build?: string;
}

/** The device that an `app` event happened on. Texts as the platform's SDKs report them. */
export interface DeviceInfo {
  os_version?: string;
  model?: string;
  locale?: string;
  /** Abbreviation, such as `PDT`. */
  timezone?: string;
  /** IANA name, such as `America/Los_Angeles`. */
  timezone_name?: string;
  carrier?: string;
  /** Points. */
  screen_width?: string;
  screen_height?: string;
  screen_density?: string;
  cpu_cores?: string;
  storage_gb?: string;
  free_storage_gb?: string;
  /** IDFA or advertising id; absent when the person limited it. */
  advertising_id?: string;
  /** IDFV: Apple's id of the device for all apps of one vendor. */
  vendor_id?: string;
  /** The person's answer to the system's tracking prompt (ATT), or the Android setting. */
  advertising_tracking_allowed?: boolean;
  /** The same question answered inside the app. */
  application_tracking_allowed?: boolean;
}

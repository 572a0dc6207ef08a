/** Physical name of a resource. Fixed names let people, logs and alarms speak of `tracklayer-production-lane-meta`. */
export function resourceName(environment: string, ...parts: readonly string[]): string {
  return ["tracklayer", environment, ...parts].join("-");
}

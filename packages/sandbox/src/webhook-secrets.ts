import { ControlError } from "./control-error.ts";
import { isWebhookSecret } from "./platforms/webhook.ts";

/** Which secrets each receiver verifies signatures with. */
export interface WebhookSecrets {
  /** Throws `ControlError` for what is no URL or no secret; several of one receiver are tried in turn. */
  register(url: string, secret: string): void;
  /** Those of a host and path. */
  at(target: string): readonly string[];
  reset(): void;
}

/** An empty register. */
export function createWebhookSecrets(): WebhookSecrets {
  const secrets = new Map<string, string[]>();
  return {
    register(url, secret) {
      if (!URL.canParse(url)) throw new ControlError("url is not a URL");
      if (!isWebhookSecret(secret)) throw new ControlError("secret is not whsec_<base64>");
      const { hostname, pathname } = new URL(url);
      const known = secrets.get(hostname + pathname) ?? [];
      secrets.set(hostname + pathname, [...new Set([...known, secret])]);
    },
    at: (target) => secrets.get(target) ?? [],
    reset: () => secrets.clear(),
  };
}

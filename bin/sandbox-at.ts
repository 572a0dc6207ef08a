/** A sandbox that was started elsewhere. */
interface RemoteSandbox {
  readonly url: string;
  registerWebhookSecret(url: string, secret: string): Promise<void>;
  registerServiceAccount(email: string, publicKey: string): Promise<void>;
  /** Leaves it running: whoever started it still reads from it. */
  stop(): Promise<void>;
}

/** Speaks to the control API of the sandbox at this address. */
export function sandboxAt(address: string): RemoteSandbox {
  const url = address.replace(/\/+$/, "");
  const tell = async (path: string, body: object): Promise<void> => {
    const response = await fetch(`${url}/_sandbox/${path}`, { method: "POST", body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`the sandbox at ${url} answered ${response.status}: ${await response.text()}`);
  };
  return {
    url,
    registerWebhookSecret: (target, secret) => tell("webhook-secret", { url: target, secret }),
    registerServiceAccount: (email, publicKey) => tell("tokens", { serviceAccount: { email, publicKey } }),
    stop: async () => {},
  };
}

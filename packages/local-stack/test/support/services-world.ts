import { join } from "node:path";
import { type LocalCredentials, type Services, startServices } from "../../src/services.ts";
import { temporaryDirectory, writeAssembly } from "./assembly-fixture.ts";

/** The services of one template for all tests of a file, under a clock of their own. */
export class ServicesWorld {
  nowMs = Date.parse("2026-03-01T10:00:00Z");
  /** What was said to whoever runs the stack. */
  readonly lines: string[] = [];
  readonly secretsFile = join(temporaryDirectory(), "secrets.json");
  #services: Services | undefined;

  constructor(template: object) {
    beforeAll(async () => {
      this.#services = await startServices({
        cdkOutDir: writeAssembly(template),
        secretsFile: this.secretsFile,
        log: (line) => void this.lines.push(line),
        now: () => this.nowMs,
      });
    });
    afterAll(() => this.services.stop());
  }

  get services(): Services {
    if (this.#services === undefined) throw new Error("the services run within a test only");
    return this.#services;
  }

  /** For Amazon's own clients. */
  clientConfig(credentials: LocalCredentials) {
    return { endpoint: this.services.gatewayUrl, region: "us-east-1", credentials, maxAttempts: 1 };
  }

  /** Asks the stack's own routes, below `/_local`. */
  async control(method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }> {
    const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
    const response = await fetch(`${this.services.gatewayUrl}${path}`, init);
    return { status: response.status, body: await response.json() };
  }
}

import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  explained,
  forgetLocalState,
  type LocalState,
  readLocalState,
  writeLocalState,
} from "../../bin/local-state.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "local-state-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

const state: LocalState = {
  apiUrl: "http://127.0.0.1:4700",
  gatewayUrl: "",
  region: "us-east-1",
  credentials: { accessKeyId: "", secretAccessKey: "" },
  tables: { delivery: "", identity: "" },
  stackOutputs: {},
  keys: {},
  sandboxUrl: "",
};

test("a stack that ends takes its addresses back, but not those of the one started after it", () => {
  writeLocalState(state, directory);
  forgetLocalState("http://127.0.0.1:5000", directory);
  expect(readLocalState(directory)).toEqual(state);
  forgetLocalState(state.apiUrl, directory);
  expect(() => readLocalState(directory)).toThrow("no local stack is running here");
  expect(() => forgetLocalState(state.apiUrl, directory)).not.toThrow();
});

test("a refused connection is told as a stack that does not run, however deep fetch hides it", () => {
  const refused = Object.assign(new Error("connect ECONNREFUSED 127.0.0.1:4700"), { code: "ECONNREFUSED" });
  const told = "no local stack is running here: start one with `npm start`";
  expect(explained(refused).message).toBe(told);
  expect(explained(new TypeError("fetch failed", { cause: refused })).message).toBe(told);
  expect(explained(new Error("--shoppers: a whole number")).message).toBe("--shoppers: a whole number");
});

test("the file opens everything of the stack, so that only its owner reads it, also where an older one was open", () => {
  const file = join(directory, "local.json");
  writeFileSync(file, "{}", { mode: 0o644 });
  writeLocalState(state, directory);
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

// Native ESM under jest: the product is ESM, and the tests load what ships.
export default {
  testEnvironment: "node",
  extensionsToTreatAsEsm: [".ts"],
  transform: {
    "\\.ts$": ["@swc/jest", { jsc: { parser: { syntax: "typescript" }, target: "es2024" } }],
  },
  testMatch: ["<rootDir>/test/**/*.test.ts", "<rootDir>/packages/*/test/**/*.test.ts"],
  modulePathIgnorePatterns: ["<rootDir>/cdk.out", "<rootDir>/dist"],
  restoreMocks: true,
  injectGlobals: true,
};

// Two projects. `unit` is pure and takes seconds. `server` talks to a real Postgres, one server for the whole
// run, started by the global setup; each test makes databases of its own on it (test/support/server.ts).
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/**/*.unit.test.ts"],
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: "server",
          include: ["test/**/*.server.test.ts"],
          globalSetup: ["test/support/global-setup.ts"],
          pool: "forks",
          // Tests wait for the server much of the time, so one more than the two cores of a small CI machine.
          maxWorkers: 3,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});

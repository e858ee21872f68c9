/** A workflow of GitHub Actions: lints what a pull request changes, and shows the plan in the run's summary. */

export const workflowFile = '.github/workflows/migrations.yml';

export function workflowText(dir: string): string {
  return `name: migrations
on:
  pull_request:
    paths: [${JSON.stringify(`${dir}/**`)}]
permissions:
  contents: read
jobs:
  lint:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
        with: { fetch-depth: 0 } # the commits with which it compares
      - uses: actions/setup-node@v4
        with: { node-version: 22 }
      - run: npm ci --ignore-scripts
      - run: npx migrate lint --changed --format github
      # With a DATABASE_URL that may read production, the plan is for its schema and knows its sizes:
      # - run: npx migrate plan --format markdown >> "$GITHUB_STEP_SUMMARY"
      #   env: { DATABASE_URL: "\${{ secrets.DATABASE_URL }}" }
`;
}

/** The package has no types of its own. */
declare module 'pgpass' {
  type Asked = { host: string; port: number; database: string | undefined; user: string | undefined };
  function pgpass(asked: Asked, answer: (password: string | undefined) => void): void;
  export = pgpass;
}

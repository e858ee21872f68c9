import { expect, test } from 'vitest';
import { isKeyword, isKeywordThatNeedsQuotes } from '../../src/postgres/keywords.ts';
import { withDatabase } from '../support/server.ts';

test('every key word is known, and every one that the server quotes is quoted here', async () => {
  await withDatabase(async (database) => {
    const client = await database.connect();
    const { rows } = await client.query<{ word: string; quoted: boolean }>(
      'select word, quote_ident(word) <> word as quoted from pg_get_keywords()',
    );
    expect(rows.length).toBeGreaterThan(400);
    expect(rows.filter(({ word }) => !isKeyword(word))).toEqual([]);
    expect(rows.filter(({ word, quoted }) => quoted && !isKeywordThatNeedsQuotes(word))).toEqual([]);
  });
});

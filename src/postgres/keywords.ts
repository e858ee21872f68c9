/**
 * The key words of SQL that a name may not be spelled like without quotes.
 *
 * Source: src/include/parser/kwlist.h of Postgres 18. Unreserved words are left out: they need no quotes. The words of
 * 18 are a superset of those of 14–17 as far as quoting goes (test/postgres/keywords.server.test.ts asks the server).
 */

/** May name a column or a table, but not a function or a type. */
const columnNameKeywords = `
  between bigint bit boolean char character coalesce dec decimal exists extract float greatest grouping inout
  int integer interval json json_array json_arrayagg json_exists json_object json_objectagg json_query
  json_scalar json_serialize json_table json_value least merge_action national nchar none normalize nullif
  numeric out overlay position precision real row setof smallint substring time timestamp treat trim values
  varchar xmlattributes xmlconcat xmlelement xmlexists xmlforest xmlnamespaces xmlparse xmlpi xmlroot
  xmlserialize xmltable
`;

/** May name a function or a type, but not a column or a table. */
const typeOrFunctionNameKeywords = `
  authorization binary collation concurrently cross current_schema freeze full ilike inner is isnull join left
  like natural notnull outer overlaps right similar tablesample verbose
`;

const reservedKeywords = `
  all analyse analyze and any array as asc asymmetric both case cast check collate column constraint create
  current_catalog current_date current_role current_time current_timestamp current_user default deferrable desc
  distinct do else end except false fetch for foreign from grant group having in initially intersect into
  lateral leading limit localtime localtimestamp not null offset on only or order placing primary references
  returning select session_user some symmetric system_user table then to trailing true union unique user using
  variadic when where window with
`;

const wordsThatNeedQuotes: ReadonlySet<string> = new Set(
  [columnNameKeywords, typeOrFunctionNameKeywords, reservedKeywords].flatMap((words) => words.trim().split(/\s+/)),
);

/** Whether `quote_ident` quotes this lower-case word because it is a key word. */
export function isKeywordThatNeedsQuotes(word: string): boolean {
  return wordsThatNeedQuotes.has(word);
}
